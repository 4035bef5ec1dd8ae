"""What an OData service offers: entity types with typed fields, entity sets with rows, navigations.

A row is anything with `get(name, default)`: a dict, or an object that works a field out when it is asked
for. Values are Python's: str, int, bool, Decimal, date, datetime (aware, UTC), time, None. A field that a
row does not have is initial: "" for text, 0 for numbers, False; dates are None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, Literal

from .table import Key, Row, Table

INITIAL: Final[Mapping[str, Any]] = {
    "Edm.String": "", "Edm.Boolean": False, "Edm.Decimal": Decimal(0), "Edm.Double": 0,
    "Edm.Byte": 0, "Edm.Int16": 0, "Edm.Int32": 0, "Edm.Int64": 0,
}  # fmt: skip
_FIELD: Final = re.compile(r"(\w+):([\w.]+)(?:\((\d+)(?:,(\d+))?\))?(!?)")


@dataclass(frozen=True)
class Field:
    """One property. `type` is an Edm type or the full name of an enumeration.

    `padded` is a number kept as text: it is shown without the zeros in front of it, and found and written
    with any number of them, as SAP converts them.
    """

    name: str
    type: str = "Edm.String"
    nullable: bool = True
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    padded: bool = False

    def told(self, text: str) -> str:
        """Return a text as rows hold it: a padded number without the zeros in front of it."""
        return text.lstrip("0") if self.padded and text.isdigit() else text

    @property
    def initial(self) -> Any:
        """Return what a row that does not have it holds."""
        return INITIAL.get(self.type)


def fields(text: str) -> dict[str, Field]:
    """Read fields from `Customer:String(10)! Amount:Decimal(24,3) DueOn:DateTime Status:Name.Of.Enum`.

    `!` says not nullable. A type without a dot is an Edm type. ValueError for what does not read so.
    """
    found: dict[str, Field] = {}
    for word in text.split():
        read = _FIELD.fullmatch(word)
        if read is None:
            raise ValueError(f"{word!r} is no field; write Name:Type(length)!")
        name, type, first, second, filled = read.groups()
        size = int(first) if first else None
        numeric = type in {"Decimal", "DateTime", "DateTimeOffset", "Time"}
        found[name] = Field(
            name, type if "." in type else f"Edm.{type}", not filled,
            None if numeric else size, size if numeric else None, int(second) if second else None,
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class Navigation:
    """A way from an entity to others: to those of set `target` whose fields equal one's own, `on` {own: theirs}."""

    name: str
    target: str
    on: Mapping[str, str]
    many: bool = True


@dataclass(frozen=True)
class EntityType:
    """A type by its name without namespace, its key fields in order, its fields and navigations by name."""

    name: str
    key: tuple[str, ...]
    fields: Mapping[str, Field]
    navigations: Mapping[str, Navigation] = field(default_factory=dict)

    @classmethod
    def read(
        cls, name: str, key: str, text: str, *navigations: Navigation, padded: frozenset[str] = frozenset()
    ) -> EntityType:
        """Make a type of key names with blanks between them and of what `fields` reads; `padded` names fields."""
        found = {each.name: replace(each, padded=each.name in padded) for each in fields(text).values()}
        return cls(name, tuple(key.split()), found, {each.name: each for each in navigations})

    def key_of(self, row: Row) -> Key:
        """Return the key of a row."""
        return tuple(row.get(name, self.fields[name].initial) for name in self.key)


@dataclass
class Written:
    """A write as the entity set's callback gets it.

    `values` holds what was sent, as Python values (PUT: initial where nothing was sent). `row` is what
    stands there now, None for POST. What is put into `warnings` is told beside the success.
    """

    method: Literal["POST", "PATCH", "DELETE"]
    key: Key
    row: Row | None
    values: dict[str, Any]
    parameters: Mapping[str, str]
    warnings: list[str] = field(default_factory=list)


Write = Callable[[Written], "Row | None"]
"""Carries a write out and returns the row as it then is. Raises ODataError to refuse it."""


@dataclass
class EntitySet:
    """A set of entities.

    `rows` gives them now: a Table (kept over requests, which is quick), or any rows. `write` carries out
    what `creatable`, `updatable`, `deletable` allow. `etag` makes a row's ETag; with `guarded` a write
    without If-Match is refused.
    """

    name: str
    type: EntityType
    rows: Callable[[], Table | Iterable[Row]]
    write: Write | None = None
    creatable: bool = False
    updatable: bool = False
    deletable: bool = False
    guarded: bool = False
    etag: Callable[[Row], str] | None = None

    def table(self) -> Table:
        """Return the rows by key."""
        found = self.rows()
        return found if isinstance(found, Table) else Table.of(self.type.key_of, found)


Sets = Mapping[str, EntitySet]
