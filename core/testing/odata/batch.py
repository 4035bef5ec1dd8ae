"""$batch: requests in parts of one, taken apart and put together byte by byte.

Lines end in CRLF, a part's headers end in a blank line, and a Content-Length inside a part is held to:
what is shorter cuts the body, what is longer is refused. Real gateways are as strict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from duehook.core.testing.simulator import Reply, Request

from .asked.literals import Version
from .errors import bad_request

_LINE: Final = re.compile(r"([A-Z]+) (\S+) HTTP/1\.[01]")
_READS: Final = {"GET"}
Answer = Callable[[Request], Reply]


class _TakenBack(Exception):
    """A change of a set failed, so none of the set is kept."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


@dataclass(frozen=True)
class _Part:
    """A part of a multipart body: its headers by lower-case name, and what is behind them."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Batches:
    """Answers $batch requests by answering each of their parts.

    `root` is the service's path; `atomic` takes everything back that was done in it when it ends in
    an error.
    """

    root: str
    version: Version
    answer: Answer
    atomic: Callable[[], AbstractContextManager[None]]

    def reply(self, request: Request) -> Reply:
        """Answer a batch. Raises ODataError for one that cannot be taken apart."""
        go_on = self.version == 2 or "odata.continue-on-error" in _header(request, "Prefer")
        answers: list[bytes] = []
        for part in _parts(request.body, _header(request, "Content-Type")):
            if part.headers.get("content-type", "").startswith("multipart/mixed"):
                found, failed = self._changes(part, request)
            else:
                found, failed = self._single(part, request)
            answers.append(found)
            if failed and not go_on:
                break
        body = _joined(answers, "batch_answer")
        return Reply(body, 202 if self.version == 2 else 200, "multipart/mixed; boundary=batch_answer")

    def _single(self, part: _Part, outer: Request) -> tuple[bytes, bool]:
        inner = self._inner(part, outer)
        if inner.method not in _READS and self.version == 2:
            raise bad_request("Modifying requests of a batch must stand in a change set")
        reply = self.answer(inner)
        return _wrapped(reply, part), reply.status >= 400

    def _changes(self, part: _Part, outer: Request) -> tuple[bytes, bool]:
        """Carry out a change set: all of it, or nothing and one error."""
        done: list[bytes] = []
        try:
            with self.atomic():
                for each in _parts(part.body, part.headers["content-type"]):
                    inner = self._inner(each, outer)
                    if inner.method in _READS:
                        raise bad_request("A change set must not read")
                    reply = self.answer(inner)
                    if reply.status >= 400:
                        raise _TakenBack(reply)
                    done.append(_wrapped(reply, each))
        except _TakenBack as failed:
            return _wrapped(failed.reply, part), True
        body = _joined(done, "changes_answer")
        head = f"Content-Type: multipart/mixed; boundary=changes_answer\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body, False

    def _inner(self, part: _Part, outer: Request) -> Request:
        """Return the request that a part holds."""
        if not part.headers.get("content-type", "").startswith("application/http"):
            raise bad_request("A part of a batch must be application/http")
        first, _, rest = part.body.partition(b"\r\n")
        read = _LINE.fullmatch(first.decode("latin-1"))
        if read is None:
            raise bad_request(f"Malformed request line '{first[:60].decode('latin-1')}' in a batch")
        headers, body = _headers(rest)
        wanted = headers.get("content-length")
        if wanted is None:
            body = body.removesuffix(b"\r\n") if body.strip() else b""
        elif not wanted.isdigit() or int(wanted) > len(body):
            raise bad_request(f"Content-Length {wanted} in a batch is more than there is")
        else:
            body = body[: int(wanted)]
        url = urlsplit(read.group(2))
        path = url.path if url.path.startswith("/") else self.root + url.path
        kept = {name: value for name, value in outer.headers.items() if name.lower() in ("host", "authorization")}
        return Request(read.group(1), path, url.query, kept | dict(headers), body)


def _header(request: Request, name: str) -> str:
    return next((value for each, value in request.headers.items() if each.lower() == name.lower()), "")


def _boundary(content_type: str) -> bytes:
    read = Message()
    read["Content-Type"] = content_type
    found = read.get_param("boundary")
    if not content_type.lower().startswith("multipart/mixed") or not isinstance(found, str):
        raise bad_request("A batch must be multipart/mixed with a boundary")
    return found.encode()


def _parts(body: bytes, content_type: str) -> list[_Part]:
    """Take a multipart body apart. Raises ODataError where it does not hold together."""
    mark = b"--" + _boundary(content_type)
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise bad_request("Malformed batch: its boundary does not end it, or its lines do not end in CRLF")
    found = []
    for piece in pieces[1:-1]:
        if not piece.startswith(b"\r\n"):
            raise bad_request("Malformed batch: a boundary must stand on a line of its own")
        headers, inside = _headers(piece[2:])
        found.append(_Part(headers, inside))
    return found


def _headers(text: bytes) -> tuple[dict[str, str], bytes]:
    """Return the headers in front of a blank line, by lower-case name, and what is behind it."""
    if text.startswith(b"\r\n"):
        return {}, text[2:]
    head, blank, body = text.partition(b"\r\n\r\n")
    if not blank:
        raise bad_request("Malformed batch: a blank line is missing behind the headers of a part")
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in lines}, body


def _wrapped(reply: Reply, part: _Part) -> bytes:
    """Write an answer as a part of the batch's."""
    lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    if reply.body:
        lines.append(f"Content-Type: {reply.content_type}")
    lines.append(f"Content-Length: {len(reply.body)}")
    inside = "\r\n".join(lines).encode() + b"\r\n\r\n" + reply.body
    outer = [f"Content-Type: application/http\r\nContent-Length: {len(inside)}\r\ncontent-transfer-encoding: binary"]
    if "content-id" in part.headers:
        outer.append(f"Content-ID: {part.headers['content-id']}")
    return "\r\n".join(outer).encode() + b"\r\n\r\n" + inside


def _joined(parts: Sequence[bytes], boundary: str) -> bytes:
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"
