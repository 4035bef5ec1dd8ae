"""Where what `discover` found may be written down, each list on one line."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from .check import Discovered

_LIST: Final = re.compile(r"(?P<head>.*\{)(?P<code>[^{}]+: …)(?P<tail>\}+)\Z")
_MAPPED: Final = ("fields:", "extra:")  # these stand in a mapping file


def suggestions(found: Sequence[Discovered], companied: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each place with the lines that may be written there; `companied` are the connections with a company."""
    for connection in dict.fromkeys(each.connection for each in found):
        own = [each for each in found if each.connection == connection]
        lines = _gathered([each.suggests for each in own if each.suggests])
        mapped = [line for line in lines if line.startswith(_MAPPED)]
        bare = connection not in companied
        companies = [_company(connection, each.name) for each in own if bare and each.kind == "company"]
        for place, texts in (
            ("under `companies:` in duehook.yaml", companies),
            (f"under `{connection}:` in duehook.yaml", [line for line in lines if line not in mapped]),
            (f"in the mapping file of {connection}", mapped),
        ):
            if texts:
                yield place, texts


def _company(connection: str, code: str) -> str:
    quoted = json.dumps(code, ensure_ascii=False)
    return f"{quoted}: {{erp: {{connection: {connection}, code: {quoted}}}}}"


def _gathered(lines: Sequence[str]) -> list[str]:
    """Return the lines without repeats, the codes of one list behind each other."""
    lists: dict[tuple[str, str], list[str]] = {}
    for line in dict.fromkeys(lines):
        parts = _LIST.match(line)
        place, code = ((parts["head"], parts["tail"]), parts["code"]) if parts else ((line, ""), "")
        lists.setdefault(place, []).append(code)
    return [f"{head}{', '.join(codes)}{tail}" for (head, tail), codes in lists.items()]
