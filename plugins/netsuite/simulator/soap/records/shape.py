"""What a record looks like: its elements in the order of the schema, and which column each is of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final, NamedTuple
from xml.etree.ElementTree import Element, SubElement

from duehook.plugins.netsuite.simulator.records.fields import HOLDS
from duehook.plugins.netsuite.simulator.soap.names import CORE, TYPE, qualified, tag
from duehook.plugins.netsuite.simulator.soap.values import instant, number
from duehook.plugins.netsuite.simulator.tables.database import Database

COUNTRIES: Final = {
    "US": "_unitedStates", "DE": "_germany", "AT": "_austria", "FR": "_france", "NL": "_netherlands",
    "GB": "_unitedKingdom", "JP": "_japan", "KW": "_kuwait",
}  # fmt: skip
ACCOUNT_TYPES: Final = {
    "AcctRec": "_accountsReceivable", "AcctPay": "_accountsPayable", "OthCurrLiab": "_otherCurrentLiability",
    "Bank": "_bank", "Income": "_income", "Expense": "_expense",
}  # fmt: skip
HOLD_NAMES: Final = {code: f"_{code.lower()}" for code in HOLDS}
_LANGUAGES: Final = {"de": "_german", "en_US": "_englishUS", "en_GB": "_englishUK", "en": "_englishInternational"}
_PRECISIONS: Final = {0: "_zero", 2: "_two"}  # the schema has no word for other precisions
_NAMED_BY: Final = {
    "customer": "entityid || ' ' || altname",
    "transaction": "tranid",
    "account": "acctnumber || ' ' || fullname",
}


@dataclass(frozen=True)
class Context:
    """What values are written with: the account's tables, for the names of references, and its time zone."""

    database: Database
    zone: tzinfo

    def name_of(self, table: str, key: Any) -> str | None:
        """Return what a row is called; nothing where it is of a list that the account's tables leave out."""
        if table not in self.database.schema.tables:
            return None
        column = _NAMED_BY.get(table, "name")
        found = self.database.rows(f"SELECT {column} AS said FROM `{table}` WHERE id = ?", key)
        return str(found[0]["said"]) if found else None


class Field(NamedTuple):
    """One element: its name, how its value is written (`ref.<table>` is a reference), and the row's column."""

    name: str
    kind: str
    column: str


def fields(text: str) -> tuple[Field, ...]:
    """Read `name[:kind[:column]]`, each a field; a text, of the column of its name, unless it says otherwise."""
    found = []
    for word in text.split():
        name, _, rest = word.partition(":")
        kind, _, column = rest.partition(":")
        found.append(Field(name, kind or "text", column or name.lower()))
    return tuple(found)


def language(held: str) -> str:
    """Return a language as the schema calls it: without the country, where that makes no difference."""
    short = held.partition("_")[0]
    return _LANGUAGES.get(held) or _LANGUAGES.get(short, "_englishInternational")


Written = Callable[[Any, Context], str | None]
WRITTEN: Final[Mapping[str, Written]] = {
    "text": lambda held, context: str(held),
    "number": lambda held, context: number(held),
    "turned": lambda held, context: number(-held),
    "long": lambda held, context: str(int(held)),
    "bool": lambda held, context: "true" if held == "T" else "false",
    "date": lambda held, context: instant(held, context.zone),
    "account": lambda held, context: ACCOUNT_TYPES.get(held),
    "hold": lambda held, context: HOLD_NAMES[held],
    "country": lambda held, context: COUNTRIES.get(held),
    "language": lambda held, context: language(held),
    "stage": lambda held, context: f"_{held.lower()}",
    "precision": lambda held, context: _PRECISIONS.get(int(held)),
}


def put(parent: Element, name: str, kind: str, held: Any, *, context: Context) -> None:
    """Add an element of a value, where there is one; `name` is its full name."""
    if held is None:
        return
    if kind.startswith("ref."):
        reference = SubElement(parent, name, {"internalId": str(held)})
        said = context.name_of(kind[4:], held)
        if said is not None:
            SubElement(reference, tag(CORE, "name")).text = said
        return
    text = WRITTEN[kind](held, context)
    if text is not None:
        SubElement(parent, name).text = text


@dataclass(frozen=True)
class Shape:
    """A type of record: where it stands in the schema, its table, and its fields up to its lists."""

    name: str
    namespace: str
    table: str
    fields: tuple[Field, ...]

    def begin(self, key: Any, external: str | None = None) -> Element:
        """Return an element of this type without content."""
        ids = {"internalId": str(key)} | ({"externalId": external} if external else {})
        return Element(tag(CORE, "record"), {TYPE: qualified(self.namespace, self.name), **ids})

    def element(self, row: Mapping[str, Any], context: Context) -> Element:
        """Return a row as this record, its body without its custom fields."""
        made = self.begin(row["id"], row.get("externalid"))
        for field in self.fields:
            held = row.get(field.column)
            if held is not None:
                put(made, tag(self.namespace, field.name), field.kind, held, context=context)
        return made
