"""Read company codes, customers as these know them, and contacts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from duehook.core.errors import ConnectorGarbled
from duehook.core.hookspecs import KeyPage, Lookup, Page, Position, UpperBound
from duehook.plugins.sap_ecc import tables
from duehook.plugins.sap_ecc.client.tables import Row
from duehook.plugins.sap_ecc.mapping.parties import CustomerMapping, Mapped, Master, own_contacts, people
from duehook.plugins.sap_ecc.mapping.values import bare, padded
from duehook.plugins.sap_ecc.site import EccSite, day_of, in_pages
from duehook.plugins.sap_ecc.tables import Table
from duehook.plugins.sap_ecc.where import NOTHING, Where, both, compare

MASTERS: Final = "DEBI"  # what CDHDR calls customers
NO_AREA: Final = compare("MABER", "=", "")
Key = tuple[str, str]


@dataclass(frozen=True)
class Place:
    """Where a reading of customers stands; `full_on` is the day of the last whole one, `blocked` who was then."""

    since: date | None
    bound: date
    full_on: date
    after: tuple[str, ...] | None = None
    blocked: tuple[str, ...] = ()

    def position(self, after: Sequence[str]) -> Position:
        """Return it as JSON, behind a key."""
        since = self.since.isoformat() if self.since else None
        return {**self.done(self.blocked), "done": False, "since": since, "after": list(after)}

    def done(self, blocked: Sequence[str]) -> Position:
        """Return where the next reading begins."""
        return {
            "done": True, "bound": self.bound.isoformat(), "full_on": self.full_on.isoformat(),
            "blocked": list(blocked),
        }  # fmt: skip


class MasterReading:
    """Reads KNB1 with KNA1, KNB5, KNKK and ADRC, and KNVK with ADR6, some customers at a time."""

    def __init__(self, site: EccSite) -> None:
        """Take the site."""
        self._site, self._mapping = site, CustomerMapping(site)

    def companies(self, bound: UpperBound) -> Iterator[Page]:
        """Yield the company codes of T001; what the settings say goes over it."""
        rows: list[dict[str, Any]] = []
        for code, row in sorted(self._site.companies.items()):
            told = self._site.settings.companies.get(code)
            name = (told.name if told else "") or row["BUTXT"] or code
            rows.append({"company": code, "name": name, "currency": self._site.currency_of(code)})
        yield Page(rows, {"done": True, "bound": day_of(bound.mark).isoformat()})

    def terms(self, bound: UpperBound) -> Iterator[Page]:
        """Yield the payment terms that the settings say."""
        said = self._site.settings.terms
        rows = [{"key": code, **term.model_dump(exclude_none=True)} for code, term in said.items()]
        yield Page(rows, {"done": True, "bound": day_of(bound.mark).isoformat()})

    def pages(self, stream: str, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield customers or contacts, the last page done."""
        if stream == "contact":
            yield from self._contacts(position, bound)
            return
        place, blocked = self._place(position, bound), self._blocked()
        keys = self._keys() if place.since is None else self._changed(place, blocked)
        left = [key for key in keys if place.after is None or key > place.after]
        for part in in_pages(left, self._site.settings.page_size):
            rows, bad = self._customers(part, ranged=place.since is None)
            yield Page(rows, place.position(part[-1]), bad)
        yield Page([], place.done(blocked))

    def keys(self, stream: str) -> Iterator[KeyPage]:
        """Yield the keys that there are; whole when they come again by ranges."""
        whole = True
        if stream == "customer":
            for part in in_pages(self._keys(), self._site.settings.page_size):
                again = self._site.rows(tables.COMPANY_KEYS, both(self._site.in_companies(), _range("KUNNR", part)))
                whole = whole and {(row["KUNNR"], row["BUKRS"]) for row in again} >= set(part)
                yield KeyPage([(company, bare(number)) for number, company in part])
        else:
            for owners in in_pages(self._owners(), self._site.settings.page_size):
                again = self._site.rows(tables.NEW, _range("KUNNR", [(row["KUNNR"],) for row in owners]))
                whole = whole and {row["KUNNR"] for row in again} >= {row["KUNNR"] for row in owners}
                yield KeyPage([("", row["key"]) for row in self._contacts_of(owners)])
        yield KeyPage([], complete=whole)

    def lookup(self, stream: str, keys: Sequence[Key]) -> Lookup:
        """Read these customers again; contacts are read by the customers' pages alone."""
        if stream != "customer":
            return Lookup(missing=list(keys))
        wanted = [(padded(key), company) for company, key in keys]
        numbers = sorted({number for number, _ in wanted})
        held = self._site.rows_of(tables.OF_COMPANY, "KUNNR", numbers)
        mine = [row for row in held if (row["KUNNR"], row["BUKRS"]) in set(wanted)]
        rows, bad = self._joined(mine, lambda table, *more: self._site.rows_of(table, "KUNNR", numbers, *more))
        there = {(row["BUKRS"], bare(row["KUNNR"])) for row in mine}
        return Lookup(rows, missing=[name for name in keys if name not in there], bad=bad)

    def _place(self, position: Position | None, bound: UpperBound) -> Place:
        today = day_of(bound.mark)
        if position is None:
            return Place(None, today, today)
        held, full_on = date.fromisoformat(position["bound"]), date.fromisoformat(position["full_on"])
        blocked = tuple(position["blocked"])
        if not position.get("done"):
            since = date.fromisoformat(position["since"]) if position["since"] else None
            return Place(since, held, full_on, tuple(position["after"]), blocked)
        if (today - full_on).days >= self._site.settings.full_customers_days:
            return Place(None, today, today, blocked=blocked)
        return Place(held - timedelta(days=self._site.settings.lookback_days), today, full_on, blocked=blocked)

    def _keys(self) -> list[Key]:
        rows = self._site.rows(tables.COMPANY_KEYS, self._site.in_companies())
        return sorted((row["KUNNR"], row["BUKRS"]) for row in rows)

    def _changed(self, place: Place, blocked: Sequence[str]) -> list[Key]:
        """Return the customers that were changed or made since then, and those whose credit block is another one."""
        assert place.since is not None
        stamped = both(compare("OBJECTCLAS", "=", MASTERS), compare("UDATE", ">=", place.since))
        numbers = {row["OBJECTID"] for row in self._site.rows(tables.CHANGE, stamped)}
        made = self._site.rows(tables.NEW, compare("ERDAT", ">=", place.since))
        numbers |= {row["KUNNR"] for row in made}
        numbers |= {each.split("|")[0] for each in set(blocked) ^ set(place.blocked)}
        held = self._site.rows_of(tables.COMPANY_KEYS, "KUNNR", numbers, self._site.in_companies())
        return sorted((row["KUNNR"], row["BUKRS"]) for row in held)

    def _blocked(self) -> list[str]:
        rows = self._site.rows(tables.BLOCKED, compare("CRBLB", "<>", ""))
        return sorted("|".join((row["KUNNR"], row["KKBER"], row["CRBLB"])) for row in rows)

    def _customers(self, keys: Sequence[Key], *, ranged: bool) -> Mapped:
        numbers = [number for number, _ in keys]

        def ask(table: Table, *more: Where) -> list[Row]:
            if ranged:
                return self._site.rows(table, both(_range("KUNNR", keys), *more))
            return self._site.rows_of(table, "KUNNR", numbers, *more)

        held = {(row["KUNNR"], row["BUKRS"]): row for row in ask(tables.OF_COMPANY, self._site.in_companies())}
        gone = [key for key in keys if key not in held]
        if gone:
            told = f"KNB1 lists {len(gone)} customers that it does not give, {'|'.join(gone[0])} first."
            raise ConnectorGarbled(told, fix="it is asked again by the next run; let the SAP admin look what cuts it.")
        return self._joined([held[key] for key in keys], ask)

    def _joined(self, rows: list[Row], ask: Any) -> Mapped:
        customers = {row["KUNNR"]: row for row in ask(tables.CUSTOMER)}
        credit: dict[str, list[Row]] = {}
        for row in ask(tables.CREDIT):
            credit.setdefault(row["KUNNR"], []).append(row)
        wanted = {row["KUNNR"] for row in rows}
        at = [row["ADRNR"] for row in customers.values() if row["KUNNR"] in wanted]
        addresses = {row["ADDRNUMBER"]: row for row in self._site.rows_of(tables.ADDRESS, "ADDRNUMBER", at)}
        dunning = {(row["KUNNR"], row["BUKRS"]): row for row in ask(tables.DUNNING, NO_AREA)}
        return self._mapping.rows(rows, Master(customers, dunning, addresses, credit))

    def _contacts(self, position: Position | None, bound: UpperBound) -> Iterator[Page]:
        """Yield all contacts each time: CDHDR tells of customers, not of all addresses."""
        open_position = position if position and not position.get("done") else {}
        after, day = open_position.get("after"), open_position.get("bound") or day_of(bound.mark).isoformat()
        owners = [row for row in self._owners() if after is None or row["KUNNR"] > after]
        for part in in_pages(owners, self._site.settings.page_size):
            yield Page(self._contacts_of(part), {"done": False, "bound": day, "after": part[-1]["KUNNR"]})
        yield Page([], {"done": True, "bound": day})

    def _owners(self) -> list[Row]:
        return sorted(self._site.rows(tables.CUSTOMER_KEYS), key=lambda row: row["KUNNR"])

    def _contacts_of(self, owners: Sequence[Row]) -> list[dict[str, Any]]:
        site = self._site
        numbers = {row["KUNNR"] for row in owners}
        within = _range("KUNNR", [(row["KUNNR"],) for row in owners])
        persons = [row for row in site.rows(tables.PERSON, within) if row["KUNNR"] in numbers]
        own = self._emails("ADDRNUMBER", [row["ADRNR"] for row in owners], compare("PERSNUMBER", "=", ""))
        theirs = self._emails("PERSNUMBER", [row["PRSNR"] for row in persons])
        return own_contacts(site, owners, own) + people(site, sorted(persons, key=lambda row: row["PARNR"]), theirs)

    def _emails(self, column: str, values: Iterable[str], *more: Where) -> Mapping[str, Sequence[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self._site.rows_of(tables.EMAIL, column, values, *more):
            found.setdefault(row[column], []).append(row)
        return found


def _range(column: str, keys: Sequence[tuple[str, ...]]) -> Where:
    return both(compare(column, ">=", keys[0][0]), compare(column, "<=", keys[-1][0])) if keys else NOTHING
