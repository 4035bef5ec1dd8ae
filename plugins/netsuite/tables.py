"""The tables that are read, and how they are joined; tests compare their columns with those of real accounts.

A transaction's own line (`mainline`) has what is open of it: `foreignamountunpaid` of an invoice,
`foreignpaymentamountunused` of a payment or credit. A journal has no such line: what of it stands on receivables
are its lines on an account of type AcctRec that name a customer.
"""

from __future__ import annotations

from typing import Final

from .settings import InstalmentColumns, NetsuiteSettings
from .suiteql import Column, Kind, Query, any_of, codes, ids

DOCUMENTS: Final = ("CustInvc", "CustCred", "CustPymt", "CustDep")  # what may be an item
MONEY: Final = ("CustPymt", "CustDep", "CustRfnd")  # what is a payment
CREDITS: Final = ("CustCred", "CustPymt", "CustDep")  # what is owed to the customer
APPLYING: Final = ("CustCred", "CustPymt", "CustDep", "DepAppl", "CustRfnd", "Journal")  # what changes others
DEPOSIT: Final = "CustDep"
JOURNAL: Final = "Journal"
RECEIVABLE: Final = "AcctRec"
# The record API's names of transactions, and the permissions that show them.
RECORDS: Final = {
    "CustInvc": ("invoice", "Invoice"),
    "CustCred": ("creditmemo", "Credit Memo"),
    "CustPymt": ("customerpayment", "Customer Payment"),
    "CustDep": ("customerdeposit", "Customer Deposit"),
    "CustRfnd": ("customerrefund", "Customer Refund"),
    "Journal": ("journalentry", "Make Journal Entry"),
}

ID: Final = Column("id", "t.id", "whole")
LINE: Final = Column("line", "tl.id", "whole")
UNPAID: Final = "NVL(tl.foreignamountunpaid,0)"
UNUSED: Final = "NVL(tl.foreignpaymentamountunused,0)"
LEFT: Final = any_of(f"{UNPAID} <> 0", f"{UNUSED} <> 0")
TAX_ID: Final = "vatregnumber"  # which not every account has; customers are read without it where there is none
ON_HOLD: Final = "oncredithold"  # whether a hold is in effect, by creditholdoverride or, with AUTO, by the limit
OPTIONAL: Final = (TAX_ID, ON_HOLD)  # of customers
POSTED: Final = "t.posting = 'T'"

