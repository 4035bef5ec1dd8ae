"""Find which customers of different ERPs are one party, and take down what a person says of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row

from duehook.core.books import Books
from duehook.core.books.store import parties as store
from duehook.core.collect.parties import Face, Name, bank_account_hash, matches, parties
from duehook.core.context import Context
from duehook.core.errors import NotFound
from duehook.core.ops import audit

Decided = Literal["confirmed", "rejected"]
SHOWN: Final = ("proposed", "confirmed")
_HASH: Final = 64  # signs of a SHA-256 in hexadecimal: an ERP's plugin may give accounts as such


@dataclass(frozen=True)
class Found:
    """What a search changed: matches that are new, and proposals for which nothing speaks any more; how many wait."""

    new: int
    gone: int
    waiting: int


@dataclass(frozen=True)
class Told:
    """A match with what both customers are called."""

    number: int
    state: str
    one: str
    one_name: str
    other: str
    other_name: str
    evidence: tuple[str, ...]
    decided_by: str | None


@dataclass(frozen=True)
class Party:
    """The customers that confirmed matches join, as CONNECTION/KEY, with the name that most of them have."""

    name: str
    members: tuple[str, ...]


def find(books: Books, context: Context) -> Found:
    """Compare the customers of all connections; what a person has decided stays."""
    with books.write() as tx:
        found = {(match.one, match.other): match.evidence for match in matches(_faces(store.faces(tx)))}
        held = store.known(tx)
        new = {pair: evidence for pair, evidence in found.items() if pair not in held}
        gone = [row.id for pair, row in held.items() if row.state == "proposed" and pair not in found]
        for pair, row in held.items():
            if pair in found and [*found[pair]] != row.evidence:
                store.say_why(tx, row.id, found[pair])
        store.propose(tx, new, context.now())
        store.forget(tx, gone)
        waiting = len(store.listed(tx, ["proposed"]))
        if new or gone:
            after = {"new": len(new), "gone": len(gone)}
            audit.record(tx, context, act="party.find", subject="customers", after=after)
    return Found(len(new), len(gone), waiting)


def decide(books: Books, context: Context, number: int, state: Decided, *, why: str | None = None) -> None:
    """Take down that a match is one party, or is not. NotFound for a number that is none, or that is so already."""
    with books.write() as tx:
        row = _match(tx, number)
        if row.state == state:
            raise NotFound(f"match {number} is {state} already.", fix="nothing needs to be done.")
        store.decide(tx, number, state, by=context.actor.id, at=context.now())
        _write_down(tx, context, row, state=state, why=why)


def undo(books: Books, context: Context, number: int, *, why: str | None = None) -> None:
    """Take a decision back: the match waits for a person again. NotFound where nobody has decided."""
    with books.write() as tx:
        row = _match(tx, number)
        if row.state == "proposed":
            raise NotFound(
                f"match {number} was not decided yet.", fix="`duehook party confirm` or `reject` decides it."
            )
        store.decide(tx, number, "proposed", by=None, at=None)
        _write_down(tx, context, row, state="proposed", why=why)


def told(books: Books, states: Sequence[str] = SHOWN) -> list[Told]:
    """Return the matches in these states with both customers' names."""
    with books.read() as tx:
        rows = store.listed(tx, states)
        names = store.titles(tx, [name for row in rows for name in _names(row)])
    return [
        Told(
            row.id, row.state,
            "/".join(one), names.get(one, ""), "/".join(other), names.get(other, ""),
            tuple(row.evidence), row.decided_by,
        )
        for row in rows
        for one, other in [_names(row)]
    ]  # fmt: skip


def joined(tx: Connection) -> list[Party]:
    """Return the parties that persons have confirmed."""
    groups = parties(store.confirmed(tx))
    names = store.titles(tx, [name for group in groups for name in group])
    return [Party(_title(group, names), tuple("/".join(name) for name in sorted(group))) for group in groups]


def _title(group: Iterable[Name], names: dict[Name, str]) -> str:
    """Return the name that most have; of several the longest, which says most."""
    known = [names[name] for name in group if name in names]
    return max(known, key=lambda title: (known.count(title), len(title), title), default="")


def _faces(rows: Iterable[Row[Any]]) -> list[Face]:
    """Return each customer once; what one company's row does not say, another's may."""
    found: dict[Name, Face] = {}
    for row in rows:
        name, extra = (row.connection, row.key), row.extra or {}
        held = found.get(name)
        country = row.country or (row.address or {}).get("country")
        found[name] = Face(
            name, row.name,
            (held and held.country) or country,
            (held and held.postal_code) or (row.address or {}).get("postal_code"),
            (held and held.vat_id) or row.tax_id,
            (held and held.duns) or _text(extra.get("duns")),
            (held.bank_accounts if held else frozenset()) | _accounts(extra.get("bank_accounts")),
        )  # fmt: skip
    return [*found.values()]


def _accounts(given: Any) -> frozenset[str]:
    """Return the hashes of bank accounts, which come as such or as the accounts themselves, one or a list."""
    told = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    accounts = [each for each in told if isinstance(each, str) and each.strip()]
    return frozenset(each if len(each) == _HASH else bank_account_hash(each) for each in accounts)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _match(tx: Connection, number: int) -> Row[Any]:
    row = store.of_number(tx, number)
    if row is None:
        raise NotFound(f"there is no match {number}.", fix="`duehook party list` shows them with their numbers.")
    return row


def _names(row: Row[Any]) -> tuple[Name, Name]:
    return (row.connection, row.customer), (row.other_connection, row.other_customer)


def _write_down(tx: Connection, context: Context, row: Row[Any], *, state: str, why: str | None) -> None:
    subject = " = ".join("/".join(name) for name in _names(row))
    audit.record(
        tx, context, act=f"party.{'reopen' if state == 'proposed' else state.removesuffix('ed')}", subject=subject,
        before={"state": row.state}, after={"state": state, "evidence": row.evidence}, why=why,
    )  # fmt: skip
