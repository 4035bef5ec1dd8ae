"""An account without OneWorld: of the book's companies it has the first one alone, with what was posted there."""

from __future__ import annotations

from typing import Final

from .database import Database

ONLY: Final = 1  # the id of the subsidiary whose rows are kept
ONLY_NAME: Final = "The one company"
_ELSEWHERE: Final = (
    ("customersubsidiaryrelationship", f"subsidiary <> {ONLY}"),
    ("subsidiary", f"id <> {ONLY}"),
    ("transaction", f"id IN (SELECT l.`transaction` FROM transactionline l WHERE l.subsidiary <> {ONLY})"),
    ("transactionaccountingline", "`transaction` NOT IN (SELECT t.id FROM `transaction` t)"),
    ("transactionline", "`transaction` NOT IN (SELECT t.id FROM `transaction` t)"),
    ("nexttransactionlinelink", "previousdoc NOT IN (SELECT t.id FROM `transaction` t)"),
    ("nexttransactionlinelink", "nextdoc NOT IN (SELECT t.id FROM `transaction` t)"),
    ("customer", "id NOT IN (SELECT r.entity FROM customersubsidiaryrelationship r)"),
    ("contact", "company NOT IN (SELECT c.id FROM customer c)"),
    ("entityaddress", "nkey NOT IN (SELECT c.id FROM customer c)"),
)


def keep_one(database: Database) -> None:
    """Take away the rows of other companies."""
    for table, where in _ELSEWHERE:
        database.clear(table, where)
    database.connection.execute("UPDATE subsidiary SET name = ?, legalname = NULL, country = NULL, "
                                "federalidnumber = NULL", (ONLY_NAME,))  # fmt: skip