_TABLES: Final = {"t": "transaction", "tl": "transactionline", "al": "transactionaccountingline", "a": "account"}
_HEAD: Final = (
    Column("doctype", "t.type"),
    Column("tranid", "t.tranid"),
    Column("entity", "t.entity"),
    Column("trandate", "t.trandate", "date"),
    Column("duedate", "t.duedate", "date"),
    Column("closedate", "t.closedate", "date"),
    Column("currency", "t.currency"),
    Column("terms", "t.terms"),
    Column("otherrefnum", "t.otherrefnum"),
    Column("memo", "t.memo"),
    Column("status", "t.status"),
    Column("voided", "t.voided"),
    Column("modified", "t.lastmodifieddate", "instant"),
    Column("subsidiary", "tl.subsidiary"),
    Column("foreignamount", "tl.foreignamount", "amount"),
    Column("unpaid", UNPAID, "amount"),
    Column("unused", UNUSED, "amount"),
    Column("companyamount", "al.amount", "amount"),
    Column("companyunpaid", "al.amountunpaid", "amount"),
    Column("companyunused", "al.paymentamountunused", "amount"),
)
CLASS: Final = "classfield"  # under which the field that `class_field` names comes back
DISPUTE: Final = "disputefield"  # so that of `dispute.field`
LEVEL, DUNNED_ON, PAUSED = "dunninglevel", "dunnedon", "dunningpaused"  # and so those of `dunning`
AMOUNTS: Final = (  # what totals need
    "doctype", "terms", "currency", "modified", "subsidiary", "foreignamount", "unpaid", "unused", "companyamount",
    "companyunpaid", "companyunused", "entity", CLASS,
)  # fmt: skip
HEADER: Final = Query(
    "transaction t", {"t": "transaction"}, (ID,), (Column("doctype", "t.type"), Column("entity", "t.entity"))
)
OPEN_KEY: Final = Query(
    "transaction t JOIN transactionline tl ON tl.transaction = t.id AND tl.mainline = 'T'",
    {"t": "transaction", "tl": "transactionline"},
    (ID,),
    (Column("doctype", "t.type"), Column("subsidiary", "tl.subsidiary")),
    (POSTED,),
)
WRITABLE: Final = OPEN_KEY.with_columns(Column("entity", "t.entity"))
SUBSIDIARY: Final = Query(
    "subsidiary s",
    {"s": "subsidiary"},
    (Column("id", "s.id", "whole"),),
    tuple(
        Column(name, f"s.{name}") for name in ("name", "legalname", "currency", "country", "federalidnumber",
                                               "iselimination", "isinactive")
    ),
)  # fmt: skip
CURRENCY: Final = Query(
    "currency u", {"u": "currency"}, (Column("id", "u.id", "whole"),), (Column("symbol", "u.symbol"),)
)
TERM: Final = Query(
    "term m",
    {"m": "term"},
    (Column("id", "m.id", "whole"),),
    (
        Column("name", "m.name"),
        Column("daysuntilnetdue", "m.daysuntilnetdue", "whole"),
        Column("daysuntilexpiry", "m.daysuntilexpiry", "whole"),
        Column("discountpercent", "m.discountpercent", "amount"),
    ),
)
_CUSTOMER_NAME: Final = tuple(
    Column(name, f"c.{name}")
    for name in ("entityid", "companyname", "isperson", "firstname", "lastname", "altname", "email", "phone")
)
_CUSTOMER: Final = (
    *_CUSTOMER_NAME,
    Column("terms", "c.terms"),
    Column("currency", "c.currency"),
    Column("parent", "c.parent"),
    Column("category", "c.category"),
    Column("entitystatus", "c.entitystatus"),
    Column("lang", "c.language"),
    Column("creditlimit", "c.creditlimit", "amount"),
    Column("creditholdoverride", "c.creditholdoverride"),
    Column(ON_HOLD, f"c.{ON_HOLD}"),
    Column(TAX_ID, f"c.{TAX_ID}"),
    Column("modified", "c.lastmodifieddate", "instant"),
)
_ADDRESS: Final = tuple(
    Column(name, f"ad.{name}") for name in ("addr1", "addr2", "addr3", "city", "state", "zip", "country")
)
MEMBER: Final = Query(
    "customersubsidiaryrelationship r JOIN customer c ON c.id = r.entity",
    {"r": "customersubsidiaryrelationship", "c": "customer"},
    (Column("relation", "r.id", "whole"),),
    (Column("id", "r.entity", "whole"), Column("subsidiary", "r.subsidiary")),
)
HOLD: Final = MEMBER.with_columns(Column("creditholdoverride", "c.creditholdoverride"))
OWN_CONTACT: Final = Query(
    "customer c",
    {"c": "customer"},
    (Column("id", "c.id", "whole"),),
    (*_CUSTOMER_NAME, Column("modified", "c.lastmodifieddate", "instant")),
    ("c.email IS NOT NULL",),
)
CONTACT: Final = Query(
    "contact k JOIN customer c ON c.id = k.company LEFT JOIN contactrole cr ON cr.id = k.contactrole",
    {"k": "contact", "c": "customer", "cr": "contactrole"},
    (Column("id", "k.id", "whole"),),
    (
        Column("customer", "k.company"),
        Column("entityid", "k.entityid"),
        Column("firstname", "k.firstname"),
        Column("lastname", "k.lastname"),
        Column("email", "k.email"),
        Column("phone", "k.phone"),
        Column("contactrole", "k.contactrole"),
        Column("rolename", "cr.name"),
        Column("modified", "k.lastmodifieddate", "instant"),
    ),
    ("NVL(k.isinactive,'F') = 'F'",),
)
_PAID: Final = "l.linktype = 'Payment'"
LINK: Final = Query(
    "NextTransactionLineLink l JOIN transaction n ON n.id = l.nextdoc JOIN transaction p ON p.id = l.previousdoc "
    "LEFT JOIN transactionline pl ON pl.transaction = l.previousdoc AND pl.mainline = 'T' "
    "LEFT JOIN transactionline nl ON nl.transaction = l.nextdoc AND nl.mainline = 'T'",
    {
        "l": "NextTransactionLineLink",
        "n": "transaction",
        "p": "transaction",
        "pl": "transactionline",
        "nl": "transactionline",
    },
    tuple(Column(name, f"l.{name}", "whole") for name in ("nextdoc", "nextline", "previousdoc", "previousline")),
    (
        Column("foreignamount", "l.foreignamount", "amount"),
        Column("nexttype", "n.type"),
        Column("previoustype", "p.type"),
        Column("trandate", "n.trandate", "date"),
        Column("currency", "p.currency"),
        Column("modified", "n.lastmodifieddate", "instant"),
        Column("subsidiary", "pl.subsidiary"),
        Column("nextsubsidiary", "nl.subsidiary"),
    ),
    (_PAID, codes("n.type", APPLYING)),
)
APPLIED: Final = Query(  # which documents others were applied to
    "NextTransactionLineLink l", {"l": "NextTransactionLineLink"}, LINK.key, (), (_PAID,)
)


