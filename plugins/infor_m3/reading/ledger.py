"""Which invoice numbers and records of money there are: by EXPORTMI, or by the lists that every release has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from duehook.core.errors import ConnectorRefused
from duehook.plugins.infor_m3 import entities, values
from duehook.plugins.infor_m3.client.answers import Rows
from duehook.plugins.infor_m3.client.export import Range
from duehook.plugins.infor_m3.client.listing import looks_cut, whole
from duehook.plugins.infor_m3.client.service import Asking
from duehook.plugins.infor_m3.client.table import Table
from duehook.plugins.infor_m3.key import NAMED_BY, ItemKey
from duehook.plugins.infor_m3.site import M3Site


@dataclass(frozen=True)
class Wanted:
    """Records that are wanted: those still open, and those that changed since (M3's stamp)."""

    is_open: bool = True
    since: int | None = None


class Ledger(Protocol):
    """Lists the ledger part by part, always in the same order; a part is JSON, and what came of it."""

    def keys(self, wanted: Wanted, begun: Any) -> Iterator[tuple[Any, list[ItemKey]]]:
        """Yield the invoice numbers, beginning with a part that was begun; each once."""

    def money(self, wanted: Wanted, begun: Any) -> Iterator[tuple[Any, Rows]]:
        """Yield the records of money."""


class ExportedLedger:
    """The ledger's table, selected by EXPORTMI in ranges of payers."""

    def __init__(self, site: M3Site) -> None:
        """Take the site."""
        self._site = site

    def keys(self, wanted: Wanted, begun: Any) -> Iterator[tuple[Any, list[ItemKey]]]:
        """Yield the invoice numbers of every record that is wanted, money's too: what it paid changed with it."""
        for part, table in self._tables(self._conditions(wanted), entities.ITEM_COLUMNS, begun):
            keys = sorted({*table.cells(NAMED_BY)})
            yield part, [ItemKey._make(key) for key in keys if self._site.reads(key[0])]

    def money(self, wanted: Wanted, begun: Any) -> Iterator[tuple[Any, Rows]]:
        """Yield the records of money."""
        codes = self._site.settings.codes.money_codes
        of_money = [[f"ESTRCD = {int(code)}", *conditions] for code in codes for conditions in self._conditions(wanted)]
        for part, table in self._tables(of_money, self._site.money_columns, begun):
            yield part, [row for row in table if self._site.reads(row["DIVI"])]

    def _conditions(self, wanted: Wanted) -> list[list[str]]:
        closed = self._site.settings.closed_code
        changed = [] if wanted.since is None else [f"ESLMTS >= {wanted.since}"]
        if not wanted.is_open:
            return [changed]
        return [[f"ESRECO < {closed}"], *([[f"ESRECO >= {closed}", *changed]] if changed else [])]

    def _tables(
        self, selections: list[list[str]], columns: tuple[str, ...], begun: Any
    ) -> Iterator[tuple[list[Any], Table]]:
        divisions = self._site.settings.divisions
        if divisions:
            within = [f"ESDIVI >= '{min(divisions)}'", f"ESDIVI <= '{max(divisions)}'"]
            selections = [[*conditions, *within] for conditions in selections]
        first = Range.read(begun) if begun else None
        for part, table in self._site.export.ranges(selections, columns, first):
            yield part.written, table


class ListedLedger:
    """Invoices as LstInvByDivi lists them, division by division; payer by payer where that is too long."""

    def __init__(self, site: M3Site) -> None:
        """Take the site."""
        self._site = site

    def keys(self, wanted: Wanted, begun: Any) -> Iterator[tuple[Any, list[ItemKey]]]:
        """Yield the invoice numbers that are open, or dated since."""
        for part, rows in self._rows(wanted, begun):
            yield part, sorted({ItemKey.of(row) for row in rows})

    def money(self, wanted: Wanted, begun: Any) -> Iterator[tuple[Any, Rows]]:
        """Yield the records of money that stand with these invoices."""
        service, codes = self._site.service, self._site.settings.codes.money_codes
        for part, keys in self.keys(wanted, begun):
            asked = [{**key.asked, "CONO": self._site.settings.company} for key in keys]
            found = service.every(entities.MOVEMENTS, asked)
            rows = [row | {"LMTS": ""} for result in found for row in result.rows]
            yield part, [row for row in rows if row["TRCD"].strip().lstrip("0") in codes]

    def _rows(self, wanted: Wanted, begun: Any) -> Iterator[tuple[list[Any], Rows]]:
        division, payer = begun or (None, None)
        for each in self._site.divisions:
            if division is not None and each < division:
                continue
            rows = None if division == each and payer is not None else self._of(wanted, each, None)
            if rows is not None:
                yield [each, None], rows
                continue
            for number in self._payers_from(payer if division == each else None):
                yield [each, number], self._of_payer(wanted, each, number)

    def _payers_from(self, first: str | None) -> Iterable[str]:
        found = list(self._site.payers())
        return found[found.index(first) :] if first in found else found

    def _of_payer(self, wanted: Wanted, division: str, payer: str) -> Rows:
        rows = self._of(wanted, division, payer)
        if rows is None:
            told = f"M3 gives no whole list of the invoices of payer {payer} in division {division}."
            raise ConnectorRefused(told, fix="raise `rows_at_once`, or let the M3 admin allow EXPORTMI.")
        return rows

    def _of(self, wanted: Wanted, division: str, payer: str | None) -> Rows | None:
        """Return what is wanted of a division; None where it may be cut off."""
        of_whom = {"FDIV": division, "TDIV": division, **({} if payer is None else {"PYNO": payer})}
        found: Rows = []
        for more in self._questions(wanted):
            rows = self._whole({**of_whom, **more}, is_last=payer is not None)
            if rows is None:
                return None
            found += rows
        return found

    def _questions(self, wanted: Wanted) -> list[dict[str, str]]:
        questions = [{"AAC0": "1"}] if wanted.is_open else []
        if wanted.since is not None:
            questions.append({"AAC0": "0", "IVDT": values.written(values.instant(wanted.since).date())})
        return questions

    def _whole(self, asked: dict[str, str], *, is_last: bool) -> Rows | None:
        most = self._site.settings.rows_at_once

        def ask(count: int) -> Rows:
            return self._site.service.rows(entities.INVOICES, asked, Asking(min(count or most, most)))

        rows = whole(ask, lambda row: f"{row['YEA4']}|{row['JRNO']}|{row['JSNO']}", about=entities.INVOICES.title)
        cut = len(rows) >= most or (looks_cut(rows) and not is_last)
        return None if cut else rows


def ledger_of(site: M3Site) -> Ledger:
    """Return how the ledger is read on this site."""
    return ExportedLedger(site) if site.settings.exportmi else ListedLedger(site)
