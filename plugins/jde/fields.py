"""What a site's own file may map of EnterpriseOne, and how a column that it takes is read.

A column is named in full (RPURDT, ABAC05); its table follows from its prefix. Columns beside those
that are read anyhow stand behind them in a raw row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import (
    NO_MAPPING,
    CodeList,
    Entity,
    FieldMapping,
    Patch,
    Read,
    Schema,
    SourceKind,
    StreamSchema,
    load,
)
from duehook.core.field_mapping.schema import Form
from duehook.core.hookspecs import Row
from duehook.core.records import CustomerState, ItemClass, ItemKind, Purpose, Stream

from . import tables
from .settings import JdeSettings
from .tables import Column, Table
from .values import Days, Factors, amount, text, whole

Value = Callable[[Sequence[Any], Row], Any]
WIDEST: Final = 256  # what a text whose width is not known is cast to, where texts are cast
TABLES: Final[Mapping[Stream, tuple[Table, ...]]] = {
    "customer": (tables.CUSTOMER, tables.ADDRESS_BOOK, tables.WHO, tables.POSTAL),
    "contact": (tables.WHO,),
    "item": (tables.ITEM,),
    "payment": (tables.PAYMENT,),
}
_ROWS: Final[Mapping[Stream, tuple[str, ...]]] = {
    "customer": tables.CUSTOMER_ROW,
    **{stream: tuple(column.name for column in TABLES[stream][0].columns) for stream in ("contact", "item", "payment")},
}
MAPPABLE: Final[Mapping[Stream, Mapping[str, str]]] = {
    "customer": {
        "name": "F0111.WWMLNM, else F0101.ABALPH", "state": "F03012.AITSTA, F0101.ABCM, F0101.ABAT1", "state_since": "",
        "payer": "F03012.AIARPY", "parent": "F0150.MAPA8", "group": "", "collector": "F03012.AICLMG",
        "credit_manager": "F03012.AICMGR", "terms": "F03012.AITRAR",
        "limit_currency": "F03012.AIAMCR", "dunning_block": "F03012.AIDNLT", "dunning_level": "", "last_dunned_on": "",
        "language": "F0101.ABLNGP", "country": "F0116.ALCTR", "tax_id": "F0101.ABTAX", "categories": "",
        "address.postal_code": "F0116.ALADDZ", "address.city": "F0116.ALCTY1", "address.region": "F0116.ALADDS",
        "address.country": "F0116.ALCTR",
    },
    "contact": {
        "name": "F0111.WWMLNM", "purposes": "F0111.WWTYC", "email": "F01151.EAEMAL", "phone": "F0115.WPPH1",
        "language": "", "role": "F0111.WWATTL",
    },
    "item": {
        "document_on": "F03B11.RPDIVJ", "due_on": "F03B11.RPDDJ", "discount_on": "F03B11.RPDDNJ",
        "payer": "F03B11.RPPYR", "bill_to": "", "fiscal_year": "", "instalment": "F03B11.RPSFX",
        "tax_amount": "F03B11.RPSTAM, RPCTAM",
        "discount_amount": "F03B11.RPADSC, RPCDS", "payment_method": "F03B11.RPRYIN", "terms": "F03B11.RPPTC",
        "purchase_order": "F03B11.RPPO", "sales_order": "F03B11.RPSDCT, RPSDOC",
        "reference": "F03B11.RPVINV, else RPVR01",
        "text": "F03B11.RPRMK", "business_unit": "F03B11.RPMCU", "disputed_amount": "F03B11.RPCORC, RPPST",
        "dispute_reason": "F03B11.RPCORC, RPPST", "dunning_block": "F03B11.RPPST, RPDNLT",
        "dunning_level": "F03B11.RPRMDS", "last_dunned_on": "F03B11.RPRDDJ",
    },
    "payment": {
        "posted_on": "F03B13.RYDGJ", "received_on": "F03B13.RYDMTJ", "method": "F03B13.RYRYIN, else RYTYIN",
        "reference": "F03B13.RYCKNU, else RYEXR",
    },
}  # fmt: skip
_WORDS: Final[Mapping[str, Any]] = {
    "kind_by_document_type": ItemKind,
    "class_by_document_type": ItemClass,
    "class_by_pay_status": ItemClass,
    "class_by_instrument": ItemClass,
    "state_by_search_type": CustomerState,
    "state_by_credit_message": CustomerState,
    "purpose_by_contact_type": Purpose,
}
_FREE: Final[Mapping[str, Form]] = {
    "block_by_pay_status": "text",
    "dispute_by_pay_status": "text",
    "dispute_by_reason": "text",
    "language": "language",
    "country": "country",
}
LISTS: Final = (*_WORDS, *_FREE)
_YES: Final = frozenset({"Y", "1"})
_NO: Final = frozenset({"N", "0"})


def schema() -> Schema:
    """Return what may be mapped of EnterpriseOne; a table may have columns that are not known here."""
    entities = {table.name: _entity(table) for found in TABLES.values() for table in found}
    streams = {
        stream: StreamSchema(tuple(entities[table.name] for table in found), MAPPABLE[stream])
        for stream, found in TABLES.items()
    }
    limited = {name: CodeList(frozenset(get_args(words))) for name, words in _WORDS.items()}
    return Schema(streams, limited | {name: CodeList(form=form) for name, form in _FREE.items()})


def _entity(table: Table) -> Entity:
    return Entity(table.name, {column.name: _kind(column) for column in table.columns}, prefix=table.prefix)


def _kind(column: Column) -> SourceKind | None:
    """Return the kind of a column that is read."""
    if column.width is not None:
        return "text"
    return "date" if column.is_day else None


def fields_of(settings: JdeSettings) -> FieldMapping:
    """Return what the connection's mapping file says. Raises ConfigError with all its faults."""
    return load(Path(settings.mapping), schema()) if settings.mapping else NO_MAPPING


