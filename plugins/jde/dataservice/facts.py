"""What `check` and `discover` count where only rows can be had: they look at the first ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import Finding
from duehook.plugins.jde import tables
from duehook.plugins.jde.reading.reader import Proof, RawRow
from duehook.plugins.jde.settings import DataServiceSettings
from duehook.plugins.jde.tables import Column, Table
from duehook.plugins.jde.values import Stamp, day_of, text, whole

from .conditions import Condition, Conditions, among
from .history import column_of
from .rows import From

SAMPLE: Final = 200  # receipts or items whose applications are added up
FIRST: Final = 2_000  # rows that are looked at for their codes
_PARTS: Final = ("PAAP", "ADSA", "AAAJ", "ECBA", "DDA", "AGL")
_KEY: Final = ("KCO", "DCT", "DOC", "SFX")
Give = Callable[[Table, Sequence[Column]], From]


class AisFacts:
    """Looks at the first rows of a table, for AIS gives rows and no sums that every release knows."""

    among = f" of the first {FIRST}"

    def __init__(self, give: Give, form: DataServiceSettings) -> None:
        self._give, self._form = give, form

    def signs(self, since: int) -> tuple[int, int]:
        """Return how many of the first receipts since a day have applications summing below and above zero."""
        narrow = tables.PAYMENT.narrowed("PYID CKAM VDGJ")
        paid = Condition(column_of(narrow, "CKAM"), "GREATER", (0,))
        rows = self._rows(narrow, (paid, *_since(tables.PAYMENT, "DMTJ", since)))
        receipts = [raw[0] for raw in islice((raw for raw in rows if not raw[2]), SAMPLE)]
        applied = defaultdict[int, Decimal](Decimal)
        for raw in self._of(tables.ALLOCATION.narrowed("PYID RC5 PAAP"), "PYID", receipts):
            applied[raw[0]] += raw[2] or 0
        return sum(1 for each in applied.values() if each < 0), sum(1 for each in applied.values() if each > 0)

    def proof(self, since: int, on_account: Sequence[str]) -> Proof:
        """Return for how many of the first items posted since a day open = original − Σ F03B14."""
        narrow = tables.ITEM.narrowed("KCO DCT DOC SFX AG AAP CRRM")
        rows = self._rows(narrow, _since(tables.ITEM, "DGJ", since))
        ours = (raw for raw in rows if text(raw[6]) != "F" and text(raw[1]) not in on_account and raw[4] != raw[5])
        items = {tuple(raw[:4]): (raw[4] or 0) - (raw[5] or 0) for raw in islice(ours, SAMPLE)}
        lines = defaultdict[tuple[Any, ...], Decimal](Decimal)
        columns = " ".join(("PYID", "RC5", *_KEY, *_PARTS))
        for raw in self._of(tables.ALLOCATION.narrowed(columns), "DOC", [key[2] for key in items]):
            lines[tuple(raw[2:6])] += sum((part or 0 for part in raw[6:]), Decimal(0))
        applied = [(items[key], total) for key, total in lines.items() if key in items]
        negative = sum(1 for one, total in applied if one == -total)
        return Proof(negative, sum(1 for one, total in applied if one == total), len(applied))

    def sums(self) -> list[RawRow]:
        """Return (company, base currency, Σ RPAAP, count) of what is open."""
        narrow = tables.ITEM.narrowed("KCO DCT DOC SFX CO BCRC AAP")
        found = defaultdict[tuple[Any, Any], list[Any]](lambda: [Decimal(0), 0])
        for raw in self._rows(narrow, (Condition(column_of(narrow, "AAP"), "NOT_EQUAL", (0,)),)):
            total = found[raw[4], raw[5]]
            total[0], total[1] = total[0] + raw[6], total[1] + 1
        return [(*names, *total) for names, total in found.items()]

    def stamped_past(self, stamp: Stamp) -> int:
        """Return how many items were changed later."""
        narrow = tables.ITEM.narrowed("KCO DCT DOC SFX UPMJ UPMT")
        rows = self._rows(narrow, _since(tables.ITEM, "UPMJ", stamp[0]))
        return sum(1 for raw in rows if not isinstance(raw[4], str) and (raw[4], whole(raw[5] or 0)) > stamp)

    def dunned(self) -> int:
        """Return how many customers have a delinquency policy and get JDE's notices."""
        narrow = tables.CUSTOMER.narrowed("AN8 CO PLY DNLT")
        policy = Condition(column_of(narrow, "PLY"), "STR_NOT_BLANK")
        return sum(1 for _ in self._rows(narrow, (policy, among(column_of(narrow, "DNLT"), ["Y"]))))

    def silenced(self) -> tuple[int, int]:
        """Return how many of the first customers get no notices (AIDNLT N), of how many."""
        rows = self.first(tables.CUSTOMER, ("AIDNLT",), FIRST)
        return sum(1 for raw in rows if text(raw[0]) == "N"), len(rows)

    def newest(self, table: Table) -> tuple[int, int]:
        """Return the newest day that one of the first rows was stamped, 0 for none, and how many these are."""
        rows = self.first(table, (f"{table.prefix}UPMJ",), FIRST)
        return max((raw[0] for raw in rows if isinstance(raw[0], int)), default=0), len(rows)

    def in_use(self, table: Table, column: str, *, numbered: bool = False) -> list[RawRow]:
        """Return (value, count) of a column in the first rows; `numbered` leaves out who's-who line 0."""
        line = f"{table.prefix}IDLN" if numbered else column
        rows = self.first(table, (column, line), FIRST)
        return list(Counter(raw[0] for raw in rows if not numbered or raw[1]).items())

    def first(self, table: Table, names: Sequence[str], count: int) -> list[RawRow]:
        """Return some columns of the first rows, in the order of the table's key."""
        known = {column.name: column for column in table.columns}
        wanted = [
            known.get(name) or Column(name, is_day=tables.is_day(name.removeprefix(table.prefix))) for name in names
        ]
        beside = [column for column in table.key if column not in wanted]
        narrow = Table(table.name, table.prefix, table.key, (*dict.fromkeys((*wanted, *beside)),))
        places = [narrow.columns.index(column) for column in wanted]
        return [tuple(raw[place] for place in places) for raw in islice(self._rows(narrow), count)]

    def probes(self) -> Iterator[Finding]:
        """Try on F03B11 how this AIS writes days and amounts, and how it understands a day."""
        rows = list(islice(self._rows(tables.ITEM.narrowed("KCO DCT DOC SFX DIVJ AG UPMJ UPMT")), SAMPLE))
        yield from self._days(rows)
        yield from self._days_asked(rows)
        yield from self._amounts(rows)

    def _days(self, rows: Sequence[RawRow]) -> Iterator[Finding]:
        strange = sorted({str(raw[place]) for raw in rows for place in (4, 6) if isinstance(raw[place], str)})
        if strange and len(strange) * 2 > len({raw[4] for raw in rows}):
            yield Finding("days of AIS", False, f"dates come as {strange[0].removesuffix(' (AIS)')}, not as "
                          f"{self._form.days}", "set `ais.data_service.days` to how they come.")  # fmt: skip
        elif rows:
            yield Finding("days of AIS", True, f"dates come as {self._form.days}")

    def _days_asked(self, rows: Sequence[RawRow]) -> Iterator[Finding]:
        """Ask for what was changed on a day that one of the rows was changed on."""
        day = next((raw[6] for raw in rows if isinstance(raw[6], int) and raw[6] and day_of(raw[6])), None)
        if day is None:
            return
        narrow = tables.ITEM.narrowed("KCO DCT DOC SFX UPMJ")
        same = Condition(column_of(narrow, "UPMJ"), "EQUAL", (day,))
        try:
            found = {raw[4] for raw in islice(self._rows(narrow, (same,)), SAMPLE)}
            gives = ("those" if found == {day} else "others") if found else "none"
        except ConnectorRefused as error:
            found, gives = set(), f"nothing: {error.message}"
        told = f"asked for the items changed on {day_of(day)}, AIS gives {gives}"
        yield Finding("days asked of AIS", found == {day}, told,
                      "set `ais.data_service.days_asked` to the form that this AIS understands.")  # fmt: skip

    def _amounts(self, rows: Sequence[RawRow]) -> Iterator[Finding]:
        """Look for a fraction: among many amounts with their decimals some are not whole."""
        fractions = sum(1 for raw in rows if isinstance(raw[5], Decimal) and raw[5] != int(raw[5]))
        applied = self._form.amounts == "applied"
        fits = bool(fractions) if applied else not fractions
        if len(rows) > 20 and not fits:
            told = f"{fractions} of {len(rows)} gross amounts have decimals"
            yield Finding("amounts of AIS", False, told, "compare one with P03B2002, and set "
                          f"`ais.data_service.amounts: {'stored' if applied else 'applied'}`.", "warning")  # fmt: skip
        elif rows:
            yield Finding("amounts of AIS", True, f"they come {self._form.amounts}")

    def _rows(self, table: Table, where: Conditions = ()) -> Iterator[RawRow]:
        return self._give(table, ()).all(where, limit=self._form.page_size)

    def _of(self, table: Table, alias: str, numbers: Iterable[int]) -> Iterator[RawRow]:
        wanted, column, at_once = sorted(set(numbers)), column_of(table, alias), self._form.list_size
        for start in range(0, len(wanted), at_once):
            yield from self._rows(table, (among(column, wanted[start : start + at_once]),))


def _since(table: Table, alias: str, day: int) -> Conditions:
    return (Condition(column_of(table, alias), "GREATER_EQUAL", (day,)),) if day else ()
