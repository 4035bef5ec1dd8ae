"""Several reads in one request: `$batch` as multipart/mixed, as both versions know it.

What trips clients up: every line ends in CRLF, a part's own head is followed by two blank lines where it
has no body, and the outer status says nothing of the parts.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from duehook.core.errors import ConnectorGarbled
from duehook.core.wire.reply import Reply

CRLF: Final = "\r\n"
_STATUS: Final = re.compile(rb"HTTP/1\.[01] (\d{3})")


class Part(NamedTuple):
    """The answer to one of the reads."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Return its body, numbers with a point as Decimal."""
        try:
            return json.loads(self.body, parse_float=Decimal)
        except ValueError as error:
            raise ConnectorGarbled(f"A part of a $batch answered {self.status} with what is no JSON.") from error


def question(urls: Sequence[str], headers: Mapping[str, str]) -> tuple[str, bytes]:
    """Return the content type and the body that ask for these addresses, each relative to the service."""
    boundary = f"batch_{uuid.uuid4().hex}"
    head = "".join(f"{name}: {text}{CRLF}" for name, text in headers.items())
    parts = [
        f"--{boundary}{CRLF}Content-Type: application/http{CRLF}Content-Transfer-Encoding: binary{CRLF}{CRLF}"
        f"GET {url} HTTP/1.1{CRLF}{head}{CRLF}{CRLF}"
        for url in urls
    ]
    return f"multipart/mixed; boundary={boundary}", ("".join(parts) + f"--{boundary}--{CRLF}").encode()


def answers(reply: Reply, asked: int) -> list[Part]:
    """Take the answer apart, in the order asked; ConnectorGarbled when it has not as many parts."""
    found = re.search(r'boundary="?([^";]+)', reply.headers.get("Content-Type", ""))
    pieces = reply.body.split(b"--" + found[1].encode())[1:-1] if found else []
    parts = [_part(piece) for piece in pieces]
    if len(parts) != asked:
        raise ConnectorGarbled(
            f"{reply.url} answered {len(parts)} parts of a $batch of {asked}.",
            fix="set `batch: false` in the connection's settings; each read is asked for by itself then.",
        )
    return parts


def _part(piece: bytes) -> Part:
    status = _STATUS.search(piece)
    if status is None:
        raise ConnectorGarbled("A part of a $batch has no status.")
    _, _, body = piece[status.end() :].partition(b"\r\n\r\n")
    return Part(int(status[1]), body.strip())
