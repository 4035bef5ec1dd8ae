"""An AIS server: sessions, media-object notes, orchestrations and forms, in the dossier's shapes."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from duehook.core.testing.simulator import Reply, Request, json_reply

from .data_service import NEXT, DataService, Unasked
from .forms import DAYS, FORM, Forms
from .notes import Notes
from .orchestrations import Orchestrations
from .store import Store
from .user_fields import NotTaken

VERSION: Final = "EnterpriseOne 9.2.8.3"
ENVIRONMENT: Final = "JPD920"
_BROWSE: Final = "/jderest/v2/dataservice"
_ORCHESTRATOR: Final = "/jderest/v3/orchestrator/"
_TOKEN_BODY: Final = ("/jderest/tokenrequest", "/jderest/v2/tokenrequest")


@dataclass(frozen=True)
class User:
    """Who may sign in, and what for: `notes`, `orchestrations`, `forms` and `data`."""

    password: str
    rights: frozenset[str] = frozenset({"notes", "orchestrations", "forms", "data"})


@dataclass
class Session:
    """A token's session, tied to a device, or to the caller's address where none was named."""

    user: str
    device: str
    used_at: float


@dataclass
class AisOptions:
    """How the simulated site is set up."""

    users: Mapping[str, User] = field(
        default_factory=lambda: {
            "CMSVC": User("simulator"),
            "READER": User("simulator", frozenset()),
        }
    )
    hold_orchestration: str = "CM_SetCreditHold"
    token_life: float = 1800.0


class Refusal(Exception):
    """AIS answers with an error: a status, an exception's name and a message."""

    def __init__(self, status: int, message: str, exception: str = "AISException") -> None:
        super().__init__(message)
        self.reply = error_reply(status, message, exception)


def error_reply(status: int, message: str = "Internal error in the simulated server", exception: str = "") -> Reply:
    """Answer with AIS's error body."""
    body = {
        "message": message,
        "exception": exception or "com.oracle.e1.rest.AISException",
        "timeStamp": "2026-01-01:00.00.00",
        "errorText": message,
        "status": status,
        "userDefinedErrorText": "",
    }
    return json_reply(body, status)


