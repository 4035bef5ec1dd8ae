"""The simulated SAP S/4HANA: its Gateway's OData services over HTTP, on a moving book.

Roots are `/sap/opu/odata/sap/<SERVICE>/` (V2) and `/sap/opu/odata4/sap/<service>/srvd_a2x/sap/<service>/0001/`
(V4). What `given` yields, and by which rules, is in given.py; what the book's documents become in ledger;
what partners look like in partners.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Final

from duehook.core.hookspecs import CommandKind
from duehook.core.records import Stream
from duehook.core.testing.book import Book, Change
from duehook.core.testing.book_simulator import DATE
from duehook.core.testing.failing import instead
from duehook.core.testing.faults import INSTEAD, Calls
from duehook.core.testing.odata import ODataError, header, parameters_of
from duehook.core.testing.sap_ledger.codes import company_code
from duehook.core.testing.sap_ledger.kept import NO_LINE, NO_YEAR
from duehook.core.testing.simulator import ControlRoute, Reply, Request

from . import sign_in
from .client import (
    CREDIT_SERVICE,
    CUBE_SERVICE,
    CUBE_SET,
    DISPUTE_SERVICE,
    PARTNER_SERVICE,
    V2,
    Client,
    ClientOptions,
    SapService,
)
from .codes import CREDIT_SEGMENT, SITE_SETTINGS
from .given import LACKS, given
from .journal import service as journal
from .journal.inbox import Inbox, fates
from .journal.wsdl import PATH, wsdl
from .ledger.rows import AMOUNT, SIDE
from .sign_in import SignIn
from .users import SapUsers

MAIN: Final = "100"
OTHER: Final = "200"  # also the system's default: whoever names no client reads another company's test data
_CHOICES: Final = {"partial": ("referring", "residual"), "naming": ("parts", "all"), "odata": ("v2", "v4")}
_NO_SERVICE: Final = "/IWFND/MED/170"
_WRITES: Final[Mapping[CommandKind, str]] = {
    "add_note": "A_Customer(Company)?Text",
    "set_credit_hold": "CreditManagementAccount",
    "release_credit_hold": "CreditManagementAccount",
    "set_dunning_block": "A_CustomerDunning",
    "set_dunning_level": "A_CustomerDunning",
    "set_dispute": "DisputeCase",
}


class SapSimulator(SapUsers):
    """An S/4HANA over a seeded book.

    Options beside those of every simulator: `page_size` (the Gateway pages by itself; None: it does not),
    `partial` ("referring" or "residual") and `naming` ("parts" or "all"; settling.py of core/testing/sap_ledger
    says what both are), `disputes` (the dispute service is there), `oauth` (client credentials instead of Basic),
    `journal_entries` (changes of journal entries are taken by SOAP, and carried out `journal_entry_requests` requests
    later), `odata` (which version the connection's settings say: both are served), `unselective_timeout` (the cube
    answers 504 where neither a company code nor a date is asked for).

    A hold is the block reason of the credit account; `hold_values` are one that Duehook may set, and one
    that users set. Company codes have four characters: the book's without the first.
    """

    more_options: ClassVar[Mapping[str, Any]] = {
        "page_size": None,
        "partial": "referring",
        "naming": "parts",
        "disputes": False,
        "journal_entries": False,
        "journal_entry_requests": 2,
        "oauth": False,
        "odata": "v2",
        "unselective_timeout": False,
    }
    lacks: Mapping[str, str] = LACKS
    site_settings: Mapping[str, Any] = SITE_SETTINGS
    rights: Mapping[str, str] = {
        PARTNER_SERVICE: PARTNER_SERVICE, CUBE_SERVICE: CUBE_SERVICE, CREDIT_SERVICE: CREDIT_SERVICE,
    }  # fmt: skip
    variants: Mapping[str, Mapping[str, Any]] = {
        "residual items": {"partial": "residual"},
        "payments that name every invoice": {"naming": "all"},
        "V4": {"odata": "v4"},
        "OAuth": {"oauth": True},
        "disputes": {"disputes": True},
        "dunning blocks of items": {"journal_entries": True},
        "a Gateway that pages": {"page_size": 60},
    }
    fullest: Mapping[str, Any] = {"disputes": True, "oauth": True, "journal_entries": True}
    flaws: Mapping[str, bool] = {DATE: True, AMOUNT: False, SIDE: False}
    half_references: Sequence[str] = (NO_LINE, NO_YEAR)
    hold_values: tuple[str, str] = ("01", "09")

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare; `start` draws the book and serves. ValueError for an unknown option."""
        super().__init__(options)
        for name, known in _CHOICES.items():
            if self.options[name] not in known:
                raise ValueError(f"{name} is {' or '.join(known)}, not {self.options[name]!r}")
        there = {"set_dispute": self.options["disputes"], "sign-in that runs out": self.options["oauth"]}
        self.lacks = {name: why for name, why in LACKS.items() if not there.get(name)}
        if self.options["odata"] == "v4":  # its amounts are no texts, so that none can be written wrongly
            self.flaws = {name: readable for name, readable in self.flaws.items() if name != AMOUNT}
        if self.options["disputes"]:
            self.rights = {**self.rights, DISPUTE_SERVICE: DISPUTE_SERVICE}
        if self.options["journal_entries"]:
            self.rights = {**self.rights, journal.SCENARIO: journal.SCENARIO}
            self.about_items = self.answers_later = ("set_dunning_block",)
        self.sign_in = SignIn(oauth=bool(self.options["oauth"]))
        self._others: Client | None = None
        self._errors = SapService("/", "", V2, {})

    @property
    def other_client(self) -> Client:
        """Return the other client: a book of its own, which does not move."""
        if self._others is None:
            seed = int(self.options["seed"]) + 1000
            book = Book.make(seed, 12, 40, self.book.day)
            self._others = Client(book, {}, self._client_options())
        return self._others

    def connection(self, url: str) -> Mapping[str, str]:
        """Return the settings of a connection to the server at this URL."""
        settings = {"base_url": url, "client": MAIN, "credit_segment": CREDIT_SEGMENT}
        if self.options["odata"] != "v2":
            settings["odata"] = self.options["odata"]
        if self.options["disputes"]:
            settings["services.dispute"] = DISPUTE_SERVICE
        if self.options["journal_entries"]:
            settings["journal_entry_change.wsdl"] = self._described(url)
        if self.options["oauth"]:
            token_url = url + sign_in.TOKEN_PATH
            return settings | {
                "token_url": token_url, "client_id": sign_in.CLIENT_ID, "client_secret": sign_in.CLIENT_SECRET,
            }  # fmt: skip
        return settings | {"user": sign_in.USER, "password": sign_in.PASSWORD}

    def carried(self, changes: Sequence[Change]) -> None:
        """Take over what happened in the book."""
        if self._client is None:
            self._client = Client(self.book, self.kept, self._client_options(), self._part_fault)
        self._client.carried(changes, before_start=self._server is None)

    def given(self, stream: Stream) -> Iterator[dict[str, Any]]:
        """Yield the rows that a connector shall read now; given.py says how."""
        return given(self.client, stream)

    def answer(self, request: Request) -> Reply:
        """Sign in, find the client and the service, and let it answer."""
        if request.path == sign_in.TOKEN_PATH and self.options["oauth"]:
            return self.sign_in.token(request)
        number = parameters_of(request.query).get("sap-client") or header(request, "sap-client") or OTHER
        refused = self.sign_in.refused(request, number)
        if refused is not None:
            return refused
        if number not in (MAIN, OTHER):
            return Reply(b"<html><body>Client does not exist</body></html>", 401, "text/html;charset=utf-8")
        client = self.client if number == MAIN else self.other_client
        if client.inbox:
            client.inbox.tick()
            if journal.is_for(request):
                return journal.forbidden() if journal.SCENARIO in self.denied else self._taken(request, client.inbox)
        session, cookies = self.sign_in.session(request, number)
        refused = self.sign_in.without_token(request, session)
        reply = refused or self._served(request, client)
        fetched = self._fetched(request, session) if refused is None else []
        return replace(reply, headers=(*reply.headers, *cookies, *fetched, ("sap-processing-info", "ODataBEP=")))

    def error(self, status: int) -> Reply:
        """Word the body of a status that a fault asks for, as the Gateway would."""
        asked = Request("GET", "/", "$format=json", {}, b"")
        if status == 404:
            missing = ODataError(404, "No service found for namespace '', name '', version '0001'", code=_NO_SERVICE)
            return self._errors.refusal(missing, asked)
        return self._errors.refusal(ODataError(status, f"fault {status}", code="/IWFND/CM_BEC/026"), asked)

    def shrunk(self, reply: Reply) -> Reply:
        """Return a page with half of its rows that looks like the last one."""
        for client in (self._client, self._others):
            for _, service in client.services.values() if client else ():
                shrunk = service.shrunk(reply)
                if shrunk is not reply:
                    return shrunk
        return reply

    def open_balances(self) -> dict[tuple[str, str, str], Decimal]:
        """Return the sums of the customer lines that are not cleared."""
        with self.moving:
            return self.client.cube.open_balances()

    def writes(self, kind: CommandKind) -> Calls:
        """Say which requests carry out a command."""
        path = _WRITES.get(kind, "")
        if kind in self.about_items:  # an item is looked at in the cube, and changed by a message
            path = f"{path}|{CUBE_SET}|{PATH}"
        return Calls(path, "POST|PUT|PATCH|MERGE")

    def controls(self) -> dict[str, ControlRoute]:
        """Return the commands for other processes."""
        return {
            **super().controls(),
            "open_totals": lambda body: [
                [company_code(code), currency, str(total)]
                for (code, currency), total in self.book.open_totals().items()
            ],
            "notes": lambda body: self.notes(str(body["customer"])),
            "hold": lambda body: self.hold("", str(body["customer"])),
            "journal_entries": self._journal_entries,
            "own_dunning_run": lambda body: {"dunned": self.own_dunning_run()},
            "expire_tokens": lambda body: self.sign_in.expire_tokens(),
            "expire_sessions": lambda body: self.sign_in.expire_sessions(),
        }

    def _described(self, url: str) -> str:
        """Put the description of the SOAP service where a site keeps what it downloaded; return its path."""
        file = Path(self.options["folder"]) / "JOURNALENTRYBULKCHANGEREQUEST_.wsdl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(wsdl(url), encoding="utf-8")
        return str(file.absolute())

    def _taken(self, request: Request, inbox: Inbox) -> Reply:
        return journal.answered(inbox, request, f"http://{header(request, 'Host')}")

    def _journal_entries(self, body: dict[str, Any]) -> Any:
        """Say what becomes of the next messages, start those again that are late, and show the monitor."""
        inbox = self.client.inbox
        if inbox is None:
            raise ValueError("the simulator has no journal entry change: start it with journal_entries")
        inbox.fates += fates(body.get("next", ()))
        return {"started": inbox.work_off() if body.get("work_off") else 0, "messages": inbox.messages}

    def _client_options(self) -> ClientOptions:
        size = self.options["page_size"]
        return ClientOptions(
            int(size) if size else None, self.options["partial"], self.options["naming"],
            bool(self.options["disputes"]), bool(self.options["unselective_timeout"]),
            int(self.options["journal_entry_requests"]) if self.options["journal_entries"] else None,
        )  # fmt: skip

    def _served(self, request: Request, client: Client) -> Reply:
        """Find the service at a request's path, and let it answer."""
        slashed = request.path if request.path.endswith("/") else f"{request.path}/"
        root = next((each for each in client.services if slashed.lower().startswith(each.lower())), None)
        if root is None:
            return self._errors.refusal(
                ODataError(404, f"No service found for '{request.path}'", code=_NO_SERVICE), request
            )
        name, service = client.services[root]
        if name in self.denied:
            return service.refusal(
                ODataError(403, f"No authorization to access service {name}", code="/IWFND/CM_CONSUMER/101"), request
            )
        return service.answer(replace(request, path=root + slashed[len(root) :].rstrip("/")))

    def _part_fault(self, request: Request) -> Reply | None:
        """Let a part of a $batch fail as a request of its own would."""
        root, _, name = request.path.rpartition("/")
        fault = self.faults.take(f"{root}/$batch/{name}", request.method, kinds=INSTEAD)
        return instead(fault, self.error) if fault else None

    def _fetched(self, request: Request, session: str) -> list[tuple[str, str]]:
        """Give the CSRF token to whoever asks for it by reading; the root gives it only with its slash."""
        roots = {each.rstrip("/") for each in self.client.services}
        if header(request, "X-CSRF-Token").lower() != "fetch" or request.method != "GET" or request.path in roots:
            return []
        return [("x-csrf-token", self.sign_in.sessions[session])]
