"""$batch: many readings in one request, as parts of a multipart body, and its answer taken apart again.

Only GETs are put together; what changes something goes alone, so that nobody must guess which part of it was done.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from requests.structures import CaseInsensitiveDict

from duehook.core.errors import ConnectorGarbled
from duehook.core.wire.reply import SENSELESS, Reply

_END: Final = b"\r\n"
_STATUS: Final = re.compile(rb"HTTP/1\.[01] (\d{3})")
_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)


@dataclass(frozen=True)
class Batch:
    """Addresses under a service that are read at once, and the headers that each part bears."""

    paths: Sequence[str]
    headers: Mapping[str, str]
    boundary: str

    @classmethod
    def of(cls, paths: Sequence[str], headers: Mapping[str, str]) -> Batch:
        """Put them together under a boundary of their own."""
        return cls(paths, headers, f"batch_{uuid.uuid4()}")

    @property
    def content_type(self) -> str:
        """Return the media type of the body, with its boundary."""
        return f"multipart/mixed; boundary={self.boundary}"

    @property
    def body(self) -> bytes:
        """Return the parts; every line ends in CRLF, and each request in a blank one."""
        told = [f"{name}: {text}" for name, text in self.headers.items()]
        parts = []
        for path in self.paths:
            head = [f"--{self.boundary}", "Content-Type: application/http", "Content-Transfer-Encoding: binary", ""]
            parts += [*head, f"GET {path} HTTP/1.1", *told, "", ""]
        return "\r\n".join([*parts, f"--{self.boundary}--", ""]).encode()

    def answers(self, reply: Reply) -> list[Reply | None]:
        """Return the answer of each part in order; None for one behind which the service stopped.

        Raises ConnectorGarbled for what is no answer to a batch.
        """
        found = [_answer(part, reply.url) for part in _parts(reply)]
        if len(found) > len(self.paths):
            raise ConnectorGarbled(f"{reply.url} answered {len(found)} parts where {len(self.paths)} were asked.")
        return [*found, *[None] * (len(self.paths) - len(found))]


def _parts(reply: Reply) -> Iterator[bytes]:
    """Yield what stands between the boundaries."""
    boundary = _BOUNDARY.search(reply.headers.get("Content-Type", ""))
    if boundary is None:
        told = f"{reply.url} answered a batch with {reply.content_type or 'nothing'}, not with parts."
        raise ConnectorGarbled(told, fix=SENSELESS)
    pieces = (_END + reply.body).split(_END + b"--" + boundary[1].encode())
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise ConnectorGarbled(f"{reply.url} broke off its answer to a batch.", fix=SENSELESS)
    yield from pieces[1:-1]


def _answer(part: bytes, url: str) -> Reply:
    """Return the answer that a part holds: behind its own headers a status line, headers and a body."""
    _, _, inside = part.removeprefix(_END).partition(_END + _END)
    head, _, body = inside.partition(_END + _END)
    line, *told = head.split(_END)
    status = _STATUS.match(line)
    if status is None:
        raise ConnectorGarbled(f"{url} answered a batch with a part that is no answer.", fix=SENSELESS)
    pairs = (text.decode("latin-1").partition(":") for text in told)
    headers = CaseInsensitiveDict({name.strip(): value.strip() for name, _, value in pairs})
    length = headers.get("Content-Length", "")
    whole = body[: int(length)] if length.isdecimal() else body
    return Reply(int(status[1]), headers, whole, url)