class AisServer:
    """Answers AIS requests over a store; `clock` gives the book's present instant for stamps."""

    def __init__(self, store: Store, options: AisOptions, clock: Callable[[], datetime]) -> None:
        """Serve that store; `zone` of the stamps is the clock's own."""
        self.store = store
        self.options = options
        self.clock = clock
        self.notes = Notes(store)
        self.orchestrations = Orchestrations(store, self.notes, clock, hold=options.hold_orchestration)
        self.forms = Forms(self.orchestrations.fields)
        self.data = DataService(store)
        self.denied: set[str] = set()
        self._sessions: dict[str, Session] = {}

    def expire_tokens(self) -> int:
        """End every session, as a restart of the HTML server does; return how many there were."""
        ended = len(self._sessions)
        self._sessions.clear()
        return ended

    def about(self, request: Request) -> str:
        """Return the table that the data service is asked for, or its columns; of other requests the path."""
        path = request.path.rstrip("/")
        if path == _BROWSE:
            body = _body(request)
            return f"{'' if body.get('returnControlIDs') else 'columns of '}{body.get('targetName')}"
        return self.data.table_of(path.removeprefix(NEXT)) or path

    def handle(self, request: Request) -> Reply:
        """Answer one request."""
        try:
            answer = self._route(request)
            return answer if isinstance(answer, Reply) else json_reply(answer)
        except Refusal as refused:
            return refused.reply

    def _route(self, request: Request) -> Any:
        path = request.path.rstrip("/")
        if path in ("/jderest/defaultconfig", "/jderest/v2/defaultconfig"):
            return _config()
        if request.method == "GET" and path == "/jderest/v2/orchestrator/jde-validate-session":
            return {"isValidSession": self._session(request, {}) is not None}
        body = _body(request)
        if path in _TOKEN_BODY:
            return self._sign_in(body)
        if path in tuple(f"{base}/validate" for base in _TOKEN_BODY):
            return {"isValidSession": self._session(request, body) is not None}
        if path in tuple(f"{base}/logout" for base in _TOKEN_BODY):
            self._sessions.pop(_token(request, body), None)
            return {"status": "SUCCESS"}
        return self._inside(path, request, body)

    def _inside(self, path: str, request: Request, body: dict[str, Any]) -> Any:
        session = self._session(request, body)
        if session is None:
            raise Refusal(444, "Invalid Token", "com.oracle.e1.rest.InvalidTokenException")
        rights = self.options.users[session.user].rights - self.denied
        if path == _BROWSE or path.startswith(NEXT):
            _need("data", rights, session)
            return self._browse(path, request, body)
        if path in ("/jderest/v2/file/gettext", "/jderest/file/gettext"):
            _need("notes", rights, session)
            return self.notes.read(_note_key(body), body)
        if path in ("/jderest/v2/file/addtext", "/jderest/file/addtext"):
            _need("notes", rights, session)
            return self.notes.add(_note_key(body), body, session.user)
        if path.startswith(_ORCHESTRATOR):
            _need("orchestrations", rights, session)
            return self._orchestrated(path.removeprefix(_ORCHESTRATOR), body, session.user)
        if path in ("/jderest/v2/formservice", "/jderest/formservice"):
            _need("forms", rights, session)
            if body.get("formName") != FORM:
                raise Refusal(500, f"The form {body.get('formName')} cannot be opened")
            return self.forms.fill(body, session.user)
        raise Refusal(404, f"There is no {path}")

    def _orchestrated(self, name: str, body: dict[str, Any], user: str) -> Any:
        if name not in self.orchestrations:
            raise Refusal(404, f"Orchestration {name} does not exist")
        try:
            return self.orchestrations.run(name, body, user)
        except NotTaken as error:
            raise Refusal(400, str(error)) from error

    def _browse(self, path: str, request: Request, body: dict[str, Any]) -> Reply:
        """Give a page of a table that the user may see in the data browser."""
        token, number = _token(request, body), path.removeprefix(NEXT)
        table = str(body.get("targetName")) if path == _BROWSE else self.data.table_of(number)
        if table in self.denied:
            raise Refusal(403, f"Not authorized to browse {table}", "AuthorizationException")
        base = f"http://{_header(request, 'Host') or '127.0.0.1'}"
        try:
            page = self.data.browse(body, token, base) if path == _BROWSE else self.data.next(number, token, base)
        except (Unasked, ValueError, ArithmeticError) as wrong:
            raise Refusal(400, f"Data request failed: {wrong}") from wrong
        if page is None:
            raise Refusal(444, "Invalid Token", "com.oracle.e1.rest.InvalidTokenException")
        return page

    def _sign_in(self, body: dict[str, Any]) -> Any:
        name = str(body.get("username", ""))
        user = self.options.users.get(name)
        if user is None or user.password != body.get("password"):
            raise Refusal(403, "Sign-in failed: the user name or the password is wrong", "AuthenticationException")
        token = "044" + secrets.token_hex(24)
        self._sessions[token] = Session(name, str(body.get("deviceName") or ""), time.monotonic())
        return {
            "username": name,
            "environment": body.get("environment") or ENVIRONMENT,
            "role": body.get("role") or "*ALL",
            "jasserver": "http://127.0.0.1:7020",
            "userInfo": {
                "token": token,
                "langPref": "  ",
                "locale": "en",
                "dateFormat": "MDE",
                "dateSeperator": "/",
                "simpleDateFormat": DAYS,
                "decimalFormat": ".",
                "addressNumber": 0,
                "alphaName": name,
                "appsRelease": "E920",
                "country": "",
                "username": name,
            },
            "userAuthorized": False,
            "version": None,
            "aisSessionCookie": secrets.token_hex(16),
            "adminAuthorized": False,
            "deprecated": True,
        }

    def _session(self, request: Request, body: dict[str, Any]) -> Session | None:
        """Return the live session of a request's token, when its device is the one it was made for."""
        token = _token(request, body)
        session = self._sessions.get(token)
        if session is None:
            return None
        if time.monotonic() - session.used_at > self.options.token_life:
            del self._sessions[token]
            return None
        device = _header(request, "jde-AIS-Auth-Device") or str(body.get("deviceName") or "")
        if session.device and device != session.device:
            return None
        session.used_at = time.monotonic()
        return session


def _need(right: str, rights: frozenset[str], session: Session) -> None:
    if right not in rights:
        raise Refusal(403, f"User {session.user} is not authorized for {right}", "AuthorizationException")


def _body(request: Request) -> dict[str, Any]:
    kind = _header(request, "Content-Type").partition(";")[0].strip().lower()
    if request.method == "POST" and request.body and kind != "application/json":
        raise Refusal(415, "Unsupported Media Type")
    try:
        body = json.loads(request.body) if request.body else {}
    except ValueError as wrong:
        raise Refusal(400, f"Error parsing JSON: {wrong}") from wrong
    if not isinstance(body, dict):
        raise Refusal(400, "The body must be a JSON object")
    return body


def _note_key(body: dict[str, Any]) -> tuple[str, str]:
    keys = body.get("moKey")
    if not body.get("moStructure") or not isinstance(keys, list) or not keys:
        raise Refusal(400, "moStructure and moKey are required")
    return str(body["moStructure"]), "|".join(str(key) for key in keys)


def _header(request: Request, name: str) -> str:
    return next((text for header, text in request.headers.items() if header.lower() == name.lower()), "")


def _token(request: Request, body: dict[str, Any]) -> str:
    return _header(request, "jde-AIS-Auth") or str(body.get("token") or "")


def _config() -> dict[str, Any]:
    names = ("grid", "editable", "log", "processingOption", "ignoreFDAFindOnEntry", "selectAllGridRows",
             "applicationStack", "thumbnailSize", "gridCellClick", "query", "taskAuthorization", "urlMediaObjects",
             "jargon", "aliasNaming", "orchestrator")  # fmt: skip
    capabilities = [
        {"name": name, "shortDescription": name, "longDescription": name, "asOfRelease": "1.0", "sinceVersion": "1"}
        for name in names
    ]
    return {
        "jasHost": "127.0.0.1",
        "jasPort": "7020",
        "jasProtocol": "http",
        "defaultEnvironment": ENVIRONMENT,
        "defaultRole": "*ALL",
        "aisVersion": VERSION,
        "capabilityList": capabilities,
        "requiredCapabilityList": None,
    }
