"""The simulated M3, as the contract kit and tests use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from duehook.core.hookspecs import CommandKind
from duehook.core.records import Stream
from duehook.core.testing.book import Change
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.book_simulator import DATE, BookSimulator, balances
from duehook.core.testing.faults import Calls
from duehook.core.testing.simulator import Reply, Request

from .codes import COMPANY, DIVISIONS, SITE_SETTINGS
from .engine import Engine
from .given import given
from .options import FULLEST, OPTIONS, VARIANTS, absent, lacking, rights
from .sign_in import PASSWORD, USER, basic_refused
from .site import Site
from .wire import Wire, broken, shrunk

AMOUNT = "amount"


class M3Simulator(BookSimulator):
    """An M3 of one company and four divisions, over the moving book."""

    more_options: ClassVar[Mapping[str, Any]] = OPTIONS
    site_settings = SITE_SETTINGS
    variants = VARIANTS
    fullest = FULLEST
    flaws: Mapping[str, bool] = {DATE: True, AMOUNT: False}
    hold_values = ("1", "2")
    reads = Calls(r"/execute/?$|/execute/\w+/(Lst|List|Get|Sel|Slt|Search)", "GET|POST")
    site: Site
    wire: Wire

    @property
    def lacks(self) -> Mapping[str, str]:  # type: ignore[override]
        """Name what M3 does not have, with the reason."""
        return lacking(self.options)

    @property
    def rights(self) -> Mapping[str, str]:  # type: ignore[override]
        """Name the programs that the user needs."""
        return rights(self.options)

    def connection(self, url: str) -> Mapping[str, str]:
        """Return the settings of a connection."""
        return {
            "mode": "basic",
            "base_url": f"{url}/m3api-rest",
            "user": USER,
            "password": PASSWORD,
            "version": str(self.options["version"]),
            "company": COMPANY,
            "divisions": ",".join(DIVISIONS.values()),
            "calls_per_second": "1000",
        }

    def answer(self, request: Request) -> Reply:
        """Answer a request of one who may ask."""
        return basic_refused(request) or self.wire.answer(request)

    def error(self, status: int) -> Reply:
        """Word the body of a status that a fault asks for."""
        return broken(status)

    def shrunk(self, reply: Reply) -> Reply:
        """Return an answer with half of its records, as if there were no more."""
        return shrunk(reply)

    def writes(self, kind: CommandKind) -> Calls:
        """Say which requests carry out a command: GETs, as all calls of M3."""
        return Calls("/execute/CRS610MI/ChgFinancial", "GET")

    def given(self, stream: Stream) -> Iterator[dict[str, Any]]:
        """Yield the rows that a connector shall read now."""
        with self.moving:
            return iter(list(given(self.site, stream)))

    def open_balances(self) -> dict[tuple[str, str, str], Decimal]:
        """Add up the rows of FSLEDG by DIVI, CUNO and currency; an item whose amount cannot be read is left out."""
        spoilt = {key for key, flaw in self.site.cells.spoilt.items() if flaw == AMOUNT}
        with self.moving:
            return balances(
                ((line.division, line.item.customer, line.item.currency), to_amount(line.minor, line.item.currency))
                for line in self.site.ledger.all()
                if line.item.key not in spoilt
            )

    def carried(self, changes: Sequence[Change]) -> None:
        """Make the rows anew that changed; all of them at first."""
        if not hasattr(self, "site"):
            self.site = Site(self.book, self.kept, self.options, lambda: self.now, self.keep)
            engine = Engine(self.site, self.denied, absent(self.options))
            self.wire = Wire(engine, "", self.options["gateway_rows"])
        else:
            self.site.ledger.carry(changes)
        self.site.customers.carry(changes)

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
            book.set_hold(customer, value)
