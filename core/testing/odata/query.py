"""What a request asks of an entity set: its options taken apart, and the rows they choose."""

from __future__ import annotations

import base64
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, Self
from urllib.parse import unquote_plus

from .encoding import as_moment
from .errors import ODataError, bad_request
from .filters import Dialect, Filter, Predicate, read_filter
from .model import EntitySet, EntityType
from .table import Key, Table

Sets = Mapping[str, EntitySet]
_EXPANDED: Final = re.compile(r"([\w/]+)(?:\(([^()]*)\))?")
_OPTIONS: Final = {
    2: {"$filter", "$select", "$expand", "$orderby", "$top", "$skip", "$skiptoken", "$inlinecount", "$format"},
    4: {"$filter", "$select", "$expand", "$orderby", "$top", "$skip", "$skiptoken", "$count", "$format"},
}


@dataclass
class Shape:
    """Which fields of an entity are shown (None: all), and which navigations with it, each in a shape."""

    select: tuple[str, ...] | None = None
    expand: dict[str, Shape] = field(default_factory=dict)

    def under(self, name: str) -> Shape:
        """Return the shape of a navigation, which is expanded with it."""
        return self.expand.setdefault(name, Shape())


@dataclass(frozen=True)
class Cursor:
    """Where the next page begins: behind this key (and what it is ordered by), with so many rows left."""

    after: Key
    ordered: tuple[Any, ...] = ()
    left: int | None = None

    def written(self) -> str:
        """Return it as an opaque text."""
        held = [[_packed(each) for each in self.after], [_packed(each) for each in self.ordered], self.left]
        return base64.urlsafe_b64encode(json.dumps(held, separators=(",", ":")).encode()).decode().rstrip("=")

    @classmethod
    def read(cls, token: str) -> Self:
        """Read what `written` gave. Raises ODataError."""
        try:
            held = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            after, ordered, left = held
            return cls(tuple(map(_unpacked, after)), tuple(map(_unpacked, ordered)), left)
        except (ValueError, TypeError, KeyError, ArithmeticError):
            raise bad_request("Invalid value of $skiptoken") from None


@dataclass
class Query:
    """The system query options of a request, and the others as they were sent."""

    parameters: Mapping[str, str]
    shape: Shape = field(default_factory=Shape)
    filter: Filter | None = None
    order: tuple[tuple[str, bool], ...] = ()
    top: int | None = None
    skip: int = 0
    cursor: Cursor | None = None
    count: bool = False


@dataclass(frozen=True)
class Chosen:
    """A page of keys, how many rows there are in all, and where the next page begins."""

    keys: Sequence[Key]
    total: int
    next: Cursor | None


def parameters_of(query: str) -> dict[str, str]:
    """Return the parameters of a URL, decoded."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return {unquote_plus(name): unquote_plus(value) for name, _, value in pairs}


def read_query(parameters: Mapping[str, str], of: EntityType, dialect: Dialect, *, sets: Sets) -> Query:
    """Take the options of a request on entities of a type apart. Raises ODataError."""
    for name in parameters:
        if name.startswith("$") and name not in _OPTIONS[dialect.version]:
            raise bad_request(f"The system query option '{name}' is not supported")
    read = Query(parameters)
    _read_shape(read.shape, parameters, of, dialect=dialect, sets=sets)
    if "$filter" in parameters:
        read.filter = read_filter(parameters["$filter"], of, dialect)
    read.order = _order(parameters.get("$orderby", ""), of)
    read.top = _number(parameters, "$top")
    read.skip = _number(parameters, "$skip") or 0
    if parameters.get("$skiptoken"):
        read.cursor = Cursor.read(parameters["$skiptoken"])
    read.count = parameters.get("$inlinecount") == "allpages" or parameters.get("$count") == "true"
    return read


def _number(parameters: Mapping[str, str], name: str) -> int | None:
    sent = parameters.get(name)
    if sent is None:
        return None
    if not sent.isdigit():
        raise bad_request(f"Invalid value '{sent}' of {name}")
    return int(sent)


def _order(sent: str, of: EntityType) -> tuple[tuple[str, bool], ...]:
    found = []
    for part in filter(None, (each.strip() for each in sent.split(","))):
        name, _, way = part.partition(" ")
        if name not in of.fields or way.strip() not in ("", "asc", "desc"):
            raise bad_request(f"Invalid $orderby: '{part}' is no property of '{of.name}'")
        found.append((name, way.strip() == "desc"))
    return tuple(found)


def _read_shape(shape: Shape, parameters: Mapping[str, str], of: EntityType, *, dialect: Dialect, sets: Sets) -> None:
    """Read $expand, with its own options in brackets as V4 has them, and $select with paths as V2 has them."""
    for path, inner in _expansions(parameters.get("$expand", "")):
        steps = path.split("/")
        if len(steps) > dialect.expand_depth:
            raise bad_request(f"Invalid $expand '{path}': at most {dialect.expand_depth} levels are supported")
        under, type = shape, of
        for step in steps:
            if step not in type.navigations:
                raise bad_request(f"Invalid $expand: '{step}' is no navigation property of '{type.name}'")
            under, type = under.under(step), sets[type.navigations[step].target].type
        options = parameters_of(inner.replace(";", "&"))
        if set(options) - {"$select"}:
            raise bad_request(f"Invalid $expand: {', '.join(sorted(options))} is not supported")
        _select(under, options.get("$select", ""), type, sets)
    _select(shape, parameters.get("$select", ""), of, sets)


def _expansions(sent: str) -> list[tuple[str, str]]:
    text = "".join(sent.split())
    found = [(each.group(1), each.group(2) or "") for each in _EXPANDED.finditer(text)]
    if ",".join(path + (f"({inner})" if inner else "") for path, inner in found) != text:
        raise bad_request(f"Invalid $expand '{sent}'")
    return found


def _select(shape: Shape, sent: str, of: EntityType, sets: Sets) -> None:
    paths = [part.strip() for part in sent.split(",") if part.strip()]
    if not paths or "*" in paths:
        return
    own: list[str] = []
    for path in paths:
        first, _, rest = path.partition("/")
        if rest and first in shape.expand:
            _select_more(shape.under(first), rest, sets[of.navigations[first].target].type, sets)
        elif first in of.fields and not rest:
            own.append(first)
        elif first not in of.navigations:
            raise bad_request(f"Invalid $select: '{path}' is no property of '{of.name}'", target=path)
    shape.select = tuple(dict.fromkeys(own)) if own else shape.select


def _select_more(shape: Shape, path: str, of: EntityType, sets: Sets) -> None:
    before = shape.select or ()
    _select(shape, path, of, sets)
    shape.select = tuple(dict.fromkeys((*before, *(shape.select or ())))) or None


class _Falling:
    """A value that sorts the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Falling) -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Falling) and bool(self.value == other.value)

    __hash__ = None  # type: ignore[assignment]


