"""The simulated Business Central: Microsoft's sign-in, API v2.0 and the web services, over a seeded book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from duehook.core.hookspecs import CommandKind
from duehook.core.records import Stream
from duehook.core.testing.book import Change
from duehook.core.testing.book_simulator import DATE, balances
from duehook.core.testing.entra import EntraSimulator
from duehook.core.testing.faults import Calls
from duehook.core.testing.simulator import ControlRoute, Reply, Request

from .endpoints import Endpoints
from .given import given
from .given.documents import open_lines
from .options import APPLICATION, FULLEST, OPTIONS, VARIANTS, consultant_settings, lacking, published, rights_of
from .service import Throttle, refusal
from .tables.codes import BLANK, NONE_ON, company_id
from .tables.comments import Comments
from .tables.documents import Documents
from .tables.ledger import Ledger
from .tables.masters import Masters
from .tables.names import payment_name
from .tables.site import Site
from .tables.written import Written
from .writes import Writes

RESOURCE = "https://api.businesscentral.dynamics.com"  # tokens are for this, wherever the service stands


class BusinessCentralSimulator(EntraSimulator):
    """A Business Central environment over a book; `given` says how its rows are to be read.

    Beside the options of every simulator those of OPTIONS. `authority_server` answers the sign-in (its faults and
    log are its own), `log` and `faults` are the service's. A right withdrawn makes a set answer 403; `application` is
    the card in *Microsoft Entra applications*, without which every token is answered with 401.

    What the dossier leaves open was decided so: a write without If-Match is refused on the web services too; a change
    answers 200 with the entity; the lines of page 124 are put by the client's Line_No, or behind the last where it
    sends none; the application of two entries writes a row of page 573 on either, and undoing it two more. A
    published page 25 shows SystemModifiedAt unless the option `modified_at` says otherwise.
    """

    more_options: ClassVar[Mapping[str, Any]] = OPTIONS
    variants = VARIANTS
    fullest = FULLEST
    hold_values = ("Invoice", "All")
    site: Site
    endpoints: Endpoints

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare; `start` draws the book and serves. ValueError for an unknown option, NoFault for a fault."""
        super().__init__(options)
        self.throttled = Throttle()
        self.authority.resource = RESOURCE
        self.rights = rights_of(self.options)

    @property
    def lacks(self) -> Mapping[str, str]:  # type: ignore[override]
        """Name what Business Central does not have, with the reason."""
        return lacking(self.options)

    @property
    def site_settings(self) -> Mapping[str, Any]:  # type: ignore[override]
        """Say what the site's codes mean."""
        return consultant_settings()

    @property
    def base(self) -> str:
        """Return the path of the environment."""
        return f"/v2.0/{self.options['tenant']}/{self.options['environment']}"

    def connection(self, url: str) -> Mapping[str, str]:
        """Return the settings of a connection."""
        return {"base_url": f"{url}{self.base}", **self.sign_in_settings(), **published(self.options)}

    def answer(self, request: Request) -> Reply:
        """Answer a request to the service."""
        waiting = self.throttled.answer()
        if waiting:
            return waiting
        if not self.signed_in(request) or APPLICATION in self.denied:
            return refusal(401, "The server has rejected the client credentials.")
        return self.endpoints.answer(request)

    def error(self, status: int) -> Reply:
        """Word the body of a status that a fault asks for."""
        return refusal(status, f"A fault of the simulated server: {status}.")

    def shrunk(self, reply: Reply) -> Reply:
        """Return a page with half of its rows, as if it were the last."""
        return self.endpoints.shrunk(reply)

    def given(self, stream: Stream) -> Iterator[dict[str, Any]]:
        """Yield the rows that a connector shall read now."""
        with self.moving:
            return iter(list(given(self.site, stream, self.options)))

    def open_balances(self) -> dict[tuple[str, str, str], Decimal]:
        """Return what the ledger says is open; the documents of API v2.0, where they are all that is seen of it."""
        with self.moving:
            if not self.options["ledger_entries"]:
                return balances(open_lines(self.site))
            return balances(
                ((company, row["Customer_No"], row["Currency_Code"] or self.site.currency(company)),
                 row["Remaining_Amount"])
                for company in self.site.ledger.entries for row in self.site.ledger.rows(company)
            )  # fmt: skip

    def open_totals(self) -> dict[tuple[str, str], Decimal]:
        """Return what is open by company and currency, zeros left out."""
        sums: dict[tuple[str, str], Decimal] = {}
        for (company, _, currency), left in self.open_balances().items():
            sums[company, currency] = sums.get((company, currency), Decimal(0)) + left
        return {pair: total for pair, total in sorted(sums.items()) if total}

    def carried(self, changes: Sequence[Change]) -> None:
        """Make the rows anew that changed; all of them at first."""
        if not hasattr(self, "site"):
            return self._open(changes)
        self.site.ledger.carry(changes)
        self.site.documents.carry(changes)
        return self.site.masters.carry(changes)

    def spoil(self, item: str, flaw: str = DATE) -> None:
        """Let the dates of an item's rows be none."""
        with self.moving:
            self.site.ledger.spoil_item(item)
            self.site.documents.spoil(item)

    def spoil_payment(self, payment: str, flaw: str = DATE) -> None:
        """Let the dates of a payment's entries be none, and of what it paid."""
        with self.moving:
            self.site.ledger.spoil(payment_name(payment))

    def throttle(self, seconds: float) -> None:
        """Answer 429 from now on, for so long, and do not say for how long."""
        self.throttled.start(seconds)

    def writes(self, kind: CommandKind) -> Calls:
        """Say which requests carry out a command."""
        if kind == "add_note":
            return Calls("/CommentSheet", "POST")
        if kind in ("set_promise", "set_dispute", "set_dunning_block"):
            return Calls("/CustomerLedgerEntries", "PATCH")
        return Calls("/customers", "PATCH")

    def notes(self, customer: str) -> list[str]:
        """Return the comment lines on a customer, oldest first."""
        return self.site.comments.lines(customer)

    def texts(self, customer: str) -> list[str]:
        """Return what the comment lines on a customer say together."""
        return ["".join(self.notes(customer))]

    def user_writes_note(self, customer: str, text: str) -> None:
        """Let a user write comment lines on a customer, in the customer's own company."""
        with self.moving:
            company = self.book.customers[customer].company
            self.site.comments.write(customer, company, text, on=self.book.day)
            self.keep()

    def hold(self, company: str, customer: str) -> str | None:
        """Return what `blocked` says of a customer in a company, None for a blank."""
        return self.site.masters.hold((company_id(company), customer))

    def user_sets_hold(self, company: str, customer: str, value: str | None) -> None:
        """Let a user set or lift a hold."""
        with self.moving:
            self.site.masters.say((company_id(company), customer), {"blocked": value or BLANK}, self.now)
            self.keep()

    def seen(self, kind: CommandKind, company: str, customer: str, item: str | None) -> Mapping[str, Any]:
        """Return what became of a promise, a dispute or a dunning block: fields of the entry."""
        row = (self.site.ledger.entry_of(item) if item else None) or {}
        names = {"set_promise": "Promised_Pay_Date", "set_dispute": "Dispute_Status", "set_dunning_block": "On_Hold"}
        held = row.get(names.get(kind, ""), "")
        return {} if held in ("", NONE_ON) else {names[kind]: str(held)}

    def controls(self) -> dict[str, ControlRoute]:
        """Return the commands for other processes."""
        return {
            **super().controls(),
            "open_totals": lambda body: [[*key, str(total)] for key, total in self.open_totals().items()],
            "notes": lambda body: self.notes(str(body["customer"])),
            "expire_tokens": lambda body: {"ended": self.expire_tokens()},
            "throttle": lambda body: self.throttle(float(body.get("seconds", 5))),
        }

    def _open(self, changes: Sequence[Change]) -> None:
        """Make all rows, and the services over them."""
        ledger = Ledger(self.book, Written(self.kept.setdefault("entries", {})), changes)
        documents = Documents(ledger, changes)
        masters = Masters(ledger, Written(self.kept.setdefault("customers", {})), changes)
        comments = Comments(self.kept.setdefault("comments", []), list(ledger.entries))
        self.site = Site(self.book, ledger, documents, masters, comments)
        self.endpoints = Endpoints(
            self.site, self.base, self.options, denied=self.denied,
            write_with=lambda company: Writes(self.site, company, lambda: self.now, self.keep),
        )  # fmt: skip
