"""Read what a file writes out: constants of canonical fields, and what each code of a list means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from pydantic import ValidationError

from duehook.core.money import is_currency
from duehook.core.records import EARLIEST, LATEST, Stream
from duehook.core.yaml_source import Document, Steps, check, closest

from .canonical import Kind, words_of
from .codes import KEEP, REFUSE, USUAL
from .mapping import CodesOf
from .model import Collector, Listed, Term, Word
from .schema import CodeList, Schema

_COUNTRY: Final = re.compile(r"[A-Z]{2}\Z")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})?\Z")
_FORMS: Final = {
    "country": (_COUNTRY, "no ISO 3166 country", "write two capitals such as DE"),
    "language": (_LANGUAGE, "no language", "write one such as de or en-US"),
}
_EXAMPLES: Final = {"date": "write it as 2026-01-31", "amount": "write it as 1234.50", "whole": "write digits"}
Fault = tuple[str, str | None]


def fault_of_word(stream: Stream, target: str, word: str | None) -> Fault | None:
    """Say what is wrong with a word for a field, and what to write; None is well: it means nothing."""
    if word is None:
        return None
    words, last = words_of(stream, target), target.rpartition(".")[2]
    if words:
        return None if word in words else (f"{target} cannot be {word!r}", closest(word, words))
    if last.endswith("currency") and not is_currency(word):
        return f"{word!r} is no ISO 4217 currency", "write one such as EUR"
    pattern, fault, hint = _FORMS.get(last, (None, "", ""))
    return (f"{word!r} is {fault}", hint) if pattern is not None and not pattern.match(word) else None


def constant_of(document: Document, at: Steps, stream: Stream, given: tuple[str, Kind, str]) -> Any:
    """Return a constant as its field (name, kind, text) wants it; what is wrong is told at its place."""
    target, kind, text = given
    place = (*at, "constant")
    fault = fault_of_word(stream, target, text)
    if fault is not None:
        document.report(place, *fault)
        return None
    try:
        return _read(kind, text)
    except (ValueError, InvalidOperation):
        document.report(place, f"{target} is {kind}, and {text!r} is none", _EXAMPLES.get(kind))
        return None


def _read(kind: Kind, text: str) -> Any:
    if kind == "date":
        day = date.fromisoformat(text)
        if not EARLIEST <= day <= LATEST:
            raise ValueError(text)
        return day
    if kind == "amount":
        amount = Decimal(text)
        if not amount.is_finite():
            raise ValueError(text)
        return amount
    if kind == "whole":
        return int(text)
    if kind == "instant":
        raise ValueError(text)
    return (text,) if kind == "list" else text


def lists_of(document: Document, schema: Schema, given: Mapping[str, Any]) -> dict[str, CodesOf]:
    """Return the lists of the file's part `codes`; what is wrong is told at its place."""
    found: dict[str, CodesOf] = {}
    for name, part in given.items():
        known = schema.lists.get(name)
        if known is None:
            document.report(("codes", name), f"there is no code list {name!r}", closest(name, schema.lists), key=True)
            continue
        try:
            listed = Listed.model_validate(part)
        except ValidationError:
            continue  # the model of the whole file has told it at its place
        found[name] = _list(document, known, listed, ("codes", name))
    return found


def _list(document: Document, known: CodeList, listed: Listed, at: Steps) -> CodesOf:
    codes = {code: _meaning(document, known, word, (*at, "codes", code)) for code, word in listed.codes.items()}
    default = listed.default
    if default == KEEP and (known.words or known.form not in {"text", "collector"}):
        hint = f"write {REFUSE}, {USUAL} or a value"
        document.report((*at, "default"), "a code of this list cannot stand for itself", hint)
    elif default not in (REFUSE, USUAL, KEEP):
        default = _meaning(document, known, default, (*at, "default"))
    return CodesOf(codes, default, document.where(at))


def _meaning(document: Document, known: CodeList, word: Any, at: Steps) -> Any:
    """Return what a code means; None is known and means nothing."""
    if word is None:
        return None
    if known.form == "term":
        term = check(document, Term, word, at=at)
        return term.model_dump(exclude_none=True) if term else None
    if known.form == "collector":
        collector = check(document, Collector, word, at=at)
        return collector.model_dump(exclude_none=True) if collector else None
    return _word(document, known, word, at)


def _word(document: Document, known: CodeList, word: Any, at: Steps) -> str | None:
    try:
        text = Word.model_validate({"word": word}).word
    except ValidationError as error:
        told = error.errors()[0]["msg"].removeprefix("Value error, ")
        document.report(at, told)
        return None
    pattern, fault, hint = _FORMS.get(known.form, (None, "", ""))
    if known.words and text not in known.words:
        document.report(at, f"{text!r} is nothing that a code of this list can mean", closest(text, known.words))
    elif pattern is not None and not pattern.match(text):
        document.report(at, f"{text!r} is {fault}", hint)
    return text
