"""TransactionSearch: transactions and their lines, what was applied to what, instalments, customers."""

from __future__ import annotations

from typing import Final

from duehook.plugins.netsuite.simulator.soap.names import SALES
from duehook.plugins.netsuite.simulator.soap.records.transactions import NAMES
from duehook.plugins.netsuite.simulator.tables.codes import PRIMARY_BOOK
from duehook.plugins.netsuite.simulator.tables.schema import INSTALMENTS

from .masters import CUSTOMER_FIELDS
from .source import Joined, Part, Source, part, renamed

# t the transaction, l its line, b that line in the primary accounting book, a the line's account
_BOOKED: Final = "AND {0}.transactionline = {1}.id AND {0}.accountingbook = {2}"
_RECORD: Final = " ".join(f"WHEN '{kind}' THEN '{name.lower()}'" for kind, name in NAMES.items())
_BASIC: Final = part(
    f"""
    account ref b.account
    accountType enum.account a.accttype
    amount number b.amount
    amountPaid number COALESCE(b.amountpaid, b.paymentamountused)
    amountRemaining number COALESCE(b.amountunpaid, b.paymentamountunused)
    appliedToForeignAmount number p.foreignamount
    appliedToTransaction ref p.previousdoc
    applyingForeignAmount number n.foreignamount
    applyingTransaction ref n.nextdoc
    closeDate date t.closedate
    creditAmount number b.credit
    currency ref t.currency
    dateCreated stamp t.createddate
    debitAmount number b.debit
    dueDate date t.duedate
    entity ref l.entity
    exchangeRate number t.exchangerate
    externalId ref t.externalid
    fxAmount number l.foreignamount
    internalId ref t.id
    lastModifiedDate stamp t.lastmodifieddate
    lineUniqueKey long l.uniquekey
    mainLine bool l.mainline
    memo text l.memo
    memoMain text t.memo
    netAmount number b.netamount
    posting bool t.posting
    status enum.status t.type || ':' || CASE t.approvalstatus WHEN '1' THEN 'P' ELSE t.status END
    subsidiary ref l.subsidiary
    terms ref t.terms
    tranDate date t.trandate
    tranId text t.tranid
    type enum.type t.type
    otherRefNum textnumber t.otherrefnum
    paidTransaction ref p.previousdoc
    recordType text CASE t.type {_RECORD} END
    class ref NULL
    createdFrom ref NULL
    department ref NULL
    location ref NULL
    salesRep ref NULL
    """,
    filters="""
    appliedToLinkType enum.link p.linktype
    applyingLinkType enum.link n.linktype
    externalIdString text t.externalid
    internalIdNumber long t.id
    mainName ref t.entity
    payingTransaction ref n.nextdoc
    taxLine bool l.taxline
    totalAmount number t.total
    transactionNumber text t.transactionnumber
    voided bool t.voided
    """,
    columns="""
    appliedToLinkType text p.linktype
    applyingLinkType text n.linktype
    line long l.id
    lineSequenceNumber long l.linesequencenumber
    mainName text c.altname
    payingTransaction ref n.nextdoc
    postingPeriod ref t.postingperiod
    signedAmount number b.amount
    total number t.total
    transactionNumber text t.transactionnumber
    """,
)
_INSTALMENT: Final = part(
    """
    dueDate date i.duedate
    fxAmount number i.amount
    fxAmountPaid number i.amount - i.amountdue
    fxAmountRemaining number i.amountdue
    installmentNumber long i.installmentnumber
    """,
    columns="status text i.status",
)


def _linked(prefix: str, link: str, document: str, line: str) -> dict[str, Joined]:
    """Return the tables of the transactions at the other end of links."""
    head, own, booked, account = (f"{prefix}{each}" for each in "tlba")
    both = _BOOKED.format(booked, own, PRIMARY_BOOK)
    return {
        head: Joined(link, f"LEFT JOIN `transaction` {head} ON {head}.id = {document}"),
        own: Joined(head, f"LEFT JOIN transactionline {own} ON {own}.`transaction` = {head}.id AND {own}.id = {line}"),
        booked: Joined(
            own, f"LEFT JOIN transactionaccountingline {booked} ON {booked}.`transaction` = {head}.id {both}"
        ),
        account: Joined(booked, f"LEFT JOIN account {account} ON {account}.id = {booked}.account"),
    }


def _at_other_end(prefix: str) -> Part:
    return renamed(_BASIC, {each: f"{prefix}{each}" for each in "tlba"})


_OWN: Final = _BOOKED.format("b", "l", PRIMARY_BOOK)
_TABLES: Final = {
    "l": Joined("", "JOIN transactionline l ON l.`transaction` = t.id", "l.id"),
    "b": Joined("l", f"LEFT JOIN transactionaccountingline b ON b.`transaction` = t.id {_OWN}"),
    "a": Joined("b", "LEFT JOIN account a ON a.id = b.account"),
    "n": Joined("l", "LEFT JOIN nexttransactionlinelink n ON n.previousdoc = t.id AND n.previousline = l.id",
                "n.nextdoc"),
    "p": Joined("l", "LEFT JOIN nexttransactionlinelink p ON p.nextdoc = t.id AND p.nextline = l.id",
                "p.previousdoc"),
    "i": Joined("l", f"LEFT JOIN {INSTALMENTS} i ON i.`transaction` = t.id AND l.mainline = 'T'", "i.seqnum"),
    "c": Joined("", "LEFT JOIN customer c ON c.id = t.entity"),
    "lc": Joined("l", "LEFT JOIN customer lc ON lc.id = l.entity"),
    **_linked("n", "n", "n.nextdoc", "n.nextline"),
    **_linked("p", "p", "p.previousdoc", "p.previousline"),
}  # fmt: skip
TRANSACTION: Final = Source(
    "Transaction", SALES, "", "transaction", "`transaction` t", "t.id", _BASIC, _TABLES,
    {
        "applyingTransactionJoin": _at_other_end("n"),
        "appliedToTransactionJoin": _at_other_end("p"),
        "customerMainJoin": renamed(CUSTOMER_FIELDS, {"c": "c"}),
        "customerJoin": renamed(CUSTOMER_FIELDS, {"c": "lc"}),
        "installmentJoin": _INSTALMENT,
    },
    always=("l",),
)  # fmt: skip
