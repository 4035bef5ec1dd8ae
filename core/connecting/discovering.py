"""What `discover` tells alike of every ERP: codes with their counts, and what nothing reads with what it may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, Literal

from duehook.core.field_mapping import Guess, Seen, guesses
from duehook.core.hookspecs import Discovery
from duehook.core.records import Stream

_NAMED: Final = 20  # unread fields that are told by name


def counted(kind: str, codes: Iterable[str | None], suggests: str | None = None) -> Iterator[Discovery]:
    """Yield each code with how often it was seen, the commonest first; `suggests` is a setting with {0} for it."""
    found = Counter(codes)
    for code, count in found.most_common():
        if code:
            setting = suggests.format(code) if suggests else None
            yield Discovery(kind, code, f"{count} of {found.total()} looked at", suggests=setting)


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


def _guessed(stream: Stream, source: str, guess: Guess, word: str) -> Discovery:
    part, name = ("extra", guess.field[6:]) if guess.field.startswith("extra.") else ("fields", guess.field)
    return Discovery(
        word,
        f"{source}.{guess.source}",
        f"may be {guess.field}, {guess.percent} %: {guess.reason}",
        guess.samples,
        f"{part}: {{{stream}: {{{name}: {guess.source}}}}}",
    )
