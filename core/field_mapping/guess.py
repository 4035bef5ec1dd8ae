"""Propose which canonical field each source field may be that no field takes, by its name and its values."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from duehook.core.records import Stream

from .canonical import Kind, kind_of
from .masking import masked
from .schema import SourceKind
from .shapes import WORDS, shape_of

LEAST: Final = 40
_SHOWN: Final = 3
_PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+")
_NOISE: Final = frozenset("c yy zz z x custbody custentity custom field fld code id key of the and in for to".split())
_LONG: Final[Mapping[str, str]] = {
    "dt": "date", "amt": "amount", "cust": "customer", "nr": "number", "no": "number", "num": "number",
    "desc": "text", "description": "text", "curr": "currency", "crcy": "currency", "ctry": "country",
    "lang": "language", "mgr": "manager", "rep": "representative", "tel": "phone", "telephone": "phone",
    "mail": "email", "addr": "address",
    "ref": "reference",
    "po": "purchase order", "so": "sales order", "pmt": "payment", "pay": "payment", "blk": "block", "lvl": "level",
    "disc": "discount", "sls": "sales", "lim": "limit",
}  # fmt: skip
# What a field is called where it is not called by its own name.
_CALLED: Final[Mapping[str, tuple[str, ...]]] = {
    "due_on": ("due date", "net due date", "maturity date", "due", "new due date", "faellig", "faelligkeit"),
    "document_on": ("document date", "invoice date", "issue date"),
    "posted_on": ("posting date", "gl date"),
    "received_on": ("receipt date", "payment date", "value date"),
    "discount_on": ("discount date", "cash discount date", "skonto date"),
    "purchase_order": ("purchase order", "customer order number", "order reference", "bestellnummer"),
    "sales_order": ("sales order", "order number", "auftrag"),
    "reference": ("reference", "external reference", "customer reference", "your reference"),
    "text": ("text", "remark", "note", "memo", "comment", "bemerkung"),
    "business_unit": ("business unit", "cost center", "department", "branch", "profit center", "division"),
    "payment_method": ("payment method", "payment instrument", "payment mode", "zahlungsart"),
    "terms": ("payment terms", "terms", "zahlungsbedingung"),
    "disputed_amount": ("disputed amount", "amount in dispute", "claim amount"),
    "dispute_reason": ("dispute reason", "dispute", "claim reason", "complaint", "reklamation"),
    "dunning_block": ("dunning block", "dunning stop", "no dunning", "collection block", "mahnsperre"),
    "dunning_level": ("dunning level", "reminder level", "collection letter level", "mahnstufe"),
    "last_dunned_on": ("last dunned", "last dunning date", "last reminder date"),
    "collector": ("collector", "collections agent", "credit clerk", "accounting clerk", "sachbearbeiter"),
    "credit_manager": ("credit manager", "credit analyst", "credit controller"),
    "credit_limit": ("credit limit", "credit line", "kreditlimit"),
    "state": ("customer status", "legal status", "insolvency", "account status"),
    "state_since": ("insolvency date", "status date"),
    "group": ("customer group", "group", "segment"),
    "parent": ("parent", "head office", "parent customer", "corporate group"),
    "payer": ("payer", "bill payer", "alternative payer", "regulierer"),
    "bill_to": ("bill to", "invoice account"),
    "tax_id": ("tax number", "vat number", "vat registration", "ust id"),
    "language": ("language", "correspondence language", "sprache"),
    "country": ("country", "land"),
    "currency": ("currency", "waehrung"),
    "email": ("email", "email address", "invoice email", "dunning email"),
    "phone": ("phone", "phone number", "mobile", "telefon"),
    "role": ("role", "function", "job title", "position"),
    "name": ("name", "full name", "legal name"),
    "method": ("payment method", "receipt type"),
}  # fmt: skip
# What values of a shape may be, and how sure that is by the values alone.
_SHAPED: Final[Mapping[str, tuple[tuple[str, ...], int]]] = {
    "mail": (("email",), 70),
    "iban": ((), 60),
    "vat": (("tax_id",), 60),
    "phone": (("phone",), 55),
    "country": (("country", "address.country"), 45),
    "currency": (("currency", "limit_currency"), 45),
}
_EXTRA: Final = {"mail": "email", "iban": "iban", "vat": "vat_number", "phone": "phone"}
_KINDS: Final[Mapping[str, frozenset[Kind]]] = {
    "date": frozenset({"date", "instant", "text"}),
    "amount": frozenset({"amount", "text"}),
    "mail": frozenset({"text", "list"}),
    "iban": frozenset({"text"}),
    "vat": frozenset({"text"}),
    "phone": frozenset({"text"}),
    "currency": frozenset({"text"}),
    "country": frozenset({"text"}),
    "yes_no": frozenset({"text", "whole"}),
}


class Seen(NamedTuple):
    """A source field: its name, its kind where known, a few of its values, and the ERP's own words for it."""

    name: str
    kind: SourceKind | None = None
    values: Sequence[Any] = ()
    label: str = ""


