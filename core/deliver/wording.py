"""Wording by name and language, from the site's templates folder or else from ours.

A wording is letters/<name>.<language>.j2 with the blocks subject, opening and closing; blank
lines part paragraphs. The short texts around it (column heads, notes) are the blocks of
layout/labels.<language>.j2. Both see the notice and nothing else. A formal wording has no
fallback language (rule 30): without it the notice is held.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from jinja2 import pass_context
from jinja2.runtime import Context

from duehook.core.errors import ConfigError

from . import formats
from .allowed import Allowed, FilterRule, fields_of
from .guard import Guarded, guarded
from .notice import NoticeLetter

LAST_RESORT: Final = "en"
FORMAL: Final = frozenset({"formal_demand"})
LONGEST_TEXT: Final = 20_000
BLOCKS: Final = frozenset({"subject", "opening", "closing"})
LABELS: Final = frozenset(
    "number date customer contact phone mail level document document_on due_on days reference original open "
    "overdue credits credits_apart disputed not_yet_due overdue_total credits_total disputed_total demanded "
    "pay_to beneficiary bank iban bic account payment_reference amount pay_by disregard enclosed "
    "page vat register test test_note".split()
)
_PARAGRAPHS: Final = re.compile(r"\n[ \t]*\n\s*")
_SPACES: Final = re.compile(r"[ \t\r\n]+")  # not the no-break space, which keeps amounts whole
_TAG: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*\Z")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*\Z")


class NoWording(ConfigError):
    """A notice has no wording in a language it may be written in."""


@dataclass(frozen=True)
class Text:
    """The words of one notice, as plain text; the labels by name."""

    language: str
    subject: str
    opening: tuple[str, ...]
    closing: tuple[str, ...]
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Wording:
    """The wording of one name in one language; `sha256` covers all its text for pinning."""

    name: str
    language: str
    sha256: str
    letter: Guarded
    labels: Guarded

    def text(self, notice: NoticeLetter) -> Text:
        """Fill in the notice."""
        rounds = max(map(len, (notice.overdue, notice.credits, notice.in_dispute, notice.not_yet_due)))
        values = {"notice": notice}
        words = self.letter.blocks(values, rounds=rounds, longest=LONGEST_TEXT)
        labels = self.labels.blocks(values, rounds=rounds, longest=LONGEST_TEXT)
        return Text(
            language=self.language,
            subject=_one_line(words["subject"]),
            opening=_paragraphs(words["opening"]),
            closing=_paragraphs(words["closing"]),
            labels={name: label.strip() for name, label in labels.items()},
        )


class Templates:
    """Every template by its path: the site's file where there is one, else the shipped one."""

    def __init__(self, site: Path | None = None) -> None:
        """Take the `templates` folder beside duehook.yaml; it need not exist."""
        self._site = site
        self._wordings: dict[tuple[str, str], Wording] = {}
        self._read: dict[str, tuple[str, str] | None] = {}

    def read(self, path: str) -> tuple[str, str] | None:
        """Return (text, where it stands) of a template, None where there is none."""
        if path not in self._read:
            self._read[path] = self._look(path)
        return self._read[path]

    def need(self, path: str) -> tuple[str, str]:
        """Return (text, where it stands) of a template that cannot be missing."""
        found = self.read(path)
        if found is None:
            raise ConfigError(f"the template {path} is missing.", fix="install Duehook again.")
        return found

    def wording(self, name: str, languages: Sequence[str], *, formal: bool = False) -> Wording:
        """Return the wording in the first of the languages that has it: debtor's, then company's.

        English comes last. A formal one is in the first language or raises NoWording.
        """
        strict = formal or name in FORMAL
        tried = list(dict.fromkeys(languages[:1] if strict else (*languages, LAST_RESORT)))
        for language in tried:
            for tag in _tags(language):
                if found := self._wording(name, tag):
                    return found
        what = "formal wording, which has no fallback language," if strict else "wording"
        raise NoWording(
            f"no wording: {name} has no {what} in {' or '.join(tried)}.",
            fix=f"write templates/letters/{name}.{tried[0] if tried else LAST_RESORT}.j2 (and its labels file).",
        )

    def names(self) -> set[str]:
        """Return the names of the wordings, in whatever language they are."""
        return {path.partition("/")[2].partition(".")[0] for path in self._paths() if path.startswith("letters/")}

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of every template in force, by path."""
        return {path: _digest(self.need(path)[0]) for path in sorted(self._paths())}

    def check(self) -> list[ConfigError]:
        """Load every wording and return what is wrong with each."""
        faults: list[ConfigError] = []
        for path in sorted(self._paths()):
            folder, _, file = path.partition("/")
            name, _, rest = file.partition(".")
            try:
                if folder == "letters" and rest.endswith(".j2") and not self._wording(name, rest[:-3]):
                    faults.append(NoWording(f"{path} has no labels.", fix=f"write layout/labels.{rest}."))
            except ConfigError as error:
                faults.append(error)
        return faults

    def _wording(self, name: str, language: str) -> Wording | None:
        if (name, language) in self._wordings:
            return self._wordings[name, language]
        if not _NAME.match(name):
            raise ConfigError(f"{name!r} is no name of a wording.", fix="use small letters, digits and _.")
        letter, labels = self.read(f"letters/{name}.{language}.j2"), self.read(f"layout/labels.{language}.j2")
        if letter is None or labels is None:
            return None
        made = Wording(
            name=name,
            language=language,
            sha256=_digest(letter[0] + labels[0]),
            letter=guarded(*letter, allowed(language, BLOCKS)),
            labels=guarded(*labels, allowed(language, LABELS)),
        )
        self._wordings[name, language] = made
        return made

    def _look(self, path: str) -> tuple[str, str] | None:
        if self._site is not None and (own := self._site / path).is_file():
            try:
                return own.read_text(encoding="utf-8-sig"), str(own)
            except (UnicodeDecodeError, OSError) as error:
                raise ConfigError(f"cannot be read: {error}.", where=f"{own}:1:1", fix="save it as UTF-8.") from error
        shipped = _shipped().joinpath(*path.split("/"))
        return (shipped.read_text(encoding="utf-8"), f"templates/{path}") if shipped.is_file() else None

    def _paths(self) -> Iterator[str]:
        found = set()
        for folder in ("letters", "layout"):
            found |= {f"{folder}/{entry.name}" for entry in _shipped().joinpath(folder).iterdir()}
            if self._site is not None and (self._site / folder).is_dir():
                found |= {f"{folder}/{entry.name}" for entry in (self._site / folder).iterdir()}
        yield from (path for path in found if path.endswith((".j2", ".typ")))


@lru_cache(maxsize=64)
def allowed(language: str, blocks: frozenset[str]) -> Allowed:
    """Return what a wording in that language may use: the notice and our filters."""

    @pass_context
    def money(context: Context, amount: Decimal) -> str:
        return formats.money(amount, context["notice"].currency, language)

    @pass_context
    def moment(context: Context, when: datetime) -> str:
        return formats.moment(when, language, context["notice"].timezone)

    def day(when: date) -> str:
        return formats.day(when, language)

    formats.locale(language)
    return Allowed(
        names={"notice": fields_of(NoticeLetter)},
        filters={
            "money": FilterRule(money, (Decimal,)),
            "day": FilterRule(day, (date,)),
            "moment": FilterRule(moment, (datetime,)),
            "plain": FilterRule(formats.plain, (str,)),
        },
        blocks=blocks,
    )


def _shipped() -> Traversable:
    return files("duehook.templates")


def _tags(language: str) -> list[str]:
    tag = language.strip().lower().replace("_", "-")
    return list(dict.fromkeys((tag, tag.partition("-")[0]))) if _TAG.match(tag) else []


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(_one_line(part) for part in _PARAGRAPHS.split(text.strip()) if part.strip())


def _one_line(text: str) -> str:
    return formats.plain(_SPACES.sub(" ", text))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
