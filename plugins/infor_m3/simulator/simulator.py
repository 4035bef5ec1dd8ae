"""The simulated M3, as the contract kit and tests use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Final

from duehook.core.hookspecs import CommandKind
from duehook.core.records import Stream
from duehook.core.testing.book import Change
from duehook.core.testing.book.objects import to_amount
from duehook.core.testing.book_simulator import DATE, balances
from duehook.core.testing.faults import Calls
from duehook.core.testing.simulator import ControlRoute, Reply, Request

from .codes import COMPANY, DIVISIONS, SITE_SETTINGS
from .engine import Engine
from .given import given
from .options import FULLEST, OPTIONS, VARIANTS, absent, lacking, rights
from .sign_in import PASSWORD, TENANT, USER, Gateway, basic_refused
from .site import Site
from .users import AMOUNT, M3Users
from .wire import Wire, about, broken, cut_off

_ANY_WRITE: Final = r"\w+/(Add|Chg|Upd|Set|Dlt|Del)\w+"
_WRITES: Final[Mapping[CommandKind, str]] = {
    "add_note": r"(CRS610MI/AddText|CRS980MI/(RtvNewTextID|SetTextID|AddTxt\w+|UpdTxt\w+|DltTxt\w+))",
    "set_credit_hold": "CRS610MI/ChgFinancial",
    "release_credit_hold": "CRS610MI/ChgFinancial",
    "set_dunning_block": "ARS201MI/UpdPmtReminStop",
    "set_dunning_level": "ARS201MI/UpdCustInv",
    "set_promise": "CUSEXTMI/ChgFieldValueEx",  # the call with the day: without it there is no promise yet
    "set_dispute": r"ARS251MI/(Add|Dlt)\w+",
}


class M3Simulator(M3Users):
    """An M3 of one company and four divisions, over the moving book.

    With the option `mode` "ionapi" it is reached through the gateway, by a .ionapi file in its folder.

    What the dossier leaves open was decided so: LstInvByDivi gives the first row of each CINO, of TRCD 10, or 20 for
    money on account; what is neither document nor money (discount, write-off, what a rate made) is TRCD 30; a bulk
    call is answered 400 when nothing of it succeeded, and a call of what is not there is not begun (400); a CHNO that
    is no longer true refuses ChgFinancial; the rates of CRS055MI are those from CUTD on, ARAT is what one unit
    comes to; GetInvTotInfo writes what was paid as a positive sum; EXPORTMI gives rows in no order. IVDT of the
    lists is the day from on which, PYNO and CUNO are whom alone; CNPE of CRS618MI, TEPY of CRS075MI are where to start,
    so are EMTP and EMKY of CRS111MI, whose list goes on with the next type. BLPR 2 is a customer without reminders,
    CLST 2 an invoice that a collector has, CLCD 1 one that he will get. A discount that was taken is granted no more.
    The rows of money have their own day as IVDT. FSLEDG has ACAM, but no column for what M3 adds up.
    """

    more_options: ClassVar[Mapping[str, Any]] = OPTIONS
    site_settings = SITE_SETTINGS
    variants = VARIANTS
    fullest = FULLEST
    flaws: Mapping[str, bool] = {DATE: True, AMOUNT: False}
    hold_values = ("1", "2")
    reads = Calls(r"/execute/?$|/execute/\w+/(Lst|List|Get|Sel|Slt)", "GET|POST")
    wire: Wire

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare; `start` draws the book and serves. ValueError for an unknown option, NoFault for a fault."""
        super().__init__(options)
        self.gateway = Gateway(float(self.options["token_life"]))

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
        found = {"mode": str(self.options["mode"]), "company": COMPANY, "divisions": ",".join(DIVISIONS.values())}
        found["calls_per_second"] = "1000"
        if self.options["note_mode"] != "AddText":
            found["note_mode"] = str(self.options["note_mode"])
        if not self.options["exportmi"]:
            found["exportmi"] = "false"
        if self.options["extension_table"]:
            found["promise"] = "cusextmi"
        if self.options["info_category"]:
            found["dispute_category"] = str(self.options["info_category"])
        if self._is_cloud:
            return found | {"ionapi_file": str(self.gateway.write_file(Path(self.options["folder"]), url))}
        reached = {"base_url": f"{url}/m3api-rest", "user": USER, "password": PASSWORD}
        return found | reached | {"version": str(self.options["version"])}

    def shrunk(self, reply: Reply) -> Reply:
        """Return an answer that a server cut off: with half of its records, or of the results of a bulk call."""
        return cut_off(reply)

    def answer(self, request: Request) -> Reply:
        """Answer a request of one who may ask."""
        if not self._is_cloud:
            return basic_refused(request) or self.wire.answer(request)
        return self.gateway.answer(request) or self.gateway.refused(request) or self.wire.answer(request)

    def about(self, request: Request) -> str:
        """Say which transaction a request is of."""
        return about(request)

    def error(self, status: int) -> Reply:
        """Word the body of a status that a fault asks for."""
        return broken(status)

    def writes(self, kind: CommandKind) -> Calls:
        """Say which requests carry out a command: GETs, as all calls of M3."""
        return Calls(f"/execute/{_WRITES.get(kind, _ANY_WRITE)}", "GET")

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

    def open_totals(self) -> dict[tuple[str, str], Decimal]:
        """Return what is open by DIVI and currency, zeros left out."""
        sums: dict[tuple[str, str], Decimal] = {}
        for (company, _, currency), amount in self.open_balances().items():
            sums[company, currency] = sums.get((company, currency), Decimal(0)) + amount
        return {pair: total for pair, total in sorted(sums.items()) if total}

    def carried(self, changes: Sequence[Change]) -> None:
        """Make the rows anew that changed; all of them at first."""
        if not hasattr(self, "site"):
            self.site = Site(self.book, self.kept, self.options, lambda: self.now, self.keep)
            engine = Engine(self.site, self.denied, absent(self.options))
            self.wire = Wire(engine, f"/{TENANT}/M3" if self._is_cloud else "", self.options["gateway_rows"])
        else:
            self.site.ledger.carry(changes)
        self.site.customers.carry(changes)

    def controls(self) -> dict[str, ControlRoute]:
        """Return the commands for other processes."""
        return {
            **super().controls(),
            "open_totals": lambda body: [[*pair, str(total)] for pair, total in self.open_totals().items()],
            "notes": lambda body: self.notes(str(body["customer"])),
            "hold": lambda body: self.hold("", str(body["customer"])),
            "expire_tokens": lambda body: {"ended": self.gateway.expire_tokens()},
        }

    @property
    def _is_cloud(self) -> bool:
        return bool(self.options["mode"] == "ionapi")
