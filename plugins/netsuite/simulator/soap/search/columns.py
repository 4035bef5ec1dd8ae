"""The columns that an advanced search asks for, and the rows that it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, SubElement

from duehook.plugins.netsuite.simulator.soap.faults import Failed
from duehook.plugins.netsuite.simulator.soap.names import COMMON, CORE, TYPE, local, qualified, tag
from duehook.plugins.netsuite.simulator.soap.records.custom import Custom, named
from duehook.plugins.netsuite.simulator.soap.records.shape import WRITTEN, Context

from .enums import ENUMS
from .source import Asked, Source

_LABEL, _VALUE, _LIST = tag(CORE, "customLabel"), tag(CORE, "searchValue"), tag(COMMON, "customFieldList")
_ROW = tag(CORE, "searchRow")


class Column(NamedTuple):
    """One column: in which part of a row it stands, its element, its label, and the custom field that it may be."""

    part: str
    name: str
    asked: Asked
    label: str | None
    custom: Custom | None = None


@dataclass(frozen=True)
class Columns:
    """The columns of a search, in the order in which they are asked for."""

    source: Source
    columns: tuple[Column, ...]

    @classmethod
    def read(cls, element: Element, source: Source, known: Mapping[str, Custom]) -> Columns:
        """Read what a search asks to be given; raises Failed."""
        return cls(source, tuple(column for part in element for column in _of_part(part, source, known)))

    @property
    def sql(self) -> list[str]:
        """Return the SQL of each."""
        return [column.asked.sql for column in self.columns]

    def row(self, values: Sequence[Any], context: Context) -> Element:
        """Return a row of their values; what there is not is left out."""
        source = self.source
        row = Element(_ROW, {TYPE: qualified(source.namespace, f"{source.name}SearchRow")})
        parts: dict[str, Element] = {}
        for column, held in zip(self.columns, values, strict=True):
            if held is None:
                continue
            if column.part not in parts:
                parts[column.part] = SubElement(row, column.part)
            _add(parts[column.part], column, held, context)
        return row


def _of_part(part: Element, source: Source, known: Mapping[str, Custom]) -> Iterator[Column]:
    name = local(part.tag)
    if name != "basic" and name not in source.joins:
        raise Failed("INVALID_SEARCH_JOIN_ID", f"The search {source.name} of this account knows no join {name}.")
    fields = (source.basic if name == "basic" else source.joins[name]).columns
    for field in part:
        label = field.findtext(_LABEL)
        if field.tag == _LIST and source.name == "Transaction" and name == "basic":
            yield from (_custom(part.tag, each, known) for each in field)
        elif local(field.tag) in fields:
            yield Column(part.tag, field.tag, fields[local(field.tag)], label)
        else:
            said = f"The search {source.name} of this account has no column {local(field.tag)}."
            raise Failed("INVALID_SEARCH_FIELD_NAME", said)


def _custom(part: str, field: Element, known: Mapping[str, Custom]) -> Column:
    custom = named(field, known)
    if custom is None or local(field.get(TYPE, "")) != f"SearchColumn{custom.kind}CustomField":
        said = f"Custom field {field.get('scriptId') or field.get('internalId')} is no such column."
        raise Failed("INVALID_CSTM_FIELD_REF", said)
    return Column(part, field.tag, Asked(custom.value_kind, f"t.{custom.script}"), field.findtext(_LABEL), custom)


def _add(part: Element, column: Column, held: Any, context: Context) -> None:
    kind, custom = column.asked.kind, column.custom
    if custom:
        listed = part.find(_LIST)
        made = SubElement(SubElement(part, _LIST) if listed is None else listed, tag(CORE, "customField"), {
            TYPE: qualified(CORE, f"SearchColumn{custom.kind}CustomField"), "internalId": custom.internal,
            "scriptId": custom.script,
        })  # fmt: skip
    else:
        made = SubElement(part, column.name)
    if column.label is not None:
        SubElement(made, _LABEL).text = column.label
    if kind == "ref":
        external = local(column.name) == "externalId"
        SubElement(made, _VALUE, {"externalId" if external else "internalId": str(held)})
    elif kind.startswith("enum."):
        SubElement(made, _VALUE).text = ENUMS[kind[5:]].get(held, str(held))
    else:
        SubElement(made, _VALUE).text = WRITTEN["date" if kind == "stamp" else _plain(kind)](held, context)


def _plain(kind: str) -> str:
    return "text" if kind == "textnumber" else kind
