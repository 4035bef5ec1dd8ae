"""What users of the simulated M3 see and do there, and what goes wrong with its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duehook.core.hookspecs import CommandKind
from duehook.core.testing.book_simulator import DATE, BookSimulator

from .programs.information import key_of
from .site import Site
from .tables.lines import Line

AMOUNT = "amount"


class M3Users(BookSimulator):
    """The people at an M3; only after `start`."""

    site: Site

    def spoil(self, item: str, flaw: str = DATE) -> None:
        """Let an item's row hold dates that are none, or amounts that are no numbers."""
        with self.moving:
            self.site.cells.spoilt[item] = flaw

    def spoil_payment(self, payment: str, flaw: str = DATE) -> None:
        """Let the rows of a payment hold such."""
        with self.moving:
            self.site.cells.spoilt_payments[payment] = flaw

    def hold(self, company: str, customer: str) -> str | None:
        """Return the customer stop, None for 0."""
        found = self.site.customers.of(self.book.customers[customer], ("BLCD",))["BLCD"]
        return found if found != "0" else None

    def user_sets_hold(self, company: str, customer: str, value: str | None) -> None:
        """Let a user of M3 set or lift the customer stop."""
        with self.act() as book:
            self.site.written.forget("OCUSMA", customer, "BLCD")
            book.set_hold(customer, value)
        self.keep()

    def notes(self, customer: str) -> list[str]:
        """Return the lines of a customer's texts, oldest first."""
        return [line for text in self.texts(customer) for line in text.split("\r\n") if line.strip()]

    def texts(self, customer: str) -> list[str]:
        """Return each block of a customer's text as it is."""
        return list(self.site.texts.whole(customer))

    def user_writes_note(self, customer: str, text: str) -> None:
        """Let a user of M3 write behind the customer's text, in the block without a name."""
        with self.moving:
            self.site.texts.append(customer, "", "", lines=text.split("\r\n"))
            self.keep()

    def seen(self, kind: CommandKind, company: str, customer: str, item: str | None) -> Mapping[str, Any]:
        """Return what became of a stop of reminders, their count, a promise or a dispute of an item."""
        if item is None or item not in self.site.ledger.rows:
            return {}
        line = self.site.ledger.rows[item][0]
        if kind == "set_promise":
            return self._promise(line)
        if kind == "set_dispute":
            told = self.site.information.get(key_of(line), [])
            return {"texts": tuple(each["SEXI"] for each in told)} if told else {}
        names = ("RMBL", "BLBY", "BLDT") if kind == "set_dunning_block" else ("RMQT", "LRDT")
        return self.site.cells.of(line, names)

    def _promise(self, line: Line) -> dict[str, str]:
        """Return the promise beside an invoice; without its day it is none yet."""
        key = f"FSLEDG|{key_of(line)}||||"
        held = self.site.extensions.get(key, {})
        if not held.get("DAT1"):
            return {}
        return {
            "on": held["DAT1"],
            "amount": held.get("N096", ""),
            "status": held.get("A030", ""),
            "text": held.get("A121", ""),
        }