class Guess(NamedTuple):
    """What a source field may be: a canonical field or `extra.NAME`, how sure, why, and masked samples."""

    source: str
    field: str
    percent: int
    reason: str
    samples: tuple[str, ...] = ()


def guesses(stream: Stream, seen: Iterable[Seen], fields: Collection[str], *, least: int = LEAST) -> list[Guess]:
    """Return at most one guess for each source field, the surest first.

    `fields` are the canonical fields that may be mapped. What is less sure than `least` per cent is left out.
    """
    found = [guess for each in seen if (guess := _guess(stream, each, fields)) is not None]
    return sorted((each for each in found if each.percent >= least), key=lambda each: (-each.percent, each.source))


def _guess(stream: Stream, seen: Seen, fields: Collection[str]) -> Guess | None:
    shaped = shape_of(seen.values)
    shape = shaped[0] if shaped else {"date": "date", "amount": "amount", "flag": "yes_no"}.get(seen.kind or "", "")
    ranked = sorted(_ranked(stream, seen, fields, shape), key=lambda each: (-each[0], each[1]))
    if not ranked:
        return None
    percent, field, reasons = ranked[0]
    if shaped is not None and (shape in _KINDS):
        reasons = [*reasons, f"{shaped[1]} of {shaped[2]} values are {WORDS[shape]}"]
    texts = dict.fromkeys(masked(str(value).strip()) for value in seen.values if value is not None)
    return Guess(seen.name, field, percent, "; ".join(reasons), tuple(text for text in texts if text)[:_SHOWN])


def _ranked(stream: Stream, seen: Seen, fields: Collection[str], shape: str) -> Iterable[tuple[int, str, list[str]]]:
    for field in fields:
        percent, phrase = _named(seen, field)
        kind = kind_of(stream, field) or "text"
        if shape and kind not in _KINDS[shape]:
            percent //= 3
        known = _SHAPED.get(shape)
        if known is not None and field in known[0]:
            percent = min(99, percent + 15) if percent >= LEAST else known[1]
        elif kind != "text" and shape and percent:
            percent = min(99, percent + 4)
        if percent:
            yield percent, field, [f"the name says {phrase}"] if phrase else []
    if shape in _EXTRA and not set(_SHAPED[shape][0]) & set(fields):
        yield _SHAPED[shape][1], f"extra.{_EXTRA[shape]}", []


def _named(seen: Seen, field: str) -> tuple[int, str]:
    """Return how well the name or the label says a field, in per cent, and the phrase that it says."""
    last = field.rpartition(".")[2]
    phrases = (last.removesuffix("_on").replace("_", " "), *_CALLED.get(last, ()))
    names = [found for name in (seen.name, seen.label) if (found := words_of_name(name))]
    scored = ((_likeness(name, phrase.split()), phrase) for name in names for phrase in phrases)
    percent, phrase = max(scored, default=(0, ""), key=lambda each: each[0])
    return percent, phrase if percent else ""


def words_of_name(name: str) -> list[str]:
    """Return the words of a name in small letters, abbreviations written out, custom prefixes left out."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    long = [word for part in parts if part not in _NOISE for word in _LONG.get(part, part).split()]
    return list(dict.fromkeys(long))


def _likeness(name: Sequence[str], phrase: Sequence[str]) -> int:
    """Return 95 for the same words, less for each word too many or too few; words may be misspelt a little."""
    joined, wanted = "".join(name), "".join(phrase)
    if joined == wanted:
        return 95
    if len(name) == 1 and len(wanted) >= 5 and wanted in joined:
        return 55 + 35 * len(wanted) // len(joined)
    alike = sum(_is_among(word, name) for word in phrase)
    if alike == len(phrase):
        return 55 + 38 * len(phrase) // max(len(name), len(phrase))
    share = alike / len({*name, *phrase})
    return round(70 * share) if share > 0.3 else 0


def _is_among(word: str, words: Sequence[str]) -> bool:
    return bool(difflib.get_close_matches(word, words, n=1, cutoff=0.85))
