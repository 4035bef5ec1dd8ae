"""The AIS wire: sign-in with a fixed device name, notes of media objects, orchestrations, forms, sign-out.

A token is kept for its life and given back at the end, for a forgotten one holds a licence. Status
444, or 401, says that the token is gone and nothing was done: sign in again once, then give up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import structlog

from duehook.core.errors import ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire import Call, RateBudget, Reply, ReplyLost, WireOptions, WireSession
from duehook.core.wire.reply import SHOWN

from .settings import AisSettings

EXPIRED: Final = frozenset({401, 444})
_TURNED_AWAY: Final = frozenset({401, 403})
_LOST: Final = EXPIRED | {400, 404}  # what a link to a page that is gone is answered by
_READ: Final = _LOST | {403}  # the data service refuses with words that name the table
_DATA: Final = "v2/dataservice"
_SENT: Final = "The write was sent and may have taken effect."
_log = structlog.get_logger(__name__)


class AisClient:
    """Speaks to one AIS server; `clock` is monotonic seconds."""

    def __init__(
        self,
        settings: AisSettings,
        name: str = "jde",
        *,
        options: WireOptions | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the settings, and the connection's name for the messages.

        `user` is what AIS said of the signed-in user: its date and decimal format among others.
        """
        self._settings, self._name = settings, name
        self._base = settings.base_url.rstrip("/").removesuffix("/jderest") + "/jderest"
        self._clock = clock
        self._session = WireSession([self._base], options or _options(settings, name, clock))
        self._token: str | None = None
        self._signed_in_at = 0.0
        self.user: dict[str, Any] = {}

    def sign_in(self) -> None:
        """Ask for a token, unless one is held that has not reached its life."""
        if self._token is not None and not self._aged():
            return
        self.sign_out()
        settings = self._settings
        body = {
            "username": settings.username,
            "password": settings.password.get_secret_value(),
            "deviceName": settings.device_name,
            "environment": settings.environment,
            "role": settings.role,
        }
        told = {name: value for name, value in body.items() if value}
        call = Call("POST", self._url("v2/tokenrequest"), json=told, reads=True, accept=_TURNED_AWAY)
        reply = self._session.send(call)
        if reply.status in _TURNED_AWAY:
            raise self._turned_away(reply)
        found = reply.json()
        said = found.get("userInfo") if isinstance(found, dict) else None
        self.user = said if isinstance(said, dict) else {}
        token = self.user.get("token")
        if not isinstance(token, str) or not token:
            raise ConnectorGarbled(
                "AIS answered the sign-in without a token.", fix="check `ais.base_url` and the user."
            )
        self._token, self._signed_in_at = token, self._clock()

    def _aged(self) -> bool:
        return self._clock() - self._signed_in_at >= self._settings.token_minutes * 60

    def _turned_away(self, reply: Reply) -> ConnectorRefused:
        keys = "`ais_user` and `ais_password` (in `ais:` `username` and `password`)"
        return ConnectorRefused(
            f"AIS refused the sign-in of {self._settings.username} ({reply.status}): {message_of(reply)}",
            fix=f"check {keys} of connection {self._name}.",
        )

    def sign_out(self) -> None:
        """Give the token back; a server that cannot take it lets it run out."""
        token, self._token = self._token, None
        if token is None:
            return
        call = Call("POST", self._url("v2/tokenrequest/logout"), json={"token": token}, headers=self._headers(token))
        try:
            self._session.send(call)
        except ConnectorError as error:
            _log.info("ais_sign_out_failed", reason=error.message)

    def notes(self, address: str) -> Any:
        """Return all texts of an address-book number's media object, as AIS gives them."""
        return self._asked("v2/file/gettext", {**self._object(address), "multipleMode": True, "htmlText": False})

    def has_note(self, address: str, marker: str) -> bool:
        """Say whether one of the texts holds the marker, wherever this release keeps its texts."""
        return any(marker in text for text in texts_in(self.notes(address)))

    def add_note(self, address: str, text: str, subject: str | None = None) -> str:
        """Add a text and return its reference; raise ConnectorRefused when AIS says it did not."""
        body = {**self._object(address), "itemName": subject or self._settings.note_name, "inputText": text}
        found = self._told("v2/file/addtext", body)
        status = found.get("addTextStatus") if isinstance(found, dict) else None
        if str(status).lower() != "success":
            raise ConnectorRefused(
                f"AIS did not add the note (addTextStatus {status!r}).",
                fix="let the ERP's admin allow media objects on the form of `ais.note_form` for the user.",
            )
        return str(found.get("sequence", ""))

    def said_at(self) -> datetime:
        """Return the server's own time."""
        return self._session.send(Call("GET", self._url("v2/defaultconfig"))).said_at()

    def browse(self, body: dict[str, Any]) -> Reply:
        """Ask the data service for rows; a refusal comes back as its reply."""
        return self._sent(_DATA, body, reads=True)

    def browse_on(self, link: str) -> Reply | None:
        """Ask for the page behind one; None where the link leads nowhere: it dies with its session."""
        if self._token is None or self._aged():
            return None
        path = link.partition("/jderest/")[2]  # the server may know itself by another name than we do
        call = Call("POST", self._url(path), headers=self._headers(self._token), reads=True, accept=_READ)
        reply = self._session.send(call)
        if reply.status in EXPIRED:
            self._token = None
        return None if reply.status in _LOST else reply

    def orchestrate(self, name: str, body: dict[str, str]) -> dict[str, Any]:
        """Run an orchestration that writes, and return what it answers."""
        found = self._told(f"v3/orchestrator/{quote(name, safe='')}", body)
        if not isinstance(found, dict):
            raise ReplyLost(f"The orchestration {name} answered no object. {_SENT}")
        return found

    def ask(self, name: str, body: dict[str, str]) -> Any:
        """Run an orchestration that only reads, and return what it answers."""
        return self._asked(f"v3/orchestrator/{quote(name, safe='')}", body)

    def fill(self, body: dict[str, Any]) -> dict[str, Any]:
        """Fill a form and press its button; return what the form shows then."""
        found = self._told("v2/formservice", body)
        if not isinstance(found, dict):
            raise ReplyLost(f"The form {body.get('formName')} answered no object. {_SENT}")
        return found

    def close(self) -> None:
        """Sign out and hang up."""
        self.sign_out()
        self._session.close()

    def _object(self, address: str) -> dict[str, Any]:
        settings = self._settings
        return {
            "moStructure": settings.note_structure,
            "moKey": [address],
            "formName": settings.note_form,
            "version": settings.note_version,
        }

    def _asked(self, path: str, body: dict[str, Any]) -> Any:
        return self._sent(path, body, reads=True).json()

    def _told(self, path: str, body: dict[str, Any]) -> Any:
        reply = self._sent(path, body, reads=False)
        try:
            return reply.json()
        except ConnectorGarbled as error:
            raise ReplyLost(f"{error.message} {_SENT}") from error

    def _sent(self, path: str, body: dict[str, Any], *, reads: bool) -> Reply:
        for _ in range(2):
            self.sign_in()
            headers = self._headers(self._token or "")
            accept = _READ if path == _DATA else EXPIRED
            call = Call("POST", self._url(path), json=body, headers=headers, reads=reads, accept=accept)
            reply = self._session.send(call)
            if reply.status not in EXPIRED:
                return reply
            self._token = None
        raise ConnectorRefused(
            f"AIS takes back its tokens at once ({reply.status}).",
            fix="let the ERP's admin keep the HTML server's session time-out below the AIS server's.",
        )

    def _headers(self, token: str) -> dict[str, str]:
        return {"jde-AIS-Auth": token, "jde-AIS-Auth-Device": self._settings.device_name}

    def _url(self, path: str) -> str:
        return f"{self._base}/{path}"


def _options(settings: AisSettings, name: str, clock: Callable[[], float]) -> WireOptions:
    budget = RateBudget(settings.calls_per_second, at_once=settings.calls_at_once, clock=clock, sleep=time.sleep)
    where = f"`ais_url` (in `ais:` `base_url`) of connection {name}"
    return WireOptions(settings.connect_seconds, settings.read_seconds, budget=budget, address_in=where)


def message_of(reply: Reply) -> str:
    """Return what AIS says of itself, else the beginning of its answer."""
    try:
        found = reply.json()
    except ConnectorGarbled:
        return reply.excerpt()
    said = found.get("message") if isinstance(found, dict) else None
    return one_line(redact(str(said)))[:SHOWN] if said else reply.excerpt()


def texts_in(found: Any) -> Iterator[str]:
    """Yield every text in an answer, however deep."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for value in found.values():
            yield from texts_in(value)
    elif isinstance(found, list):
        for value in found:
            yield from texts_in(value)
