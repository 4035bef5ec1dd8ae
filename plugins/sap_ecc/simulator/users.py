"""What users of the simulated ECC see and do there, and what goes wrong with its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duehook.core.hookspecs import CommandKind
from duehook.core.testing.book_simulator import DATE, BookSimulator
from duehook.core.testing.sap_ledger.codes import company_code

from .system import System
from .tables.masters import BLOCK


class EccUsers(BookSimulator):
    """The people at an ECC, over one client of it; only after `start`."""

    _system: System | None = None

    @property
    def system(self) -> System:
        """Return the client that the settings name; only after `start`."""
        if self._system is None:
            raise RuntimeError("the simulator is not started")
        return self._system

    def spoil(self, item: str, flaw: str = DATE) -> None:
        """Let an item's line have a document date that is none, an amount that does not fit, or no side."""
        with self.moving:
            self.system.lines.spoilt[item] = flaw
            self.system.lines.again([item])

    def spoil_payment(self, payment: str, flaw: str = DATE) -> None:
        """Let the lines of a payment's document have dates that are none, amounts that do not fit, or no side."""
        with self.moving:
            self.system.lines.spoilt_payments[payment] = flaw
            parts = self.book.payments[payment].allocations
            self.system.lines.again(self.book.allocations[key].item for key in parts)

    def halve(self, item: str, way: str) -> None:
        """Let a line's REBZG lack its fiscal year, or name no line of the document."""
        with self.moving:
            self.system.lines.halved[item] = way
            self.system.lines.again([item])

    def own_dunning(self, item: str, level: int) -> None:
        """Let SAP's dunning (F150) raise an item's level today; no change date is touched."""
        with self.moving:
            row = self.book.items[item]
            row.dunning_level, row.last_dunned_on = level, self.book.day
            self.system.lines.again([item])
            if row.customer in self.book.customers:
                self.system.masters.show(row.customer)

    def notes(self, customer: str) -> list[str]:
        """Return the notes on a customer, oldest first."""
        return [text for _, text in self.system.notes(customer)]

    def texts(self, customer: str) -> list[str]:
        """Return a customer's notes as they are."""
        return self.notes(customer)

    def user_writes_note(self, customer: str, text: str) -> None:
        """Let a user write a note of no mark."""
        with self.moving:
            self.system.add_note(customer, "", text)

    def hold(self, company: str, customer: str) -> str | None:
        """Return the credit block of a customer in a company, the book's code or SAP's; None where there is none."""
        return self.system.hold(customer, company_code(company))

    def user_sets_hold(self, company: str, customer: str, value: str | None) -> None:
        """Let a user block or unblock a customer's credit everywhere."""
        with self.act() as book:
            book.set_hold(customer, value)

    def dunning_block(self, company: str, customer: str) -> str | None:
        """Return the dunning block of a customer in a company."""
        return self.system.masters.value(BLOCK, customer, company_code(company)) or None

    def user_sets_dunning_block(self, company: str, customer: str, value: str | None) -> None:
        """Let a user set or lift a customer's dunning block in the companies that share the account."""
        with self.act() as book:
            code = next((each for each in book.companies if company_code(each) == company_code(company)), None)
            book.set_account_block(customer, value, company=code)

    def seen(self, kind: CommandKind, company: str, customer: str, item: str | None) -> Mapping[str, Any]:
        """Say what became of a dunning block."""
        return {"value": self.dunning_block(company, customer)} if kind == "set_dunning_block" else {}

    def lock(self, customer: str) -> None:
        """Let somebody open the customer in a dialog: it cannot be changed until `unlock`."""
        self.system.locked.add(customer)

    def unlock(self, customer: str) -> None:
        """Let the dialog be closed."""
        self.system.locked.discard(customer)

    def user_resets(self, payment: str) -> None:
        """Let a user reset what a payment cleared (FBRA) without reversing it: its money is open on account."""
        with self.moving:
            self.system.lines.reset(payment)
