"""How Business Central gives the book's rows: what a connector shall read, worked out from the rows that are served.

- company: the company's id; legal_name, address, vat_id and currency from companyInformation.
- payment_term: each company has its own, and they are the same ones; key is the code, days are read from the date
  formulas.
- customer: one row a company. hold is `blocked`, a blank is none. creditLimit 0 is no limit, in the company's
  currency. collector is salespersonCode, and the state where the site hands customers over to one of that name.
- contact: of the company it is read in. `<number>|email` from the customer's own email and phoneNumber (purpose
  main); contacts of type Person by their number, which contactsInformation links to the customer.
- item, from page 25: key Entry_No, customer Customer_No. Invoice, and a blank type: invoice; Credit Memo:
  credit_note; Reminder, Finance Charge Memo: fee. Payment: on_account while something of it is open, and after that
  where Closed_at_Date lies after Posting_Date and nobody reversed it. Currency_Code blank is the company's.
  discount_* only while Remaining_Pmt_Disc_Possible is not 0; dispute_reason Dispute_Status, all that is open is in
  dispute.
- item, from API v2.0 alone: key `I|<number>` and `C|<number>`, drafts left out; a credit memo is open whole or not at
  all, by its status.
- payment: entries of type Payment, key Entry_No, amount turned; Reversed_by_Entry_No links the two of a reversal.
- allocation, from page 573: rows on entries that are no Payment: Application, with the payment where
  Applied_Cust_Ledger_Entry_No is one (cash, else credit); Payment Discount (discount), Payment Tolerance (write_off).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from duehook.core.records import Stream
from duehook.plugins.business_central.simulator.tables.site import Site

from .documents import documents
from .ledger import allocations, items, payments
from .masters import companies, contacts, customers, terms

Row = dict[str, Any]


def given(site: Site, stream: Stream, options: Mapping[str, Any]) -> Iterator[Row]:
    """Yield a stream's rows as a connector shall read them, fields that hold nothing left out."""
    if options["ledger_entries"]:
        rows = _STREAMS[stream](site) if stream in _STREAMS else iter(())
    else:
        rows = _BY_API[stream](site) if stream in _BY_API else iter(())
    left_out = {name for option, names in _FIELDS.items() if not options[option] for name in names}
    for row in rows:
        yield {name: held for name, held in row.items() if held not in (None, "") and name not in left_out}


_MASTERS: Final[Mapping[Stream, Callable[[Site], Iterator[Row]]]] = {
    "company": companies,
    "payment_term": terms,
    "customer": customers,
    "contact": contacts,
}
_STREAMS: Final = {**_MASTERS, "item": items, "payment": payments, "allocation": allocations}
_BY_API: Final = {**_MASTERS, "item": documents}
_FIELDS: Final = {"dispute": ("dispute_reason", "disputed_amount")}
