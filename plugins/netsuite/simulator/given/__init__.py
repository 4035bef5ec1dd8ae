"""How the account gives the book's rows: what a connector shall read, worked out from the tables that are served.

What is left open was decided so:

- company: `subsidiary.id`, name, and its currency's symbol.
- customer: one row a row of customersubsidiaryrelationship; name is companyname, of a person first and last name.
  hold is creditholdoverride, AUTO is none. credit_limit is creditlimit, nothing where that is NULL. changed_at is
  lastmodifieddate, which is local time of the account.
- exchange_rate: one unit of transactioncurrency is exchangerate units of basecurrency from effectivedate on.
- contact: company none. `<customer id>|email` where the customer has an e-mail: name, e-mail and phone of the
  customer, purpose main. Each row of contact: name is first and last name, role the name of its contactrole.
- item: CustInvc and CustCred that post; CustPymt and CustDep while something of them is unused; the line of a Journal
  on the account AcctRec that has an entity. amount is the foreignamount of its line, open foreignamountunpaid, or what
  is unused, negative; company amounts those of the primary accounting book. document_on and posted_on are trandate,
  cleared_on is closedate where nothing is open, text is memo, purchase_order otherrefnum of an invoice. An instalment
  (`<id>|<seqnum>`) has no company amounts of its own.
- payment: every CustPymt, CustDep and CustRfnd, amount the foreignamount turned: a refund is negative. A voided one
  (status V) keeps its amounts in its lines, nothing of it is unused; it was reversed on its closedate, which is the
  local day of lastmodifieddate, and so is `<id>|void`.
- allocation: each link of type Payment: amount foreignamount, company that of the bill's line, allocated_on the
  trandate of what paid. A discount, a write-off or a deduction is a credit memo, CM and the number of the payment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from duehook.core.records import Stream
from duehook.plugins.netsuite.simulator.tables.account import Account

from .ledger import allocations, items, payments
from .masters import companies, contacts, customers, rates, terms

Row = dict[str, Any]


def given(account: Account, stream: Stream) -> Iterator[Row]:
    """Yield a stream's rows as a connector shall read them, fields that hold nothing left out."""
    for row in _STREAMS.get(stream, _nothing)(account):
        yield {name: held for name, held in row.items() if held not in (None, "")}


def _nothing(account: Account) -> Iterator[Row]:
    return iter(())


_STREAMS: Final[Mapping[Stream, Callable[[Account], Iterator[Row]]]] = {
    "company": companies,
    "payment_term": terms,
    "exchange_rate": rates,
    "customer": customers,
    "contact": contacts,
    "item": items,
    "payment": payments,
    "allocation": allocations,
}
