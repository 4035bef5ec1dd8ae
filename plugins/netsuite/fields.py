"""What a site's own file may map of NetSuite, and how a field that it takes is read.

A field is named by its table and column in SuiteQL (`custbody_route`, or `transactionline.department` where two
tables have it); one that is not read anyhow, such as a custom field, is read beside those that are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import (
    NO_MAPPING,
    CodeList,
    Entity,
    FieldMapping,
    Patch,
    Schema,
    SourceKind,
    StreamSchema,
    load,
)
from duehook.core.field_mapping.schema import Form
from duehook.core.hookspecs import Row
from duehook.core.records import AllocationKind, CustomerState, ItemClass, Purpose, Stream

from . import tables, values
from .settings import NetsuiteSettings
from .suiteql import Column, Query

# The tables of each stream, by the letter that a statement calls them, the first meant where a name leaves it open.
LETTERS: Final[Mapping[Stream, Mapping[str, str]]] = {
    "customer": {"customer": "c"},
    "contact": {"contact": "k"},
    "item": {"transaction": "t", "transactionline": "tl"},
    "payment": {"transaction": "t", "transactionline": "tl"},
    "payment_term": {"term": "m"},
}
MAPPABLE: Final[Mapping[Stream, Mapping[str, str]]] = {
    "customer": {
        "name": "companyname, else firstname lastname", "state": "entitystatus, category", "state_since": "",
        "payer": "", "parent": "parent", "group": "category", "collector": "", "credit_manager": "",
        "terms": "terms", "dunning_block": "", "dunning_level": "", "last_dunned_on": "", "language": "language",
        "country": "entityaddress.country", "tax_id": "vatregnumber", "categories": "",
        "address.postal_code": "entityaddress.zip", "address.city": "entityaddress.city",
        "address.region": "entityaddress.state", "address.country": "entityaddress.country",
    },
    "contact": {
        "name": "firstname lastname", "purposes": "contactrole", "email": "email", "phone": "phone", "language": "",
        "role": "contactrole",
    },
    "item": {
        "document_on": "trandate", "due_on": "duedate", "discount_on": "", "payer": "", "bill_to": "",
        "fiscal_year": "", "tax_amount": "", "discount_amount": "", "payment_method": "", "terms": "terms",
        "purchase_order": "otherrefnum", "sales_order": "", "reference": "", "text": "memo", "business_unit": "",
        "disputed_amount": "the field named as `dispute.field`", "dispute_reason": "the field named as `dispute.field`",
        "dunning_block": "", "dunning_level": "", "last_dunned_on": "",
    },
    "payment": {"posted_on": "trandate", "received_on": "trandate", "method": "", "reference": "tranid"},
    "payment_term": {"text": "name"},
}  # fmt: skip
_WORDS: Final[Mapping[str, Any]] = {
    "class_by_field": ItemClass,
    "class_by_type": ItemClass,
    "class_by_terms": ItemClass,
    "allocation_by_type": AllocationKind,
    "state_by_status": CustomerState,
    "state_by_category": CustomerState,
    "purpose_by_contact_role": Purpose,
}
_FREE: Final[Mapping[str, Form]] = {"dispute_by_value": "text", "language": "language"}
LISTS: Final = (*_WORDS, *_FREE)


@cache
def streams_read() -> Mapping[Stream, Query]:
    """Return what is asked of the tables of each stream, without what settings add."""
    documents = tables.documents("1")
    return {
        "customer": tables.customers(None), "contact": tables.CONTACT, "item": documents, "payment": documents,
        "payment_term": tables.TERM,
    }  # fmt: skip


def schema() -> Schema:
    """Return what may be mapped of NetSuite; a table may have columns that are not known here."""
    streams = {
        stream: StreamSchema(tuple(_entity(stream, name) for name in letters), MAPPABLE[stream])
        for stream, letters in LETTERS.items()
    }
    limited = {name: CodeList(frozenset(get_args(words))) for name, words in _WORDS.items()}
    return Schema(streams, limited | {name: CodeList(form=form) for name, form in _FREE.items()})


def columns_of(query: Query) -> dict[str, Column]:
    """Return a query's columns by `table.column`."""
    return {query.place_of(column): column for column in (*query.key, *query.columns)}


def _entity(stream: Stream, table: str) -> Entity:
    known: dict[str, SourceKind | None] = {}
    for place, column in columns_of(streams_read()[stream]).items():
        owner, _, name = place.partition(".")
        if owner == table:
            known[name] = column.kind
    return Entity(table, known)


def fields_of(settings: NetsuiteSettings) -> FieldMapping:
    """Return what the connection's mapping file says. Raises ConfigError with all its faults."""
    return load(Path(settings.mapping), schema()) if settings.mapping else NO_MAPPING


def selected(fields: FieldMapping, stream: Stream, query: Query) -> Query:
    """Return a query with the columns that the file takes of its tables, each under a name of its own."""
    more = [
        Column(named(table, field), f"{letter}.{field}", kind)
        for table, letter in LETTERS[stream].items()
        for field, kind in fields.source_fields(table).items()
    ]
    return query.with_columns(*more) if more else query


def named(table: str, field: str) -> str:
    """Return the name under which a column that a file takes comes back."""
    return f"x_{table}_{field}".lower()


def patch_of(fields: FieldMapping, stream: Stream, settings: NetsuiteSettings) -> Patch | None:
    """Return what the file does to a mapped row of the stream, given the row it was made of; None for nothing."""
    return fields.patch(stream, _reader(settings))


def _reader(settings: NetsuiteSettings) -> Callable[[str, str, SourceKind], Callable[[Any, Row], Any]]:
    def read(entity: str, field: str, kind: SourceKind) -> Callable[[Any, Row], Any]:
        name, zone = named(entity, field), settings.zone

        def value(raw: Any, row: Row) -> Any:
            if kind == "instant":
                return values.instant(raw, name, zone)
            return _CONVERT[kind](raw, name)

        return value

    return read


def _whole(raw: values.Source, name: str) -> int | None:
    found = values.amount(raw, name)
    if found is None:
        return None
    if found != found.to_integral_value():
        raise BadRecord(f"{name} holds {found}, which is no whole number.")
    return int(found)


def _flag(raw: values.Source, name: str) -> bool | None:
    found = values.text(raw, name)
    if found is None:
        return None
    if found not in {"T", "F"}:
        raise BadRecord(f"{name} holds {found[:80]!r}, which is neither T nor F.")
    return found == "T"


_CONVERT: Final[Mapping[SourceKind, Callable[[values.Source, str], Any]]] = {
    "text": values.text, "list": values.text, "date": values.day, "amount": values.amount, "whole": _whole,
    "flag": _flag,
}  # fmt: skip
