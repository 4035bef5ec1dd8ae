"""A simulated NetSuite account over a book: REST services under /services/rest, SOAP at /services/NetSuitePort_…."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from duehook.core.hookspecs import CommandKind
from duehook.core.records import Stream
from duehook.core.testing.book import Change
from duehook.core.testing.book_simulator import DATE, BookSimulator, balances
from duehook.core.testing.faults import Calls
from duehook.core.testing.simulator import ControlRoute, Reply, Request, json_reply

from .given import given
from .given.ledger import LINES, exact
from .options import (
    FULLEST,
    OPTIONS,
    RIGHTS,
    SITE_SETTINGS,
    SOAP_READS,
    SOAP_RIGHTS,
    VARIANTS,
    lacking,
    site,
    speaks_soap,
    written_by,
)
from .problem import problem, too_many_requests
from .records.fields import CUSTOM
from .records.notes import CUSTOMER_OF, TEXT_OF, Notes
from .records.service import Records
from .rest import Rest
from .sign_in import oauth2
from .sign_in.oauth2 import Mapped, key_file
from .sign_in.tba import Token
from .soap import wsdl
from .soap.names import PORTS
from .soap.pages import shrunk
from .soap.service import SuiteTalk, about, blocked, failed, place
from .suiteql.service import SuiteQLService
from .tables.account import Account
from .tables.codes import ACCOUNT
from .tables.database import Database
from .tables.schema import Schema

CONSUMER_KEY: Final = "5f2c8d1b7e3a49608c1d2e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7"
CONSUMER_SECRET: Final = "simulated-consumer-secret"
TOKEN_ID: Final = "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
TOKEN_SECRET: Final = "simulated-token-secret"
CERTIFICATE_ID: Final = "kQ7vXh3bZ0simulatedCertificate"


class NetsuiteSimulator(BookSimulator):
    """A NetSuite account: token-based authentication or OAuth 2.0, SuiteQL and the record API.

    `rights` are the role's: without *REST Web Services* everything is 403, without *SuiteAnalytics Workbook* SuiteQL
    is; without the right to view a record, its tables have no rows, and nobody says why. With the option `read_by`
    soap the role may use SOAP web services (SuiteTalk) alone; there, a record that it may not view is refused.
    """

    more_options: ClassVar[Mapping[str, Any]] = OPTIONS
    rights = RIGHTS
    variants = VARIANTS
    site_settings = SITE_SETTINGS
    fullest = FULLEST
    reads = Calls("/query/v1/suiteql|/record/v1/", "GET|POST")
    hold_values = ("ON", "OFF")
    account: Account
    suiteql: SuiteQLService
    records: Records
    rest: Rest
    suitetalk: SuiteTalk

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare; `start` draws the book and serves. ValueError for an unknown option, NoFault for a fault."""
        super().__init__(options)
        self.zone = ZoneInfo(str(self.options["timezone"]))
        self.token = Token(ACCOUNT, CONSUMER_KEY, CONSUMER_SECRET, TOKEN_ID, TOKEN_SECRET)
        self.mapped: Mapped | None = None
        if self.options["sign_in"] == "oauth2":
            file = key_file(Path(self.options["folder"]))
            self.mapped = Mapped(CONSUMER_KEY, CERTIFICATE_ID, file, float(self.options["token_life"]))
        self.taken = 0  # of the requests at once, by other integrations
        self._at_once, self._counting = 0, threading.Lock()
        self.soap = speaks_soap(self.options)
        if self.soap:
            self.rights, self.reads = SOAP_RIGHTS, SOAP_READS

    @property
    def lacks(self) -> Mapping[str, str]:  # type: ignore[override]
        """Name what NetSuite does not have, with the reason."""
        return lacking(self.options)

    def start(self) -> Mapping[str, str]:
        """Draw the book and serve; the log says of a query which tables it asks."""
        settings = super().start()
        self._started().about = about if self.soap else self.rest.about
        if self.soap:
            self._started().place = place
        return settings

    def stop(self) -> None:
        """End the server, and let go of the account."""
        super().stop()
        if hasattr(self, "account"):
            with self.moving:  # a request that was kept waiting may be answered just now
                self.account.database.close()

    def connection(self, url: str) -> Mapping[str, str]:
        """Return the settings of a connection."""
        self.suiteql.url = self.records.url = self.suitetalk.about.url = url
        found = {"account": ACCOUNT, "base_url": url, **site(self.options)}
        if self.mapped:
            self.mapped.url = f"{url}{oauth2.PATH}"
            key = str(self.mapped.private_key)
            return found | {"client_id": CONSUMER_KEY, "certificate_id": CERTIFICATE_ID, "private_key_file": key}
        return found | {
            "consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET, "token_id": TOKEN_ID,
            "token_secret": TOKEN_SECRET,
        }  # fmt: skip

    def answer(self, request: Request) -> Reply:
        """Answer a request."""
        if self.mapped and request.path == oauth2.PATH:
            return self.mapped.answer(request)
        if described := wsdl.answer(request):
            return described
        if request.path.startswith(PORTS):
            return self.suitetalk.answer(request, closed=not self.soap)
        return self.rest.answer(request, closed=self.soap)

    def error(self, status: int) -> Reply:
        """Word the body of a status that a fault asks for."""
        if self.soap:
            return failed(status)
        return problem(status, f"A fault of the simulated server: {status}.", "UNEXPECTED_ERROR")

    def shrunk(self, reply: Reply) -> Reply:
        """Return a page with half of its rows, as if it were the last."""
        if self.soap:
            return replace(reply, body=shrunk(reply.body))
        page = Request("GET", "", "", {}, reply.body).json
        if not isinstance(page, dict) or "items" not in page:
            return reply
        kept = page["items"][: len(page["items"]) // 2]
        total = int(page["offset"]) + len(kept)
        return json_reply(page | {"items": kept, "count": len(kept), "hasMore": False, "totalResults": total})

    def given(self, stream: Stream) -> Iterator[dict[str, Any]]:
        """Yield the rows that a connector shall read now."""
        with self.moving:
            return iter(list(given(self.account, stream)))

    def open_balances(self) -> dict[tuple[str, str, str], Decimal]:
        """Return what the lines say is unpaid, less what is unused, by subsidiary, customer and currency."""
        with self.moving:
            rows = self.account.rows(LINES)
        return balances(
            ((str(row["subsidiary"]), str(row["customer"]), row["symbol"]),
             exact(row["unpaid"] - row["unused"], row["symbol"])) for row in rows
        )  # fmt: skip

    def carried(self, changes: Sequence[Change]) -> None:
        """Make the rows anew that changed; all of them at first."""
        if hasattr(self, "account"):
            return self.account.carry(changes)
        schema = Schema(
            instalments=bool(self.options["instalments"]),
            custom_fields=bool(self.options["custom_fields"]),
            tax_ids=bool(self.options["tax_ids"]),
            rates=bool(self.options["rates"]),
            oneworld=bool(self.options["oneworld"]),
        )
        database = Database(schema)
        self.account = Account.made(database, self.book, self.zone, kept=self.kept)
        self.suiteql = SuiteQLService(database, self.zone, lambda: self.now)
        notes = Notes(self.account, str(self.options["notes"]), self.kept.setdefault("notes", []))
        self.records = Records(
            self.account, notes, lambda: self.now, self.keep, self.suiteql.displayed, self.kept["transactions"]
        )
        self.rest = Rest(self.token, self.mapped, self.suiteql, self.records, self.denied)
        life, limit = float(self.options["search_life"]), int(self.options["concurrency"])
        self.suitetalk = SuiteTalk(
            self.records, self.token, lambda: self.now, denied=self.denied, limit=limit, life=life
        )
        return None

    def spoil(self, item: str, flaw: str = DATE) -> None:
        """Let the date of an item's transaction be none: its year was typed with two digits."""
        with self.moving:
            self.account.ledger.spoil(item)

    def spoil_payment(self, payment: str, flaw: str = DATE) -> None:
        """Let the date of a payment be none."""
        with self.moving:
            self.account.ledger.spoil_payment(payment)

    def meanwhile(self, act: Callable[[], None], requests: Calls) -> None:
        """Let this happen once, while the next of these requests is carried out: what it saves has changed under it."""

        def then() -> None:
            loaded = dict(self.records.written)
            act()
            self.records.loaded = loaded

        super().meanwhile(then, requests)

    def writes(self, kind: CommandKind) -> Calls:
        """Say which requests carry out a command."""
        return written_by(kind, self.options)

    def notes(self, customer: str) -> list[str]:
        """Return the notes on a customer, oldest first."""
        return self.records.notes.of_customer(customer)

    def texts(self, customer: str) -> list[str]:
        """Return the notes on a customer, each a record of its own."""
        return self.notes(customer)

    def user_writes_note(self, customer: str, text: str) -> None:
        """Let a user of the account write a note on a customer."""
        record = self.records.notes.record
        with self.moving:
            body = {"title": "Note", TEXT_OF[record]: text, CUSTOMER_OF[record]: {"id": customer}}
            self.records.notes.written("", body)
            self.keep()

    def hold(self, company: str, customer: str) -> str | None:
        """Return creditHoldOverride, which holds in all subsidiaries; None for AUTO."""
        with self.moving:
            row = self.account.database.row("customer", int(customer)) or {}
        held = row.get("creditholdoverride", "AUTO")
        return None if held == "AUTO" else str(held)

    def user_sets_hold(self, company: str, customer: str, value: str | None) -> None:
        """Let a user of the account set or lift a hold."""
        with self.moving:
            self.records.write("customer", int(customer), {"creditholdoverride": value or "AUTO"})

    def seen(self, kind: CommandKind, company: str, customer: str, item: str | None) -> Mapping[str, Any]:
        """Return what became of a promise or a dispute: the account's own fields on the invoice."""
        if item is None or not self.options["custom_fields"]:
            return {}
        with self.moving:
            row = self.account.database.row("transaction", self.account.ledger.id_of(item)) or {}
        return {field.name: row[field.held_in] for field in CUSTOM if row.get(field.held_in) is not None}

    def open_totals(self) -> dict[tuple[str, str], Decimal]:
        """Return what is open by subsidiary and currency, zeros left out."""
        sums: dict[tuple[str, str], Decimal] = {}
        for (company, _, currency), left in self.open_balances().items():
            sums[company, currency] = sums.get((company, currency), Decimal(0)) + left
        return {pair: total for pair, total in sorted(sums.items()) if total}

    def controls(self) -> dict[str, ControlRoute]:
        """Return the commands for other processes."""
        return {
            **super().controls(),
            "open_totals": lambda body: [[*key, str(total)] for key, total in self.open_totals().items()],
            "notes": lambda body: self.notes(str(body["customer"])),
            "expire_searches": lambda body: {"ended": self.suitetalk.searches.expire()},
            "expire_tokens": lambda body: {"ended": self.expire_tokens()},
            "take": lambda body: self.take(int(body.get("requests", 0))),
        }

    def take(self, requests: int) -> dict[str, int]:
        """Let other integrations have so many of the account's requests at once from now on."""
        self.taken = requests
        return {"taken": requests}

    def expire_tokens(self) -> int:
        """End all tokens now; return how many there were."""
        return self.mapped.expire_tokens() if self.mapped else 0

    def _answered(self, request: Request) -> Reply:
        """Answer a request unless there are more at once than the account may have."""
        with self._counting:
            self._at_once += 1
            many = self._at_once + self.taken > int(self.options["concurrency"])
        try:
            if many:
                return blocked() if self.soap else too_many_requests()
            return super()._answered(request)
        finally:
            with self._counting:
                self._at_once -= 1
