"""The lists of transactions: what was applied to what, instalments, and the lines of journals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from duehook.plugins.netsuite.simulator.soap.names import COMMON, CUSTOMERS, GENERAL, SALES, tag
from duehook.plugins.netsuite.simulator.tables.codes import CREDIT, DEPOSIT, INVOICE, JOURNAL, PAYMENT, TYPE_TEXTS
from duehook.plugins.netsuite.simulator.tables.schema import INSTALMENTS

from .shape import Context, Field, fields, put

Row = dict[str, Any]
_APPLIED: Final = {  # the list's element, and its fields in the order of the schema
    PAYMENT: ("apply", fields(
        "apply:bool doc:long line:long applyDate:date type refNum total:number due:number currency amount:number"
    )),
    CREDIT: ("apply", fields(
        "apply:bool doc:long applyDate:date type refNum total:number due:number currency amount:number line:long"
    )),
    DEPOSIT: ("customerDepositApply", fields(
        "doc:long line:long apply:bool applyDate:date type refNum total:number amount:number"
    )),
}  # fmt: skip
_LINKS: Final = """
    SELECT k.nextdoc, 'T' AS apply, k.previousdoc AS doc, k.previousline AS line, p.trandate AS applydate, p.type,
        p.tranid AS refnum, p.foreigntotal AS total, l.foreignamountunpaid AS due, m.name AS currency,
        k.foreignamount AS amount
    FROM nexttransactionlinelink k JOIN `transaction` p ON p.id = k.previousdoc
    JOIN transactionline l ON l.`transaction` = k.previousdoc AND l.id = k.previousline
    JOIN currency m ON m.id = p.currency
    WHERE k.linktype = 'Payment' AND k.nextdoc IN ({marks}) ORDER BY k.nextdoc, k.previousdoc, k.previousline
"""
_LINES: Final = """
    SELECT `transaction`, expenseaccount AS account, id AS line, entity, memo, foreignamount,
        CASE WHEN foreignamount >= 0 THEN foreignamount END AS debit,
        CASE WHEN foreignamount < 0 THEN -foreignamount END AS credit
    FROM transactionline WHERE `transaction` IN ({marks}) ORDER BY `transaction`, id
"""
_LINE_FIELDS: Final = fields("account:ref.account line:long debit:number credit:number memo entity:ref.customer")
_PARTS: Final = f"SELECT * FROM {INSTALMENTS} WHERE `transaction` IN ({{marks}}) ORDER BY `transaction`, seqnum"
_PART_FIELDS: Final = fields("amount:number dueDate:date amountDue:number seqNum:long status")

Made = Sequence[tuple[Row, Element]]


def add_lists(made: Made, context: Context) -> None:
    """Add to records the lists that they have."""
    _add_applied([each for each in made if each[0]["type"] in _APPLIED], context)
    journals = [each for each in made if each[0]["type"] == JOURNAL]
    for record, rows in _found(journals, _LINES, "transaction", context):
        _add(record, tag(GENERAL, "lineList"), tag(GENERAL, "line"), (GENERAL, _LINE_FIELDS, rows), context=context)
    if INSTALMENTS not in context.database.schema.tables:
        return
    invoices = [each for each in made if each[0]["type"] == INVOICE]
    for record, rows in _found(invoices, _PARTS, "transaction", context):
        if rows:
            _add(record, tag(SALES, "installmentList"), tag(COMMON, "installment"), (COMMON, _PART_FIELDS, rows),
                 context=context)  # fmt: skip


def _add_applied(made: Made, context: Context) -> None:
    kinds = {id(record): row["type"] for row, record in made}
    for record, rows in _found(made, _LINKS, "nextdoc", context):
        name, listed = _APPLIED[kinds[id(record)]]
        for row in rows:
            row["type"] = TYPE_TEXTS.get(row["type"], row["type"])
        if rows:
            parts = CUSTOMERS, listed, rows
            _add(record, tag(CUSTOMERS, "applyList"), tag(CUSTOMERS, name), parts, context=context)


def _found(made: Made, statement: str, by: str, context: Context) -> list[tuple[Element, list[Row]]]:
    """Return each record with the rows that a statement finds of it."""
    keys = [row["id"] for row, _ in made]
    found: dict[int, list[Row]] = {key: [] for key in keys}
    if keys:
        for row in context.database.rows(statement.format(marks=", ".join("?" * len(keys))), *keys):
            found[row[by]].append(row)
    return [(record, found[row["id"]]) for row, record in made]


def _add(
    record: Element, list_name: str, name: str, content: tuple[str, tuple[Field, ...], list[Row]], *, context: Context
) -> None:
    namespace, listed, rows = content
    held = SubElement(record, list_name)
    for row in rows:
        line = SubElement(held, name)
        for field in listed:
            put(line, tag(namespace, field.name), field.kind, row.get(field.column), context=context)
