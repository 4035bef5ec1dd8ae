"""The simulated SAP ECC: function modules by SOAP and by the stand-in RFC module, on a moving book.

A module stands at `/sap/bc/srt/rfc/sap/<name>/<client>/<name>/<name>`. What `given` yields is in given.py; what
the tables hold in tables; what the modules do in functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, urlsplit

from duehook.core.hookspecs import CommandKind
from duehook.core.records import Stream
from duehook.core.testing.book import Book, Change
from duehook.core.testing.book_simulator import DATE
from duehook.core.testing.faults import Calls
from duehook.core.testing.odata import header
from duehook.core.testing.sap_ledger.codes import company_code
from duehook.core.testing.sap_ledger.kept import NO_LINE, NO_YEAR
from duehook.core.testing.sap_ledger.settling import Posting
from duehook.core.testing.simulator import ControlRoute, Reply, Request

from .codes import OURS, SITE_SETTINGS, THEIRS
from .functions.engine import Engine
from .given import LACKS, given
from .system import System
from .tables.ledger import AMOUNT, SIDE
from .users import EccUsers
from .wire import gateway, soap
from .wire.sign_in import PASSWORD, USER, Door, Sessions
from .wire.wsdl import wsdl

MAIN, OTHER = "100", "200"
READ_TABLE: Final = "RFC_READ_TABLE"
LIBRARY: Final = "duehook.plugins.sap_ecc.simulator.rfc"
_CHOICES: Final = {
    "partial": ("referring", "residual"), "naming": ("parts", "all"), "transport": ("soap", "rfc"),
}  # fmt: skip
_SERVICE: Final = re.compile(r"/sap/bc/srt/rfc/sap/([^/]+)/(\d{3})/([^/]+)/([^/]+)")
_ABOUT: Final = {"customer": "KUNNR", "company": "BUKRS", "mark": "MARK"}
_FUNCTIONS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "set_credit_hold": ("Z_DUEHOOK_HOLD", {**_ABOUT, "value": "CRBLB", "text": "TEXT"}),
    "release_credit_hold": ("Z_DUEHOOK_HOLD", {**_ABOUT, "value": "CRBLB", "text": "TEXT"}),
    "add_note": ("Z_DUEHOOK_NOTE", {**_ABOUT, "text": "TEXT"}),
    "set_dunning_block": ("Z_DUEHOOK_BLOCK", {**_ABOUT, "value": "MANSP", "text": "TEXT"}),
    "read_notes": ("Z_DUEHOOK_NOTES", {"customer": "KUNNR"}),
}
_TABLE: Final = re.compile(rb"QUERY_TABLE\W+(\w+)")  # in an envelope as in the JSON of the stand-in for RFC
_NOTHING: Final = b"<html><body>The requested Web service is not active</body></html>"


class EccSimulator(EccUsers):
    """An ECC over a seeded book.

    Options beside those of every simulator: `transport` ("soap" or "rfc": what the connection's settings say; both are
    served), `site_functions` (the site has modules of its own that write), `read_table` (what RFC_READ_TABLE
    is called here), `partial` and `naming` (settling.py of core/testing/sap_ledger says what they are).

    Company codes have four characters: the book's without the first. A credit block of Duehook is X; users
    set other letters, so that it can be told whose one is.
    """

    more_options: ClassVar[Mapping[str, Any]] = {
        "transport": "soap",
        "site_functions": False,
        "read_table": READ_TABLE,
        "partial": "referring",
        "naming": "parts",
    }
    site_settings: Mapping[str, Any] = SITE_SETTINGS
    rights: Mapping[str, str] = {
        **{table: table for table in ("BSID", "BSAD", "BKPF", "KNA1", "KNB1", "KNKK")}, READ_TABLE: READ_TABLE,
    }  # fmt: skip
    variants: Mapping[str, Mapping[str, Any]] = {
        "RFC": {"transport": "rfc"},
        "residual items": {"partial": "residual"},
        "payments that name every invoice": {"naming": "all"},
        "a copy of RFC_READ_TABLE": {"read_table": "Z_RFC_READ_TABLE"},
    }
    fullest: Mapping[str, Any] = {"site_functions": True}
    flaws: Mapping[str, bool] = {DATE: True, AMOUNT: False, SIDE: False}
    half_references: Sequence[str] = (NO_LINE, NO_YEAR)
    hold_values: tuple[str, str] = (OURS, THEIRS)
    reads = Calls("(?i)read_table|getopenitems|z_duehook_notes", "POST")

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare; `start` draws the book and serves. ValueError for an unknown option."""
        super().__init__(options)
        for name, known in _CHOICES.items():
            if self.options[name] not in known:
                raise ValueError(f"{name} is {' or '.join(known)}, not {self.options[name]!r}")
        written = _FUNCTIONS if self.options["site_functions"] else {}
        self.lacks: Mapping[str, str] = {name: why for name, why in LACKS.items() if name not in written}
        table = self.options["read_table"]
        self.rights = {table if name == READ_TABLE else name: word for name, word in self.rights.items()}
        self.door, self.sessions = Door(), Sessions()
        self._engines: dict[str, Engine] = {}

    def connection(self, url: str) -> Mapping[str, str]:
        """Return the settings of a connection to the server at this URL."""
        settings = {"client": MAIN, "user": USER, "password": PASSWORD}
        if self.options["transport"] == "rfc":
            host = urlsplit(url).netloc
            settings |= {"transport": "rfc", "host": host, "system_number": "00", "rfc_library": LIBRARY}
        else:
            settings["base_url"] = url
        if self.options["read_table"] != READ_TABLE:
            settings["read_table"] = self.options["read_table"]
        for kind, (name, parameters) in _FUNCTIONS.items() if self.options["site_functions"] else ():
            settings[f"functions.{kind}.name"] = name
            settings |= {f"functions.{kind}.parameters.{each}": its for each, its in parameters.items()}
        return settings

    def stop(self) -> None:
        """End the server, and the tables with the last answer."""
        super().stop()
        with self.moving:
            for engine in self._engines.values():
                engine.system.store.close()

    def carried(self, changes: Sequence[Change]) -> None:
        """Take over what happened in the book."""
        if self._system is None:
            self._system = System(self.book, self.kept, self._posting(), self.denied)
            self._engines[MAIN] = self._engine(self._system)
        self._system.carried(changes, before_start=self._server is None)

    def given(self, stream: Stream) -> Iterator[dict[str, Any]]:
        """Yield the rows that a connector shall read now; given.py says how."""
        return given(self.system, stream)

    def open_balances(self) -> dict[tuple[str, str, str], Decimal]:
        """Return the sums of BSID."""
        with self.moving:
            return self.system.lines.open_balances()

    def answer(self, request: Request) -> Reply:
        """Sign in, find the client and the module, and let it answer."""
        query = {name: values[0] for name, values in parse_qs(request.query, keep_blank_values=True).items()}
        found = _SERVICE.fullmatch(request.path)
        client = query.get("sap-client") or header(request, "sap-client") or (found[2] if found else MAIN)
        engine = self._client(client)
        refused = self.door.refused(request, client) if engine else Reply(_NOTHING, 401, "text/html")
        if refused or engine is None:
            return refused or Reply(_NOTHING, 401, "text/html")
        if request.path.startswith(gateway.PATH):
            return gateway.called(engine, request)
        if found is None or client != found[2]:
            return Reply(_NOTHING, 404, "text/html")
        return self._service(request, engine, found, query)

    def error(self, status: int) -> Reply:
        """Word the body of a status that a fault asks for."""
        if status == 404:
            return Reply(_NOTHING, 404, "text/html")
        return soap.fault("SOAP_RUNTIME_ERROR", f"fault {status}", status=status)

    def shrunk(self, reply: Reply) -> Reply:
        """Return an answer with half of its rows."""
        return gateway.shrunk(reply) if reply.content_type == "application/json" else soap.shrunk(reply)

    def about(self, request: Request) -> str:
        """Say which module was called, and which table RFC_READ_TABLE was asked for."""
        table = _TABLE.search(request.body)
        return f"{request.path} {table[1].decode()}" if table else request.path

    def writes(self, kind: CommandKind) -> Calls:
        """Say which requests carry out a command."""
        name, _ = _FUNCTIONS.get(kind, ("no module", {}))
        return Calls(f"(?i){name}/|{name}$", "POST")

    def controls(self) -> dict[str, ControlRoute]:
        """Return the commands for other processes."""
        return {
            **super().controls(),
            "open_totals": lambda body: [
                [company_code(code), currency, str(total)]
                for (code, currency), total in self.book.open_totals().items()
            ],
            "notes": lambda body: self.notes(str(body["customer"])),
            "hold": lambda body: self.hold(str(body["company"]), str(body["customer"])),
        }

    def _service(self, request: Request, engine: Engine, found: re.Match[str], query: Mapping[str, str]) -> Reply:
        """Let a module's service answer, or describe itself."""
        name = found[1].upper()
        if name not in engine.modules or {found[3].upper(), found[4].upper()} != {name}:
            return Reply(_NOTHING, 404, "text/html")
        if request.method == "GET" and "wsdl" in query:
            return wsdl(name, engine.modules[name], f"http://{header(request, 'Host')}{request.path}")
        if request.method != "POST":
            return Reply(_NOTHING, 405, "text/html")
        session, cookies = self.sessions.of(request, found[2], ends=name.startswith("BAPI_TRANSACTION_"))
        reply = soap.answered(engine, name, request.body, session)
        return replace(reply, headers=(*reply.headers, *cookies))

    def _client(self, number: str) -> Engine | None:
        """Return a client's engine: the other one is a test client, with a book of its own that does not move."""
        if number == OTHER and number not in self._engines:
            book = Book.make(int(self.options["seed"]) + 1000, 12, 40, self.book.day)
            self._engines[OTHER] = self._engine(System(book, {}, self._posting(), self.denied))
        return self._engines.get(number)

    def _engine(self, system: System) -> Engine:
        return Engine(system, site=bool(self.options["site_functions"]), read_table=self.options["read_table"])

    def _posting(self) -> Posting:
        return Posting(self.options["partial"], self.options["naming"])
