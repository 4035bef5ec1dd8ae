"""How F&O gives the book's rows: what a connector shall read, worked out from the rows that are served.

What the dossier leaves open was decided so:

- company: `dataAreaId`, four small letters (usmf, demf, jpmf, kwmf). Its currency is not in LegalEntities: it
  is a setting, or read from Ledgers where the site publishes it. legal_name is Name, vat_id VATNum,
  register_number RegistrationNumber.
- customer: one row a company (CustomersV3). state by CredManAccountStatusId (the site's codes),
  IsOneTimeCustomer says one_time. hold is OnHoldStatus, "No" is none. credit_limit: none where
  CredManCustUnlimitedCredit is Yes, or where CreditLimit is 0 and CreditLimitIsMandatory No. dunning_block
  where CollectionLetterCode is None (no letters). group is CustomerGroupId, collector
  CredManCollectionGroupId, language the part of LanguageId before the dash, payer InvoiceAccount unless it is
  blank or the customer itself. There is no parent.
- contact: of the company it is read in. `main|<account>` from CustomersV3.PrimaryContactEmail and -Phone
  (purpose main); ContactPersonId from ContactPersons, purpose by EmploymentJobTitle, and dunning for
  CollectionsContactPersonId; `address|<ElectronicAddressId>` from CustomerElectronicAddresses of Type Email,
  purpose by Purpose.
- item: key `<SysRecId of the transaction>|<due date>`, the date as F&O writes it (1900-01-01 where there is
  none). **What was settled of a transaction is on the item due on the transaction's own DueDate**: that item
  is there whether open or closed, its amount is AmountCur less what is open at other due dates, its open
  amount what is open at its own. Every other due date in CustTransOpens is an item with amount = open amount;
  when it vanishes it is settled, and looked up it is 0 of 0. Rows of one due date are added up. Company
  amounts (AmountMST) likewise. Where CustTransOpens is not there, a transaction is one item, open AmountCur −
  SettleAmountCur. TransType Sales, Cust: invoice, or credit_note when negative; Interest, CollectionLetter:
  fee; PaymMode CHRGBK: chargeback. ExchAdjustment, CashDisc, WriteOff, Settlement are no items. A Payment is
  an on_account item while something of it is open, and after that when it was settled later than posted
  (LastSettleDate after TransDate) and not cancelled: it had stood on account. item_class by PaymMode (the
  site's codes); Prepayment Yes is down_payment. customer is OrderAccount, payer AccountNum where it is
  another. document_no is Invoice, else DocumentNum, else Voucher; document_type TransType; document_on
  DocumentDate, TransDate where that is none; posted_on TransDate; cleared_on LastSettleDate where nothing is
  open (Closed proves nothing); text Txt; reference PaymReference. dunning_level from the open row's
  CollectionLetterCode (Collection is 5, None is none); dunning_block where CollectionLetter is No; a dispute
  (CustDisputes with Status Disputed) stands on the earliest open due date, AmountCur 0 means all that is
  open.
- payment: every transaction of type Payment: key SysRecId, amount −AmountCur, unapplied −(AmountCur −
  SettleAmountCur). CancelledPayment Yes with a positive AmountCur is a reversal: of the Payment whose Voucher
  its LastSettleVoucher names; the other was reversed on LastSettleDate.
- allocation, only where settlements are published: each settlement of an item's transaction, on the item of
  the transaction's own due date; kind by the TransType of the other side, payment its SysRecId where that is
  a Payment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from duehook.core.records import Stream
from duehook.core.testing.book.people import COMPANIES
from duehook.plugins.d365.simulator.tables.codes import MODES, PURPOSES, STATES, TITLES, data_area
from duehook.plugins.d365.simulator.tables.ledger_rows import Row
from duehook.plugins.d365.simulator.tables.site import Site

from .ledger import allocations, items, payments
from .masters import companies, contacts, customers, rates, terms

SITE_SETTINGS: Final[Mapping[str, Any]] = {
    "calls_per_second": 1_000,  # a simulator need not be spared
    "company_currencies": {data_area(company.code): company.currency for company in COMPANIES},
    "codes.class_by_payment_mode": {mode: item_class for item_class, mode in MODES.items()},
    "codes.state_by_credit_status": {status: state for state, status in STATES.items()},
    "codes.purpose_by_job_title": TITLES,
    "codes.purpose_by_address_purpose": PURPOSES,
}


def given(site: Site, stream: Stream) -> Iterator[Row]:
    """Yield a stream's rows as a connector shall read them, fields that hold nothing left out."""
    for row in _STREAMS[stream](site):
        yield {name: held for name, held in row.items() if held not in (None, "")}


_STREAMS: Final[Mapping[Stream, Callable[[Site], Iterator[Row]]]] = {
    "company": companies,
    "payment_term": terms,
    "exchange_rate": rates,
    "customer": customers,
    "contact": contacts,
    "item": items,
    "payment": payments,
    "allocation": allocations,
}
