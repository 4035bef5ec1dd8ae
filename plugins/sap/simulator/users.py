"""What users of the simulated SAP see and do there, and what goes wrong with its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duehook.core.hookspecs import CommandKind
from duehook.core.testing.book_simulator import DATE, BookSimulator
from duehook.core.testing.sap_ledger.codes import company_code
from duehook.core.testing.sap_ledger.lines import item_key, own_line

from .client import Client


class SapUsers(BookSimulator):
    """The people at an S/4HANA, over one client of it; only after `start`."""

    _client: Client | None = None

    @property
    def client(self) -> Client:
        """Return the client that the settings name; only after `start`."""
        if self._client is None:
            raise RuntimeError("the simulator is not started")
        return self._client

    def spoil(self, item: str, flaw: str = DATE) -> None:
        """Let an item's line have no document date, an amount that is no number, or no side."""
        with self.moving:
            self.client.cube.spoilt[item] = flaw
            self.client.cube.table.touch()

    def spoil_payment(self, payment: str, flaw: str = DATE) -> None:
        """Let the lines of a payment's document have no dates, amounts that are no numbers, or no side."""
        with self.moving:
            self.client.cube.spoilt_payments[payment] = flaw
            self.client.cube.table.touch()

    def halve(self, item: str, way: str) -> None:
        """Let a line's InvoiceReference lack its fiscal year, or name no line of the document."""
        with self.moving:
            self.client.cube.halved[item] = way
            self.client.cube.table.touch()

    def own_dunning(self, item: str, level: int) -> None:
        """Let SAP's dunning (F150) raise an item's level today; no change date is touched."""
        with self.moving:
            row = self.book.items[item]
            row.dunning_level, row.last_dunned_on = level, self.book.day
            self.client.cube.table.touch()
            self.client.partners.tables["A_CustomerDunning"].touch()

    def own_dunning_run(self) -> int:
        """Let SAP dun all overdue invoices that are not blocked, by one level; return how many."""
        today = self.book.day
        due = [
            item for item in self.book.items.values()
            if item.open_minor > 0 and item.posted and item.due_on and item.due_on < today
            and not self.client.cube.block(own_line(self.book, item))
        ]  # fmt: skip
        for item in due:
            self.own_dunning(item.key, min((item.dunning_level or 0) + 1, 9))
        return len(due)

    def notes(self, customer: str) -> list[str]:
        """Return the lines of a customer's texts, those of its companies behind them."""
        found: list[str] = []
        for name in ("A_CustomerText", "A_CustomerCompanyText"):
            table = self.client.partners.tables[name]
            texts = [str((table.get(key) or {}).get("LongText", "")) for key in table.keys((customer,))]
            found += [line for text in texts for line in text.splitlines() if line.strip()]
        return found

    def texts(self, customer: str) -> list[str]:
        """Return a customer's long texts as they are."""
        table = self.client.partners.tables["A_CustomerText"]
        return [str((table.get(key) or {}).get("LongText", "")) for key in table.keys((customer,))]

    def user_writes_note(self, customer: str, text: str) -> None:
        """Let a user write the text that our notes are appended to."""
        self.user_writes_text(customer, text)

    def hold(self, company: str, customer: str) -> str | None:
        """Return the block reason of the customer's credit account; None where it is not blocked."""
        return self.client.credit.hold(customer)

    def dunning_block(self, company: str, customer: str) -> str | None:
        """Return the dunning block of a customer in a company, the book's code or SAP's."""
        return self._dunning(company, customer).get("DunningBlock") or None

    def dispute(self, item: str) -> Mapping[str, Any] | None:
        """Return the open dispute case about an item (by its key in the book), where there is one."""
        disputes = self.client.disputes
        found = disputes.of(item_key(self.book.items[item])) if disputes else None
        if found is None:
            return None
        return {"amount": found.get("DisputedAmount"), "reason": found.get("CaseReason"), "text": found.get("CaseNote")}

    def seen(self, kind: CommandKind, company: str, customer: str, item: str | None) -> Mapping[str, Any]:
        """Say what became of a dunning block, level or dispute."""
        if kind == "set_dunning_block":
            return {"value": self.dunning_block(company, customer), **self._block_of(item)}
        if kind == "set_dunning_level":
            return {"level": self._dunning(company, customer).get("DunningLevel")}
        return self.dispute(item) or {} if kind == "set_dispute" and item else {}

    def item_block(self, item: str) -> str | None:
        """Return the dunning block of an item (by its key in the book) once what nothing holds up is carried out."""
        with self.moving:
            if self.client.inbox:
                self.client.inbox.settle()
            return self.client.cube.block(own_line(self.book, self.book.items[item]))

    def user_blocks_item(self, item: str, code: str | None) -> None:
        """Let a user set or lift the dunning block of an item."""
        with self.act() as book:
            self.client.cube.blocks.pop(item_key(book.items[item]), None)
            book.block(item, code)

    def user_sets_hold(self, company: str, customer: str, value: str | None) -> None:
        """Let a user block or unblock a customer's credit account."""
        with self.act() as book:
            book.set_hold(customer, value)

    def user_sets_dunning_block(self, company: str, customer: str, value: str | None) -> None:
        """Let a user set or lift a customer's dunning block in the companies that share the account."""
        with self.act() as book:
            code = next((each for each in book.companies if company_code(each) == company_code(company)), None)
            book.set_account_block(customer, value, company=code)

    def user_writes_text(self, customer: str, text: str, *, text_id: str = "0001", language: str = "EN") -> None:
        """Let a user write a customer's text, over what stands there under that id."""
        with self.moving:
            table, key = self.client.partners.tables["A_CustomerText"], (customer, language, text_id)
            self.client.written.put("A_CustomerText", key, {"LongText": text}, on=self.book.day, created=True)
            table.put(key, key)

    def user_disputes(self, item: str, minor: int, reason: str = "PR") -> None:
        """Let a user open a dispute case about part of an item."""
        with self.act() as book:
            book.dispute(item, minor, reason)

    def user_settles(self, item: str) -> None:
        """Let a user close the dispute case of an item."""
        with self.act() as book:
            book.settle_dispute(item)

    def lock(self, customer: str) -> None:
        """Let somebody open the customer's business partner in a dialog: it cannot be changed until `unlock`."""
        self.client.locked.add(customer)

    def unlock(self, customer: str) -> None:
        """Let the dialog be closed."""
        self.client.locked.discard(customer)

    def user_resets(self, payment: str) -> None:
        """Let a user reset what a payment cleared (FBRA) without reversing it: its money is open on account."""
        with self.moving:
            self.client.cube.reset(payment)

    def _block_of(self, item: str | None) -> Mapping[str, Any]:
        return {"item": self.item_block(item)} if item and self.client.inbox else {}

    def _dunning(self, company: str, customer: str) -> Any:
        key = (customer, company_code(company), "")
        return self.client.partners.tables["A_CustomerDunning"].get(key) or {}
