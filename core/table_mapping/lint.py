"""Tell the faults of a field of a mapping, each as file:line:col."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from typing import Any, Final

from pydantic import ValidationError

from duehook.core.field_mapping.canonical import OPEN, Kind, fields_of, has, kind_of, required, words_of
from duehook.core.money import is_currency
from duehook.core.records import Stream
from duehook.core.yaml_source import Document, Steps, closest

from .model import Value
from .values import Unreadable, amount_reader, date_reader, whole
from .writing import Writing

_ONLY: Final[AnyMapping[str, tuple[Kind, ...]]] = {
    "round": ("amount",),
    "negate": ("amount", "whole"),
    "zero_when": ("amount",),
    "decimal": ("amount",),
    "thousands": ("amount",),
    "implied_decimals": ("amount",),
    "date": ("date", "instant"),
    "split": ("list",),
}


def check_fields(document: Document, stream: Stream, fields: AnyMapping[str, Any], writing: Writing) -> None:
    """Tell the faults of a stream's fields, and which it cannot do without."""
    at: Steps = ("streams", stream)
    for missing in (field for field in required(stream) if field not in fields):
        hint = f"write {missing}: a column, or {missing}: {{constant: …}}"
        document.report((*at, "fields"), f"{stream} lacks the field {missing}", hint, key=True)
    for field, given in fields.items():
        check_field(document, stream, field, (given, writing))


def check_field(document: Document, stream: Stream, field: str, given: tuple[Any, Writing]) -> None:
    """Tell what is wrong with one field of a stream, as it is written, at its place in the document."""
    at: Steps = ("streams", stream, "fields", field)
    kind = kind_of(stream, field)
    if kind is None:
        document.report(at, f"{stream} has no field {field!r}", _meant(stream, field), key=True)
        return
    try:
        value = Value.model_validate(given[0])
    except ValidationError:
        return  # the model has told it at its place
    for option in (option for option, kinds in _ONLY.items() if (value.as_ or kind) not in kinds):
        if option in value.model_fields_set:
            document.report((*at, option), f"`{option}` is for {' and '.join(_ONLY[option])}; {field} is {kind}")
    _words(document, stream, field, value)
    _constant(document, at, (value.as_ or kind, value, given[1]))


def _meant(stream: Stream, field: str) -> str | None:
    inner = [name for name in fields_of(stream) if name.startswith(f"{field}.")]
    if inner:
        return f"write {inner[0]}: …"
    open_names = [name for name in OPEN if has(stream, name)]
    if field in open_names:
        return f"write {field}.NAME: … with a name of your own"
    hint = closest(field, [*fields_of(stream)])
    keep = f"; to keep a column that has no field, write extra.{field}" if "extra" in open_names else ""
    return f"{hint}{keep}"


def _words(document: Document, stream: Stream, field: str, value: Value) -> None:
    """Check words that a field is limited to, and currencies, wherever they are written out."""
    at: Steps = ("streams", stream, "fields", field)
    words = words_of(stream, field)
    is_money = field.endswith("currency")
    for path, word in _written(value):
        if words and word not in words:
            document.report((*at, *path), f"{field} cannot be {word!r}", closest(word, words))
        elif is_money and not is_currency(word):
            document.report((*at, *path), f"{word!r} is no ISO 4217 currency", "write one such as EUR")


def _written(value: Value) -> list[tuple[Steps, str]]:
    found: list[tuple[Steps, str]] = [
        (("codes", code), word) for code, word in (value.codes or {}).items() if word is not None
    ]
    found += [(("default",), value.default)] if value.default is not None else []
    return found + ([(("constant",), value.constant)] if value.constant is not None and not value.codes else [])


def _constant(document: Document, at: Steps, read: tuple[Kind, Value, Writing]) -> None:
    """Read what is written out as the field will."""
    kind, value, form = read
    for path, text in _written(value):
        try:
            if kind == "amount":
                amount_reader(value.decimal or form.decimal, form.thousands, value.implied_decimals or 0)(text)
            elif kind == "whole":
                whole(text)
            elif kind == "date":
                date_reader(value.date or form.date)(text)
        except Unreadable as error:
            document.report((*at, *path), str(error))
