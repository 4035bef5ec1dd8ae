"""Change documents: CDHDR and CDPOS of the object DEBI tell which customer's data changed, when, and which field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from duehook.core.testing.book import Change

from .schema import day, padded
from .store import Store

OBJECT: Final = "DEBI"
_FIELDS: Final = {
    "hold": ("KNKK", "CRBLB"), "credit_limit": ("KNKK", "KLIMK"), "dunning_block": ("KNB5", "MANSP"),
    "collector": ("KNB1", "BUSAB"), "state": ("KNA1", "AUFSD"),
}  # fmt: skip
_MADE: Final = ("KNA1", "KEY")
_MAIL: Final = ("ADR6", "SMTP_ADDR")
NEW_COMPANY: Final = ("KNB1", "KEY")


class ChangeDocuments:
    """Writes a change document for every change of a customer's data."""

    def __init__(self, store: Store) -> None:
        """Begin with none."""
        self._store = store
        self._number = 0

    def of(self, change: Change, customer: str) -> None:
        """Write down a change of the book."""
        what = _MAIL if change.stream == "contact" else _FIELDS.get(change.field or "", _MADE)
        self.write(customer, what, change.at, made=change.act == "added")

    def write(self, customer: str, what: tuple[str, str], at: datetime, *, made: bool = False) -> None:
        """Write down that a field of a customer changed."""
        self._number += 1
        moment = at.astimezone(UTC)
        key = {"OBJECTCLAS": OBJECT, "OBJECTID": padded(customer), "CHANGENR": padded(self._number)}
        self._store.put("CDHDR", {
            **key, "USERNAME": "SIMUSER", "UDATE": day(moment.date()), "UTIME": f"{moment:%H%M%S}",
            "TCODE": "XD01" if made else "XD02", "CHANGE_IND": "I" if made else "U",
        })  # fmt: skip
        table, field = what
        act = "I" if made else "U"
        self._store.put("CDPOS", {
            **key, "TABNAME": table, "TABKEY": f"100{padded(customer)}", "FNAME": field, "CHNGIND": act,
        })  # fmt: skip
