"""A simulated NetSuite account over a book, its REST services under /services/rest."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from duehook.core.records import Stream
from duehook.core.testing.book import Change
from duehook.core.testing.book_simulator import DATE, BookSimulator, balances
from duehook.core.testing.faults import Calls
from duehook.core.testing.simulator import Reply, Request, json_reply

from .given import given
from .given.ledger import LINES, exact
from .options import FULLEST, OPTIONS, REST, RIGHTS, VARIANTS, WORKBOOK, lacking
from .problem import Refused, invalid_login, no_permission, problem, too_many_requests
from .sign_in import oauth2
from .sign_in.oauth2 import Mapped, key_file
from .sign_in.tba import Token
from .suiteql.service import PATH as SUITEQL
from .suiteql.service import SuiteQLService
from .tables.account import Account
from .tables.codes import ACCOUNT
from .tables.database import Database
from .tables.schema import INSTALMENTS, SEEN_BY, Schema

ROOT: Final = "/services/rest/"
CONSUMER_KEY: Final = "5f2c8d1b7e3a49608c1d2e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7"
CONSUMER_SECRET: Final = "simulated-consumer-secret"
TOKEN_ID: Final = "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
TOKEN_SECRET: Final = "simulated-token-secret"
CERTIFICATE_ID: Final = "kQ7vXh3bZ0simulatedCertificate"


class NetsuiteSimulator(BookSimulator):
    """A NetSuite account: token-based authentication or OAuth 2.0, SuiteQL and the record API.

    `rights` are the role's: without *REST Web Services* everything is 403, without *SuiteAnalytics Workbook* SuiteQL
    is; without the right to view a record, its tables have no rows, and nobody says why.
    """

    more_options: ClassVar[Mapping[str, Any]] = OPTIONS
    rights = RIGHTS
    variants = VARIANTS
    fullest = FULLEST
    reads = Calls("/query/v1/suiteql|/record/v1/", "GET|POST")
    hold_values = ("ON", "OFF")
    account: Account
    suiteql: SuiteQLService

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare; `start` draws the book and serves. ValueError for an unknown option, NoFault for a fault."""
        super().__init__(options)
        self.zone = ZoneInfo(str(self.options["timezone"]))
        self.token = Token(ACCOUNT, CONSUMER_KEY, CONSUMER_SECRET, TOKEN_ID, TOKEN_SECRET)
        self.mapped: Mapped | None = None
        if self.options["sign_in"] == "oauth2":
            file = key_file(Path(self.options["folder"]))
            self.mapped = Mapped(CONSUMER_KEY, CERTIFICATE_ID, file, float(self.options["token_life"]))
        self._at_once, self._counting = 0, threading.Lock()

    @property
    def lacks(self) -> Mapping[str, str]:  # type: ignore[override]
        """Name what NetSuite does not have, with the reason."""
        return lacking(self.options)

    def start(self) -> Mapping[str, str]:
        """Draw the book and serve; the log says of a query which tables it asks."""
        settings = super().start()
        self._started().about = self._about
        return settings

    def connection(self, url: str) -> Mapping[str, str]:
        """Return the settings of a connection."""
        self.suiteql.url = url
        found = {
            "account": ACCOUNT,
            "base_url": url,
            "timezone": str(self.options["timezone"]),
            "calls_per_second": "1000",
        }
        if self.options["instalments"]:
            found["instalments_table"] = INSTALMENTS
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
        try:
            return self._allowed(request)
        except Refused as refused:
            return refused.reply

    def error(self, status: int) -> Reply:
        """Word the body of a status that a fault asks for."""
        return problem(status, f"A fault of the simulated server: {status}.", "UNEXPECTED_ERROR")

    def shrunk(self, reply: Reply) -> Reply:
        """Return a page with half of its rows, as if it were the last."""
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
            instalments=bool(self.options["instalments"]), custom_fields=bool(self.options["custom_fields"])
        )
        database = Database(schema)
        self.account = Account.made(database, self.book, self.zone, kept=self.kept)
        self.suiteql = SuiteQLService(database, self.zone, lambda: self.now)
        return None

    def spoil(self, item: str, flaw: str = DATE) -> None:
        """Let the date of an item's transaction be none: its year was typed with two digits."""
        with self.moving:
            self.account.ledger.spoil(item)

    def spoil_payment(self, payment: str, flaw: str = DATE) -> None:
        """Let the date of a payment be none."""
        with self.moving:
            self.account.ledger.spoil_payment(payment)

    def expire_tokens(self) -> int:
        """End all tokens now; return how many there were."""
        return self.mapped.expire_tokens() if self.mapped else 0

    def _answered(self, request: Request) -> Reply:
        """Answer a request unless there are more at once than the account may have."""
        with self._counting:
            self._at_once += 1
            many = self._at_once > int(self.options["concurrency"])
        try:
            return too_many_requests() if many else super()._answered(request)
        finally:
            with self._counting:
                self._at_once -= 1

    def _allowed(self, request: Request) -> Reply:
        if not self._signed_in(request):
            raise invalid_login()
        if REST in self.denied:
            raise no_permission(REST)
        if request.path == SUITEQL:
            if WORKBOOK in self.denied:
                raise no_permission(WORKBOOK)
            hidden = frozenset(table for right in self.denied for table in SEEN_BY.get(right, ()))
            return self.suiteql.answer(request, hidden)
        raise Refused(404, f"The requested resource '{request.path}' was not found.", "NOT_FOUND")

    def _signed_in(self, request: Request) -> bool:
        if not self.mapped:
            return self.token.signed(request)
        header = next((text for name, text in request.headers.items() if name.lower() == "authorization"), "")
        scheme, _, token = header.partition(" ")
        return scheme.lower() == "bearer" and self.mapped.knows(token)

    def _about(self, request: Request) -> str:
        """Say what a request asks about: the tables of a query, else its path."""
        return f"{request.path} {' '.join(self.suiteql.tables(request))}" if request.path == SUITEQL else request.path
