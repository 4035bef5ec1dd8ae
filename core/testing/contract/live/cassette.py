"""Cassettes: what a live ERP answered to each case, kept without secrets, and played again where there is no ERP.

A cassette is a folder: `cassette.json` says when it was recorded and against what, with the settings that reach
it; each case has a file of its exchanges, in the order in which they were made. It stands between `WireSession` and the
wire, so what goes over ODBC is in none. An ERP's address and its secrets are replaced; mail addresses,
IBANs, card numbers and the fields that are named for it are masked; other names and amounts stay.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict
from requests.structures import CaseInsensitiveDict

from duehook.core.errors import DuehookError
from duehook.core.redaction import HIDDEN, is_secret_name
from duehook.core.wire.reply import Reply
from duehook.core.wire.session import Call

from .veil import Veil

FILE: Final = "cassette.json"
_Kept = TypeVar("_Kept", bound=BaseModel)
_LEFT_OUT: Final = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"})


class NotRecorded(DuehookError):
    """The cassette has no answer to what was asked."""


class Cassette(BaseModel):
    """When a cassette was recorded, against what, and what plays it.

    `origins` are the addresses that stand for the real ones, `mark` what the run's writes were marked with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    connector: str
    recorded_on: date
    against: str
    mark: str
    settings: dict[str, Any]
    write_to: str | None = None
    hold: str | None = None

    @classmethod
    def open(cls, folder: Path) -> Cassette:
        """Read a cassette's own file; NotRecorded where there is none."""
        return kept(cls, folder / FILE, "cassette", fix="record one with --duehook-live and --duehook-record.")

    def write(self, folder: Path) -> None:
        """Write the cassette's own file."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")


def kept(model: type[_Kept], file: Path, what: str, *, fix: str) -> _Kept:
    """Read what was recorded; NotRecorded where there is none."""
    try:
        return model.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotRecorded(f"{file.parent} holds no {what}: {str(error).splitlines()[0]}.", fix=fix) from error


class Recorder:
    """Lets calls pass and keeps what was answered."""

    def __init__(self, veil: Veil) -> None:
        """Start with nothing kept."""
        self.kept: list[dict[str, Any]] = []
        self._veil = veil

    def exchange(self, call: Call, url: str, send: Callable[[], Reply]) -> Reply:
        """Send the call, and keep the answer without what nobody may read."""
        reply = send()
        headers = {
            name: HIDDEN if is_secret_name(name) else self._veil.text(text)
            for name, text in reply.headers.items()
            if name.lower() not in _LEFT_OUT
        }
        self.kept.append(
            {
                "method": call.method,
                "url": self._veil.url(call, url),
                "status": reply.status,
                "headers": headers,
                **_body(reply.body, self._veil),
            }
        )
        return reply

    def write(self, file: Path) -> None:
        """Write what was kept; nothing where nothing was."""
        if self.kept:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(self.kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


class Player:
    """Answers each call with the next that was recorded for the same method and URL."""

    def __init__(self, file: Path) -> None:
        """Read a case's exchanges; a case without any is one in which nothing was asked."""
        self._left: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
        self._veil = Veil({})

    def exchange(self, call: Call, url: str, send: Callable[[], Reply]) -> Reply:
        """Return the recorded answer; raises NotRecorded where there is none left."""
        asked = (call.method, self._veil.url(call, url))
        for place, kept in enumerate(self._left):
            if (kept["method"], kept["url"]) == asked:
                del self._left[place]
                body = base64.b64decode(kept["base64"]) if "base64" in kept else kept["text"].encode()
                return Reply(kept["status"], CaseInsensitiveDict(kept["headers"]), body, asked[1].partition("?")[0])
        raise NotRecorded(f"the cassette has no answer to {asked[0]} {asked[1]}.", fix="record it again.")


def _body(body: bytes, veil: Veil) -> dict[str, str]:
    try:
        return {"text": veil.text(body.decode("utf-8"))}
    except UnicodeDecodeError:  # of another encoding, in which Latin-1 finds what is written in ASCII, byte for byte
        return {"base64": base64.b64encode(veil.text(body.decode("latin-1")).encode("latin-1")).decode()}