Scope = tuple[str, Predicate]
"""Which rows a request may see at all, with a name for it."""


def choose(table: Table, query: Query, of: EntityType, *, scope: Scope | None, page: int | None) -> Chosen:
    """Choose a page of rows: from the cursor on, at most `page` of them where the server limits it.

    Pages follow each other by key, so a row that comes or goes between two pages moves no other.
    """
    by_key = tuple((name, False) for name in of.key[: len(query.order)]) == query.order
    ordered = () if by_key else query.order
    keys = _matching(table, query.filter, of, scope=scope)
    places: Sequence[Any] = keys
    if ordered:
        name = ("order", query.filter and query.filter.text, scope and scope[0], ordered)
        places = table.kept(name, lambda: _sorted(table, keys, of, ordered=ordered))
    first, left = query.skip, query.top
    if query.cursor is not None:
        after = query.cursor.after
        first = bisect_right(places, _place(query.cursor.ordered, after, ordered) if ordered else after)
        left = query.cursor.left
    end = len(places) if left is None else min(first + left, len(places))
    stop = end if page is None else min(first + page, end)
    chosen = [place[1] for place in places[first:stop]] if ordered else places[first:stop]
    following = None
    if stop < end and chosen:
        row = table.get(chosen[-1])
        assert row is not None
        held = tuple(_held(row, each, of) for each, _ in ordered)
        following = Cursor(chosen[-1], held, None if left is None else left - len(chosen))
    return Chosen(chosen, len(places), following)


def _matching(table: Table, wanted: Filter | None, of: EntityType, *, scope: Scope | None) -> Sequence[Key]:
    """Return the keys of the rows that are meant, in order; worked out once for all pages."""
    if wanted is None and scope is None:
        return table.keys()

    def work_out() -> list[Key]:
        if wanted is not None and wanted.shared is not None:
            shared, here = wanted.shared
            keys = _matching(table, shared, of, scope=scope)
            if here.fields <= set(of.key):  # a place in the order of the keys
                return [key for key in keys if here.matches(dict(zip(of.key, key, strict=True)))]
            return [key for key in keys if (row := table.get(key)) is not None and here.matches(row)]
        matches = [part for part in (scope and scope[1], wanted and wanted.matches) if part]
        prefix: list[Any] = []
        for name in of.key:
            if wanted is None or name not in wanted.equal:
                break
            prefix.append(wanted.equal[name])
        found = []
        for key in table.keys(tuple(prefix)):
            row = table.get(key)
            if row is not None and all(part(row) for part in matches):
                found.append(key)
        return found

    return table.kept(("match", wanted and wanted.text, scope and scope[0]), work_out)


def _sorted(
    table: Table, keys: Sequence[Key], of: EntityType, *, ordered: Sequence[tuple[str, bool]]
) -> list[tuple[Any, Key]]:
    places = []
    for key in keys:
        row = table.get(key)
        if row is not None:
            places.append(_place(tuple(_held(row, name, of) for name, _ in ordered), key, ordered))
    return sorted(places)


def _place(held: tuple[Any, ...], key: Key, ordered: Sequence[tuple[str, bool]]) -> tuple[Any, Key]:
    """Return what sorts a row: blanks first, falling fields the other way round, then the key."""
    risen = [(value is not None, _comparable(value)) for value in held]
    turned = [_Falling(each) if falls else each for each, (_, falls) in zip(risen, ordered, strict=True)]
    return tuple(turned), key


def _comparable(value: Any) -> Any:
    if value is None:
        return 0
    return as_moment(value) if isinstance(value, date) else value


def _held(row: Any, name: str, of: EntityType) -> Any:
    return row.get(name, of.fields[name].initial)


def _packed(value: Any) -> Any:
    """Return a value as JSON holds it: what is no text, number or None, with a letter for its kind."""
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, Decimal):
        return ["n", str(value)]
    if isinstance(value, time):
        return ["c", value.isoformat()]
    return value


_KINDS: Final[Mapping[str, Callable[[str], Any]]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "n": Decimal,
    "c": time.fromisoformat,
}


def _unpacked(held: Any) -> Any:
    return _KINDS[held[0]](held[1]) if isinstance(held, list) else held


def not_found(name: str) -> ODataError:
    """Return the error of a path that leads nowhere."""
    return ODataError(404, f"Resource not found for segment '{name}'")
