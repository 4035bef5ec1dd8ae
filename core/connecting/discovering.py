"""What `discover` tells alike of every ERP: codes with their counts, and what nothing reads with what it may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal

from duehook.core.field_mapping import Guess, Seen, guesses
from duehook.core.hookspecs import Discovery
from duehook.core.records import Stream

_NAMED: Final = 20  # unread fields that are told by name
_FEW: Final = 5  # values of a field that are looked at
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


def counted(
    kind: str, codes: Iterable[str | None], suggests: str | None = None, *, known: Mapping[str, Any] = _NONE
) -> Iterator[Discovery]:
    """Yield each code with how often it was seen, the commonest first.

    `suggests` is a setting with {0} for the code; `known` says what codes mean that need none.
    """
    found, listed = Counter(codes), dict(known)  # a list that refuses a code refuses no look at it
    for code, count in found.most_common():
        if code:
            setting = suggests.format(code) if suggests and code not in listed else None
            meaning = f" = {listed[code] or 'nothing special'}" if code in listed else ""
            yield Discovery(kind, code, f"{count} of {found.total()} looked at{meaning}", suggests=setting)


def unread(
    stream: Stream, source: str, seen: Sequence[Seen], *, fields: Collection[str], word: Literal["field", "column"]
) -> Iterator[Discovery]:
    """Yield what each that nothing reads of a set or table may be, then the others by name.

    `seen` are those that hold something, `fields` are ours that a mapping may give; `word` is what the ERP calls them.
    """
    found = guesses(stream, seen, fields)
    for guess in found:
        yield _guessed(stream, source, guess, word)
    names = sorted({each.name for each in seen} - {each.source for each in found})
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        text = f"{', '.join(names[:_NAMED])}{more}: no field takes what they hold"
        yield Discovery(f"unread {word}s", source, text, suggests=f"extra: {{{stream}: {{…: {names[0]}}}}}")


def values_of(rows: Iterable[Mapping[str, Any]], is_empty: Callable[[Any], bool]) -> dict[str, list[Any]]:
    """Return a few different values of every field of rows, what a service says of them and empty ones left out."""
    found: dict[str, dict[Any, None]] = {}
    for row in rows:
        for name, held in row.items():
            if "@" not in name and isinstance(held, (str, int)) and not is_empty(held):
                found.setdefault(name, {}).setdefault(held)
    return {name: list(held)[:_FEW] for name, held in found.items()}


def _guessed(stream: Stream, source: str, guess: Guess, word: str) -> Discovery:
    part, name = ("extra", guess.field[6:]) if guess.field.startswith("extra.") else ("fields", guess.field)
    return Discovery(
        word,
        f"{source}.{guess.source}",
        f"may be {guess.field}, {guess.percent} %: {guess.reason}",
        guess.samples,
        f"{part}: {{{stream}: {{{name}: {guess.source}}}}}",
    )
