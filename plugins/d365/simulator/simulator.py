"""The simulated F&O: Microsoft's sign-in over HTTPS and the data service, over a seeded book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from duehook.core.hookspecs import CommandKind
from duehook.core.records import Stream
from duehook.core.testing.book import Change
from duehook.core.testing.book_simulator import DATE, balances
from duehook.core.testing.entra import CLIENT_ID, EntraSimulator
from duehook.core.testing.faults import Calls
from duehook.core.testing.odata import Row, Written
from duehook.core.testing.simulator import ControlRoute, Reply, Request

from .given import given
from .options import MAPPING, OPTIONS, RIGHTS, VARIANTS, absent, consultant_settings, lacking
from .service import DIALECT, ROOT, DataService, Throttle, refusal
from .sets import entity_sets
from .tables.attachments import Attachments
from .tables.codes import ENUMS, NAMESPACE, data_area
from .tables.disputes import Disputes
from .tables.ledger import Ledger
from .tables.masters import Masters
from .tables.site import Site
from .writes import Writes


class D365Simulator(EntraSimulator):
    """An F&O site over a book; `given.py` says how its rows are to be read.

    Beside the options of every simulator those of OPTIONS. `authority_server` answers the sign-in (its
    faults and log are its own), `log` and `faults` are the data service's. A right withdrawn makes an entity
    set answer 403; `client mapping` is the entry in *Microsoft Entra ID applications*, without which every
    token is answered with 401.

    What the dossier leaves open was decided so: a row that is not seen without cross-company is 404, for PATCH
    too; a DocumentId that is there, a second dispute of a transaction, an unknown reason code (the site has PR, QL,
    DM) and a POST into CustDisputes that is not honoured are 400 with the words in innererror.message; what no
    client may write is 405. The navigation of CustTransOpens is CustTransaction, those of CustTransactions
    are custTransOpen and CustDispute. No entity has a stamp of change but CustTransBiEntities, and
    ContactPersons its LastEditDateTime; a dispute or a collection letter moves no stamp but StatusChangedDate.
    """

    more_options: ClassVar[Mapping[str, Any]] = OPTIONS
    rights = RIGHTS
    variants = VARIANTS
    hold_values = ("Invoice", "All")
    site: Site
    service: DataService
    attachments: Attachments

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare; `start` draws the book and serves. ValueError for an unknown option, NoFault for a fault."""
        super().__init__(options)
        self.throttled = Throttle()

    @property
    def lacks(self) -> Mapping[str, str]:  # type: ignore[override]
        """Name what F&O does not have, with the reason."""
        return lacking(self.options)

    @property
    def site_settings(self) -> Mapping[str, Any]:  # type: ignore[override]
        """Say what the codes mean, and which sets the site publishes."""
        return consultant_settings(self.options)

    def connection(self, url: str) -> Mapping[str, str]:
        """Return the settings of a connection."""
        self.authority.resource = url
        return {"base_url": url, "tenant": self.authority.tenant, **self.sign_in_settings()}

    def answer(self, request: Request) -> Reply:
        """Answer a request to the data service."""
        waiting = self.throttled.answer()
        if waiting:
            return waiting
        if not self.signed_in(request):
            return refusal(401, "The access token is missing, expired or not for this resource.")
        if MAPPING in self.denied:
            return refusal(401, f"The client {CLIENT_ID} is not mapped to a user.")
        if not request.path.startswith(ROOT):
            return refusal(404, f"No HTTP resource was found that matches the request URI '{request.path}'.")
        name = request.path.removeprefix(ROOT).partition("(")[0].partition("/")[0]
        if name in self.denied:
            return refusal(403, f"Access denied: the user may not use the entity {name}.")
        return self.service.answer(request)

    def error(self, status: int) -> Reply:
        """Word the body of a status that a fault asks for."""
        return refusal(status, f"A fault of the simulated server: {status}.")

    def shrunk(self, reply: Reply) -> Reply:
        """Return a page with half of its rows, as if it were the last."""
        return self.service.shrunk(reply)

    def given(self, stream: Stream) -> Iterator[dict[str, Any]]:
        """Yield the rows that a connector shall read now."""
        with self.moving:
            return iter(list(given(self.site, stream)))

    def carried(self, changes: Sequence[Change]) -> None:
        """Make the rows anew that changed; all of them at first."""
        if not hasattr(self, "site"):
            return self._open()
        names = self.site.ledger.carry(changes)
        self.site.masters.carry(changes, self.site.ledger.parties(names))
        happened = max((change.at.date() for change in changes), default=self.book.day)
        return self.site.disputes.carry(names, happened)

    def spoil(self, item: str, flaw: str = DATE) -> None:
        """Let the dates of an item's rows be none."""
        with self.moving:
            self.site.ledger.spoil(item)

    def spoil_payment(self, payment: str, flaw: str = DATE) -> None:
        """Let the dates of a payment's rows be none, and those of its settlements."""
        with self.moving:
            self.site.ledger.spoil_payment(payment)

    def throttle(self, seconds: int) -> None:
        """Answer 429 from now on; who presses on is told to wait longer each time."""
        self.throttled.start(seconds)

    def writes(self, kind: CommandKind) -> Calls:
        """Say which requests carry out a command."""
        if kind == "add_note":
            return Calls("/CustomerAttachmentsV2", "POST")
        if kind in ("set_promise", "set_dispute"):
            return Calls("/CustDisputes", "POST|PATCH")
        return Calls("/CustomersV3", "PATCH")

    def notes(self, customer: str) -> list[str]:
        """Return the notes on a customer, oldest first."""
        return [str(row["Notes"]) for row in self.attachments.of_customer(customer)]

    def hold(self, company: str, customer: str) -> str | None:
        """Return what OnHoldStatus says of a customer in a company, None for No."""
        return self.site.masters.hold((data_area(company), customer))

    def user_sets_hold(self, company: str, customer: str, value: str | None) -> None:
        """Let a user of F&O set or lift a hold."""
        with self.moving:
            self.site.masters.say((data_area(company), customer), {"OnHoldStatus": value or "No"})
            self.keep()

    def promise(self, item: str) -> Mapping[str, Any] | None:
        """Return the promise on an item of the book, None where there is none."""
        return self._said(item, ("PromiseToPay", "PromiseToPayBroken", "PromiseToPayKept"))

    def dispute(self, item: str) -> Mapping[str, Any] | None:
        """Return the dispute over an item of the book, None where there is none."""
        return self._said(item, ("Disputed", "Resolved"))

    def user_writes_dispute(self, item: str, **cells: Any) -> None:
        """Let a user of F&O write fields of CustDisputes, such as Status, on the transaction of an item."""
        with self.moving:
            self.site.disputes.say(self.site.ledger.number_of(item), cells, self.book.day)
            self.keep()

    def seen(self, kind: CommandKind, company: str, customer: str, item: str | None) -> Mapping[str, Any]:
        """Return what became of a promise, a dispute, or the customer's dunning."""
        if item is None or kind not in ("set_promise", "set_dispute"):
            row = self.site.masters.row((data_area(company), customer)) or {}
            return {"value": row.get("CollectionLetterCode")}
        found = self.site.disputes.of(self.site.ledger.number_of(item)) or {}
        return {name: str(held) for name, held in found.items() if name not in ("TransactionBalance", "SysRecId")}

    def open_balances(self) -> dict[tuple[str, str, str], Decimal]:
        """Return what CustTransactions says is not settled, by dataAreaId, customer and currency."""
        return balances(self.site.ledger.left())

    def texts(self, customer: str) -> list[str]:
        """Return the notes of a customer, each an attachment of its own."""
        return self.notes(customer)

    def user_writes_note(self, customer: str, text: str) -> None:
        """Let a user of F&O write a note on a customer, in the customer's own company."""
        with self.moving:
            company = data_area(self.book.customers[customer].company)
            values = {"TypeId": "Note", "Notes": text, "CustomerAccountNumber": customer}
            self.attachments.add(Written("POST", (company, ""), None, values, {}), company)
            self.keep()

    def open_totals(self) -> dict[tuple[str, str], Decimal]:
        """Return what CustTransOpens says is open, by dataAreaId and currency, zeros left out."""
        sums: dict[tuple[str, str], Decimal] = {}
        for (area, _, currency), left in self.site.ledger.left():
            sums[area, currency] = sums.get((area, currency), Decimal(0)) + left
        return {pair: total for pair, total in sorted(sums.items()) if total}

    def own_dunning_run(self) -> list[str]:
        """Let F&O's own collection letters go out: raise what is ten days overdue by one; return the items.

        CollectionLetterCode is all that changes: there is no date, and no stamp moves.
        """
        late = self.book.day - timedelta(days=10)
        with self.moving:
            due = [
                item for item in self.book.items.values()
                if item.open_minor > 0 and item.posted and not item.dunning_block and item.due_on and item.due_on < late
            ]  # fmt: skip
            for item in due:
                item.dunning_level = min((item.dunning_level or 0) + 1, 5)
            self.carried([Change(item.changed_at, "changed", "item", item.key) for item in due])
        return [item.key for item in due]

    def controls(self) -> dict[str, ControlRoute]:
        """Return the commands for other processes."""
        return {
            **super().controls(),
            "open_totals": lambda body: [[*key, str(total)] for key, total in self.open_totals().items()],
            "notes": lambda body: self.notes(str(body["customer"])),
            "expire_tokens": lambda body: {"ended": self.expire_tokens()},
            "throttle": lambda body: self.throttle(int(body.get("seconds", 5))),
            "own_dunning": lambda body: self.own_dunning_run(),
        }

    def _open(self) -> None:
        """Make all rows, and the service over them."""
        ledger = Ledger(self.book)
        disputes = Disputes(ledger, self.kept.setdefault("disputes", {}))
        pairs = ledger.parties(ledger.names)
        masters = Masters(self.book, pairs, self.kept.setdefault("customers", {}))
        keeps = bool(self.options["keep_document_id"])
        self.attachments = Attachments(self.kept.setdefault("attachments", []), keeps_ids=keeps)
        self.site = Site(self.book, ledger, masters, disputes, bool(self.options["open_transactions"]))
        writes = Writes(self.site, self.attachments, self.options, self.keep)
        sets = entity_sets(
            self.site, self.attachments, absent(self.options), clients=self._clients, writes=writes.by_set()
        )
        self.service = DataService(
            ROOT, NAMESPACE, DIALECT, {each.name: each for each in sets}, page_size=int(self.options["page_size"]),
            enumerations={f"{NAMESPACE}.{name}": members for name, members in ENUMS.items()},
            scheme="https" if self.options["https"] else "http", default_company=str(self.options["default_company"]),
        )  # fmt: skip

    def _clients(self) -> list[Row]:
        return [{"AADClientId": CLIENT_ID, "Name": "Duehook", "UserId": "duehook"}]

    def _said(self, item: str, statuses: Sequence[str]) -> Mapping[str, Any] | None:
        row = self.site.disputes.of(self.site.ledger.number_of(item))
        return row if row and row["Status"] in statuses else None
