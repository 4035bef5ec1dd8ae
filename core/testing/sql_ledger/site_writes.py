"""What the site's program does in the ERP: notes, holds, and what it keeps in a file of its own (CMDOC)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from duehook.core.testing.book import Change, Item

from .staging import Event, Refused

if TYPE_CHECKING:
    from .simulator import SqlLedgerSimulator

HOLDS: Final = "holds"
MARKS: Final = "marks"
ALL: Final = ("NOTE", "HOLD", "PROMISE", "DISPUTE", "BLOCK", "LEVEL")


class SiteWrites:
    """The ERP's side of CMOUT; holds and marks outlive a restart in the simulator's `kept`."""

    events = ALL

    def __init__(self, erp: SqlLedgerSimulator) -> None:
        """Write into this ERP."""
        self._erp = erp
        self._acts: Mapping[str, Callable[[Event], None]] = {
            "NOTE": self._note, "HOLD": self._hold, "PROMISE": self._on_item, "DISPUTE": self._on_item,
            "BLOCK": self._mark, "LEVEL": self._mark,
        }  # fmt: skip

    def carry_out(self, event: Event) -> None:
        """Do what an event asks for; raises Refused."""
        if event.kind not in self._acts:
            raise Refused(f"{event.kind} is no EVTYPE that this site knows")
        if not self.customer(event.customer):
            raise Refused(f"customer {event.customer} is not there")
        self._acts[event.kind](event)
        self._erp.keep()

    def customer(self, key: str) -> str | None:
        """Return the book's key of a customer that a connector names."""
        return next((own for own in self._erp.book.customers if self._erp.customer_key(own) == key), None)

    def hold(self, customer: str) -> str:
        """Return the hold as the ERP's column has it."""
        return self._erp.hold_code(self._erp.book.customers[customer].accounts[None].hold)

    def notes(self, customer: str) -> list[str]:
        """Return the notes on a customer."""
        statement = "SELECT TEXT FROM CMNOTE WHERE CUSTNO = ? ORDER BY rowid"
        return [str(text) for (text,) in self._erp.store.query(statement, self._erp.customer_key(customer))]

    def write_note(self, customer: str, text: str) -> None:
        """Let a user write a note, which bears no event."""
        self._erp.store.query("INSERT INTO CMNOTE VALUES ('', ?, NULL, ?)", self._erp.customer_key(customer), text)

    def mark(self, kind: str, about: str) -> dict[str, Any] | None:
        """Return what the site keeps of a promise, dispute, block or level on a document or customer."""
        held: dict[str, Any] | None = self._erp.kept.get(MARKS, {}).get(f"{kind} {about}")
        return held

    def seen(self, kind: str, customer: str, item: str | None) -> Mapping[str, Any]:
        """Return it in the words of a command; what is on the document, else what is on its customer."""
        found = self._erp.book.items.get(item or "")
        on_item = self.mark(kind, self._erp.item_key(found)) if found else None
        return on_item or self.mark(kind, self._erp.customer_key(customer)) or {}

    def learn(self, changes: Sequence[Change]) -> None:
        """See which of the kept holds a user changed since."""
        held = self._erp.kept.get(HOLDS, {})
        for change in changes:
            if change.field == "hold" and change.key in held:
                held[change.key] = self._erp.book.customers[change.key].accounts[None].hold

    def restore(self) -> None:
        """Put the holds of before a restart into the book."""
        for customer, hold in self._erp.kept.get(HOLDS, {}).items():
            self._erp.book.customers[customer].accounts[None].hold = hold

    def _note(self, event: Event) -> None:
        self._erp.store.query(
            "INSERT OR IGNORE INTO CMNOTE VALUES (?, ?, ?, ?)", event.company, event.customer, event.id, event.text
        )

    def _hold(self, event: Event) -> None:
        customer = self.customer(event.customer) or ""
        with self._erp.moving:
            stands = self.hold(customer).strip()
            if stands != event.text:
                raise Refused(f"hold is {stands or 'none'}")
            self._erp.kept.setdefault(HOLDS, {})[customer] = event.code or None
            with self._erp.act() as book:
                book.set_hold(customer, event.code or None)

    def _on_item(self, event: Event) -> None:
        if self._item(event) is None:
            raise Refused(f"document {event.document} of customer {event.customer} is not there")
        self._mark(event)

    def _item(self, event: Event) -> Item | None:
        own, erp = self.customer(event.customer), self._erp
        return next(
            (each for each in erp.book.items.values() if each.customer == own and erp.item_key(each) == event.document),
            None,
        )

    def _mark(self, event: Event) -> None:
        """Keep it in CMDOC, and let the ERP's own row show it where it has columns for it."""
        item = self._item(event) if event.document else None
        if event.document and item is None:
            raise Refused(f"document {event.document} of customer {event.customer} is not there")
        about = event.document or event.customer
        held = {"code": event.code, "day": event.day, "amount": str(event.amount), "text": event.text}
        with self._erp.moving:
            self._erp.kept.setdefault(MARKS, {})[f"{event.kind} {about}"] = held
            self._erp.store.query(
                "INSERT OR REPLACE INTO CMDOC VALUES (?, ?, ?, ?, ?, ?, ?)",
                event.kind, about, event.code, event.day, event.amount, event.currency, event.text,
            )  # fmt: skip
            if item:
                item.changed_at = max(item.changed_at, self._erp.book.at)
                self._erp.carrier.write(self._erp.book, {"item": {item.key: None}})