def documents(book: str) -> Query:
    """Return the documents' own lines with what stands beside them in the primary accounting book."""
    beside = (
        "LEFT JOIN transactionaccountingline al ON al.transaction = tl.transaction AND al.transactionline = tl.id "
        f"AND al.accountingbook = {int(book)}"
    )
    return Query(f"{OPEN_KEY.source} {beside}", _TABLES, (ID,), _HEAD, (POSTED,))


def journals(book: str) -> Query:
    """Return the lines of journals that stand on receivables and name a customer."""
    source = (
        "transaction t JOIN transactionline tl ON tl.transaction = t.id "
        "JOIN transactionaccountingline al ON al.transaction = tl.transaction AND al.transactionline = tl.id "
        f"AND al.accountingbook = {int(book)} JOIN account a ON a.id = al.account"
    )
    mine = Column("entity", "tl.entity")
    columns = tuple(mine if each.name == "entity" else each for each in _HEAD)
    where = (f"t.type = '{JOURNAL}'", POSTED, "tl.entity IS NOT NULL", f"a.accttype = '{RECEIVABLE}'")
    return Query(source, _TABLES, (ID, LINE), columns, where)


def customers(addresses: str | None) -> Query:
    """Return customers as each subsidiary knows them, with their address where its table is named."""
    query = MEMBER.with_columns(*_CUSTOMER)
    if addresses is None:
        return query
    joined = f"{query.source} LEFT JOIN {addresses} ad ON ad.nkey = c.defaultbillingaddress"
    tables = {**query.tables, "ad": addresses}
    return Query(joined, tables, query.key, (*query.columns, *_ADDRESS))


def instalments(table: str, names: InstalmentColumns) -> Query:
    """Return the instalments of documents, in the order of their numbers."""
    own = {"companyamount": names.company_amount, "companyunpaid": names.company_open_amount}
    return Query(
        f"{table} i",
        {"i": table},
        (Column("id", f"i.{names.transaction}", "whole"), Column("seq", f"i.{names.number}", "whole")),
        (
            Column("duedate", f"i.{names.due}", "date"),
            Column("foreignamount", f"i.{names.amount}", "amount"),
            Column("unpaid", f"i.{names.open_amount}", "amount"),
            *(Column(name, f"i.{column}", "amount") for name, column in own.items() if column),
        ),
    )


def rates(table: str) -> Query:
    """Return the exchange rates, in the order in which they were made."""
    return Query(
        f"{table} x",
        {"x": table},
        (Column("id", "x.id", "whole"),),
        (
            Column("basecurrency", "x.basecurrency"),
            Column("transactioncurrency", "x.transactioncurrency"),
            Column("effectivedate", "x.effectivedate", "date"),
            Column("exchangerate", "x.exchangerate", "amount"),
        ),
    )


def beside(settings: NetsuiteSettings) -> tuple[Column, ...]:
    """Return the account's own body fields that settings name."""
    named: list[tuple[str, str | None, Kind]] = [(CLASS, settings.class_field, "text")]
    if settings.dispute:
        named.append((DISPUTE, settings.dispute.field, "text"))
    if settings.dunning:
        dunning = settings.dunning
        named += [(LEVEL, dunning.level_field, "text"), (DUNNED_ON, dunning.date_field, "date"),
                  (PAUSED, dunning.paused_field, "text")]  # fmt: skip
    return tuple(Column(name, f"t.{column}", kind) for name, column, kind in named if column)


def within(settings: NetsuiteSettings, source: str) -> str | None:
    """Return the condition of the subsidiaries that are read; None for all."""
    return ids(source, settings.companies) if settings.companies else None
