"""Which customers of different ERPs are one party: by VAT id, DUNS number, bank account, or name and place.

Only what tells parties apart is compared, made comparable first; a person confirms each match before anything is
joined. Two customers of one ERP are never matched: whether they are one is that ERP's own business.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

Evidence = Literal["vat_id", "duns", "bank_account", "name"]
EVIDENCE: Final[tuple[Evidence, ...]] = ("vat_id", "duns", "bank_account", "name")  # the strongest first
CROWD: Final = 20  # customers of one value: more share a bank's collecting account or a placeholder, and are no party
_SHORT: Final = 6  # signs of an identifier; less is a placeholder such as "N/A" or "0000"
# Legal forms say nothing of who it is: ERPs write them in full, short, or not at all.
_FORMS: Final = frozenset(
    "ab ag as asa bv co company corp corporation cv eg ek gbr gmbh inc incorporated kg kgaa limited llc llp lp ltd "
    "mbh nv ohg oy oyj plc pte pty sa sarl sas se sl spa srl sro ug und and the".split()
)
Name = tuple[str, str]


@dataclass(frozen=True)
class Face:
    """A customer as one ERP shows it: `name` is its connection and key, `title` what it is called."""

    name: Name
    title: str
    country: str | None = None
    postal_code: str | None = None
    vat_id: str | None = None
    duns: str | None = None
    bank_accounts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Match:
    """Two customers of different ERPs, the lesser name first, and what speaks for one party behind them."""

    one: Name
    other: Name
    evidence: tuple[Evidence, ...]


def matches(faces: Iterable[Face]) -> list[Match]:
    """Return the pairs that share something that tells parties apart, by their names.

    A name counts only in one country and place, and not against two different VAT ids of that country or two DUNS
    numbers: firms of one name at one address exist.
    """
    known = {face.name: face for face in faces}
    found: dict[tuple[Name, Name], set[Evidence]] = {}
    for kind in EVIDENCE:
        for group in _groups(known.values(), kind):
            for one, other in combinations(sorted(group), 2):
                if one[0] != other[0]:
                    found.setdefault((one, other), set()).add(kind)
    return [
        Match(one, other, tuple(kind for kind in EVIDENCE if kind in kinds))
        for (one, other), kinds in sorted(found.items())
        if kinds != {"name"} or not _contradict(known[one], known[other])
    ]


def parties(confirmed: Iterable[tuple[Name, Name]]) -> list[frozenset[Name]]:
    """Return the customers that confirmed pairs join, directly or over others, the parties in order of their least."""
    of: dict[Name, set[Name]] = {}
    for one, other in confirmed:
        joined = of.get(one, {one}) | of.get(other, {other})
        for each in joined:
            of[each] = joined
    return sorted({id(group): frozenset(group) for group in of.values()}.values(), key=min)


def comparable_vat_id(text: str | None, country: str | None) -> str | None:
    """Return a VAT id without its marks and with its country; None for none, or for what is too short to be one."""
    found = re.sub(r"[^0-9A-Z]", "", (text or "").upper())
    if len(found) < _SHORT or len(set(found[2:])) < 2:
        return None
    return found if found[:2].isalpha() or not country else f"{country.upper()}{found}"


def comparable_duns(text: str | None) -> str | None:
    """Return the nine digits of a DUNS number; None for anything else."""
    found = re.sub(r"\D", "", text or "")
    return found if len(found) == 9 and len(set(found)) > 1 else None


def bank_account_hash(account: str) -> str:
    """Return what stands for a bank account, so that it can be compared and not read: SHA-256 of its signs."""
    return hashlib.sha256(re.sub(r"[^0-9A-Z]", "", account.upper()).encode()).hexdigest()


def comparable_title(title: str) -> str:
    """Return a name without case, accents, marks and legal forms: `Müller & Co. GmbH` is `muller`."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss").replace("&", " and ")).casefold()
    words = re.findall(r"[^\W_]+", "".join(sign for sign in plain if not unicodedata.combining(sign)).replace(".", ""))
    return " ".join(word for word in words if word not in _FORMS) or " ".join(words)


def _groups(faces: Iterable[Face], kind: Evidence) -> Iterator[Collection[Name]]:
    """Yield the customers of each value, where it is no crowd's."""
    found: dict[str, set[Name]] = {}
    for face in faces:
        for value in _values(face, kind):
            found.setdefault(value, set()).add(face.name)
    yield from (names for names in found.values() if 1 < len(names) <= CROWD)


def _values(face: Face, kind: Evidence) -> Sequence[str]:
    if kind == "bank_account":
        return sorted(face.bank_accounts)
    single: Mapping[Evidence, str | None] = {
        "vat_id": comparable_vat_id(face.vat_id, face.country),
        "duns": comparable_duns(face.duns),
        "name": _place(face),
    }
    value = single[kind]
    return [] if value is None else [value]


def _place(face: Face) -> str | None:
    """Return name, country and postal code together; None where one is not known."""
    code = re.sub(r"\W", "", face.postal_code or "").upper()
    title = comparable_title(face.title)
    return f"{title}|{face.country.upper()}|{code}" if title and face.country and code else None


def _contradict(one: Face, other: Face) -> bool:
    pairs = [
        (comparable_vat_id(one.vat_id, one.country), comparable_vat_id(other.vat_id, other.country)),
        (comparable_duns(one.duns), comparable_duns(other.duns)),
    ]
    return any(a is not None and b is not None and a != b for a, b in pairs)
