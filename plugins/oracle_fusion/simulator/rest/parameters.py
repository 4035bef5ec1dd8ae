"""The parameters that any GET may have, and the header that says which framework version it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import parse_qsl

from duehook.plugins.oracle_fusion.simulator.problem import Refused

from .resource import Resource

USUAL: Final = 25
MOST: Final = 500
HEADER: Final = "rest-framework-version"
_KNOWN: Final = ("q", "fields", "expand", "finder", "onlyData", "limit", "offset", "orderBy", "totalResults", "links",
                 "dependency")  # fmt: skip
_VERSIONS: Final = range(1, 10)


def version_of(headers: Mapping[str, str]) -> int:
    """Return the framework version of a request: the first where none is named."""
    named = next((text for name, text in headers.items() if name.lower() == HEADER), "1").strip()
    if not named.isdecimal() or int(named) not in _VERSIONS:
        raise Refused(400, f"The REST-Framework-Version {named} is not one of 1 to 9.")
    return int(named)


@dataclass(frozen=True)
class Parameters:
    """What a GET asks for."""

    version: int
    q: str = ""
    fields: str | None = None
    expand: tuple[str, ...] = ()
    only_data: bool = False
    limit: int = USUAL
    offset: int = 0
    order_by: str = ""
    total_results: bool = False

    @classmethod
    def read(cls, query: str, version: int) -> Self:
        """Read a query string; raises Refused for what contradicts itself or is no parameter."""
        given = dict(parse_qsl(query, keep_blank_values=True))
        for name in given:
            if name not in _KNOWN:
                raise Refused(400, f"The query parameter {name} is not known.", name)
        if "fields" in given and "expand" in given:
            raise Refused(400, "The parameters fields and expand cannot be used together.", "fields")
        expand = tuple(part.strip() for part in given.get("expand", "").split(",") if part.strip())
        return cls(
            version, _sought(given), given.get("fields"), expand, _is_true(given, "onlyData"),
            min(_count(given, "limit", USUAL) or USUAL, MOST), _count(given, "offset", 0), given.get("orderBy", ""),
            _is_true(given, "totalResults"),
        )  # fmt: skip

    def order(self, resource: Resource) -> list[tuple[str, bool]]:
        """Return what the rows are put in order by, each with whether it falls; none where nothing is asked."""
        found = []
        for part in filter(None, self.order_by.split(",")):
            name, _, way = part.strip().partition(":")
            if name not in resource.attributes or way.lower() not in ("", "asc", "desc"):
                raise Refused(400, f"The resource cannot be put in order by {part}.", "orderBy")
            found.append((name, way.lower() == "desc"))
        return found


def _sought(given: Mapping[str, str]) -> str:
    """Return the `q`, a finder of the primary key made one."""
    finder = given.get("finder", "")
    if not finder:
        return given.get("q", "")
    name, _, variables = finder.partition(";")
    if name != "PrimaryKey" or "=" not in variables:
        raise Refused(400, f"The finder {name} is not known.", "finder")
    return variables.replace(",", ";")


def _count(given: Mapping[str, str], name: str, usual: int) -> int:
    text = given.get(name, str(usual))
    if not text.isdecimal():
        raise Refused(400, f"The value {text} of {name} is not a number.", name)
    return int(text)


def _is_true(given: Mapping[str, str], name: str) -> bool:
    return given.get(name, "").lower() == "true"
