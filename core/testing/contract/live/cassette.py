"""Cassettes: what a live ERP answered to each case, kept without secrets, and played again where there is no ERP.

A cassette is a folder: `cassette.json` says when it was recorded and against what, with the settings that reach
it; each case has a file of its exchanges, in the order in which they were made: calls of HTTP, statements over ODBC and
functions by RFC. An ERP's address and its secrets are replaced; mail addresses, IBANs, card numbers and the fields
that are named for it are masked; other names and amounts stay.
"""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict
from requests.structures import CaseInsensitiveDict

from duehook.core.errors import DuehookError
from duehook.core.redaction import HIDDEN, is_secret_name
from duehook.core.wire.reply import Reply
from duehook.core.wire.tapes import Broken, Question, Sent

from .plain import again, plain
from .veil import Veil
from .words import Words, said

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
    """Lets everything pass and keeps what was answered."""

    def __init__(self, veil: Veil) -> None:
        """Start with nothing kept."""
        self._veil = veil
        self.words = Words(veil)
        self._kept: list[dict[str, Any] | _Told] = []
        self._learned = 0

    @property
    def kept(self) -> list[dict[str, Any]]:
        """Return what was kept so far, without what nobody may read."""
        self._learn()
        return [self._shown(each) if isinstance(each, _Told) else each for each in self._kept]

    def exchange(self, asked: Sent | Question, send: Callable[[], Any]) -> Any:
        """Send what is asked, and keep what is answered."""
        if isinstance(asked, Sent):
            reply = send()
            self._kept.append(self._replied(asked, reply))
            return reply
        try:
            answer = send()
        except Broken as error:
            self._kept.append(_Told(asked, None, error))
            raise
        self._kept.append(_Told(asked, answer, None))
        return answer

    def text(self, text: str) -> str:
        """Return a message of ours without what nobody may read in the answers."""
        self._learn()
        for each in self._told():
            if each.error is not None:
                shown = self.words.told(each.error.text, each.question.name)
                for before, after in zip(said(each.error.text), said(shown), strict=True):
                    text = text.replace(before, after) if before else text
        return self._veil.text(self.words.known(text))

    def write(self, file: Path) -> None:
        """Write what was kept; nothing where nothing was."""
        if self._kept:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(self.kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def _learn(self) -> None:
        if self._learned != len(self._kept):
            self._learned = len(self._kept)
            self.words.learn([(each.question.name, each.answer) for each in self._told()])

    def _told(self) -> Iterator[_Told]:
        return (each for each in self._kept if isinstance(each, _Told))

    def _replied(self, sent: Sent, reply: Reply) -> dict[str, Any]:
        headers = {
            name: HIDDEN if is_secret_name(name) else self._veil.text(text)
            for name, text in reply.headers.items()
            if name.lower() not in _LEFT_OUT
        }
        return {
            "method": sent.call.method,
            "url": self._veil.url(sent.call, sent.url),
            "status": reply.status,
            "headers": headers,
            **_body(reply.body, self._veil),
        }

    def _shown(self, told: _Told) -> dict[str, Any]:
        question, error = told.question, told.error
        shown = _question(question, self.words)
        if error is None:
            return {**shown, "answer": plain(self.words.answer(told.answer, question.name))}
        words = self.words.told(error.text, question.name)
        return {**shown, "error": {"kind": error.kind, "key": error.key, "text": words, "at": error.at}}


class _Told(NamedTuple):
    """What was asked over ODBC or RFC, and what came: it is masked when all is known that has to be."""

    question: Question
    answer: Any
    error: Broken | None


def _question(question: Question, words: Words) -> dict[str, Any]:
    """Return how a question stands in a cassette, so that it is found again when the same is asked."""
    given = plain(words.asked(plain(question.given)))
    return {"wire": question.wire, "name": words.statement(question.name), "given": given}


class Player:
    """Answers with the next that was recorded for the same call, statement or function."""

    def __init__(self, file: Path) -> None:
        """Read a case's exchanges; a case without any is one in which nothing was asked."""
        self._left: dict[str, deque[dict[str, Any]]] = {}
        self._veil = Veil({})
        self._words = Words(self._veil)
        for each in json.loads(file.read_text(encoding="utf-8")) if file.exists() else []:
            self._left.setdefault(_key(each), deque()).append(each)

    def exchange(self, asked: Sent | Question, send: Callable[[], Any]) -> Any:
        """Return the recorded answer or failure; raises NotRecorded where there is none left."""
        if isinstance(asked, Sent):
            told = {"method": asked.call.method, "url": self._veil.url(asked.call, asked.url)}
            return _replayed(self._next(told, f"{told['method']} {told['url']}"), told["url"])
        kept = self._next(_question(asked, self._words), f"{asked.wire.upper()} {asked.name}")
        if "error" in kept:
            raise Broken(**kept["error"])
        return again(kept["answer"])

    def _next(self, asked: dict[str, Any], shown: str) -> dict[str, Any]:
        left = self._left.get(_key(asked))
        if not left:
            raise NotRecorded(f"the cassette has no answer to {shown}.", fix="record it again.")
        return left.popleft()


def _key(kept: Mapping[str, Any]) -> str:
    """Return what tells a question, as a cassette has it, from others."""
    return json.dumps([kept.get(name) for name in ("method", "url", "wire", "name", "given")], sort_keys=True)


def _replayed(kept: Mapping[str, Any], url: str) -> Reply:
    body = base64.b64decode(kept["base64"]) if "base64" in kept else kept["text"].encode()
    return Reply(kept["status"], CaseInsensitiveDict(kept["headers"]), body, url.partition("?")[0])


def _body(body: bytes, veil: Veil) -> dict[str, str]:
    try:
        return {"text": veil.text(body.decode("utf-8"))}
    except UnicodeDecodeError:  # of another encoding, in which Latin-1 finds what is written in ASCII, byte for byte
        return {"base64": base64.b64encode(veil.text(body.decode("latin-1")).encode("latin-1")).decode()}