def more(fields: FieldMapping, stream: Stream) -> tuple[Column, ...]:
    """Return the columns that the file takes beside those the stream reads anyhow, in their order of a raw row."""
    known = frozenset(_ROWS.get(stream, ()))
    return tuple(
        Column(name, WIDEST if kind == "text" else None, is_day=kind == "date")
        for table in TABLES.get(stream, ())
        for name, kind in fields.source_fields(table.name).items()
        if name not in known
    )


def patch_of(fields: FieldMapping, stream: Stream, days: Days, factors: Factors) -> Patch | None:
    """Return what the file does to a mapped row of the stream, given its raw row; None for nothing."""
    names = (*_ROWS.get(stream, ()), *(column.name for column in more(fields, stream)))
    return fields.patch(stream, _reader({name: place for place, name in enumerate(names)}, days, factors))


def _reader(places: Mapping[str, int], days: Days, factors: Factors) -> Read:
    def read(entity: str, field: str, kind: SourceKind) -> Value:
        at = places[field]
        if kind == "date":
            return lambda raw, row: days[raw[at]]
        if kind == "amount":
            return lambda raw, row: amount(raw[at], factors[_currency(row)])
        if kind == "whole":
            return lambda raw, row: _whole(raw[at])
        return (lambda raw, row: _flag(raw[at])) if kind == "flag" else _text_at(at)

    return read


def _text_at(at: int) -> Value:
    def read(raw: Sequence[Any], row: Row) -> str | None:
        cell = raw[at]
        if type(cell) is str:
            found = cell.strip()
            return (found.replace("\0", "") if "\0" in found else found) or None
        return text_of(cell)

    return read


def _currency(row: Row) -> str:
    return row.get("limit_currency") or row.get("currency") or ""


def text_of(raw: Any) -> str | None:
    """Return a column as text; of a number that is none, such as an address number of 0, nothing."""
    if isinstance(raw, str) or raw is None:
        return text(raw)
    return str(whole(raw)) if raw else None


def _whole(raw: Any) -> int | None:
    return whole(raw) if raw is not None and (not isinstance(raw, str) or raw.strip()) else None


def _flag(raw: Any) -> bool | None:
    found = text_of(raw) or ("0" if raw == 0 and raw is not None else "")
    if found in _YES or found in _NO:
        return found in _YES
    if not found:
        return None
    raise BadRecord(f"{raw!r} is neither Y nor N.")


def columns_of(stream: Stream, names: Iterable[str]) -> list[str]:
    """Return those of these columns that the stream does not read."""
    known = frozenset(_ROWS.get(stream, ()))
    return sorted(name for name in names if name not in known)
