"""Reads a site through the AIS data service."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from typing import Any, Final

from duehook.core.records import Stream
from duehook.plugins.jde import tables
from duehook.plugins.jde.ais import AisClient
from duehook.plugins.jde.reading.reader import RawRow, ReadBy, Window
from duehook.plugins.jde.settings import AisSettings
from duehook.plugins.jde.tables import Column, Table
from duehook.plugins.jde.values import Stamp

from .browser import Ask, Browser
from .conditions import Condition, among
from .facts import AisFacts
from .history import History, changed, column_of, not_zero, open_parts, since
from .joined import Customers, Numbered
from .rows import AisRows, From, Listed, Part, Range

EARLY: Final = 1_000  # a year of CYYDDD: an application is never dated longer before its item's posting
_LISTED: Final[Mapping[str, str]] = {
    "F0010": "CO", "F0013": "CRCD", "F0014": "PTC", "F0015": "EFT", "F03012": "AN8", "F0111": "AN8", "F03B11": "DOC",
    "F03B13": "PYID", "F03B14": "PYID",
}  # fmt: skip
Present = Callable[[Table], frozenset[str]]
More = Callable[[Stream], Sequence[Column]]


class AisReader:
    """The way by AIS; `present` says which columns a table has, `more` which the site's own file adds."""

    by: ReadBy = "ais"
    place = "AIS data service"

    def __init__(self, settings: AisSettings, name: str, present: Present, more: More, *, structure: str = "") -> None:
        """Take the AIS settings, the connection's name for the messages, and F0150's structure type of parents."""
        self._form, self._present, self._more, self._structure = settings.data_service, present, more, structure
        self._ais = AisClient(settings, name)
        self._browser = Browser(self._ais, settings, name)
        self.applied = self._form.amounts == "applied"

    @cached_property
    def facts(self) -> AisFacts:
        """What `check` and `discover` count."""
        return AisFacts(self._source, self._form)

    def open(self) -> None:
        """Sign in, unless that is done."""
        self._ais.sign_in()

    def close(self) -> None:
        """Sign out and hang up."""
        self._ais.close()

    def now(self) -> datetime:
        """Return the AIS server's clock as an aware instant."""
        return self._ais.said_at()

    def columns(self, table: Table | str, *, control: bool = False) -> frozenset[str]:
        """Return the columns of a table, of a table by its name alone without their prefix.

        Raises ConnectorRefused where it may not be browsed.
        """
        name, prefix = (table, "") if isinstance(table, str) else (table.name, table.prefix)
        return frozenset(prefix + each.removeprefix(f"{name}_") for each in self._browser.page(Ask(name, ()), 1).names)

    def look(
        self, table: Table, names: Sequence[str], where: Mapping[str, Sequence[Any]], *, control: bool = False
    ) -> list[RawRow]:
        """Return some columns of the few rows whose cells are among the values told for each column."""
        known = {column.name: column for column in table.columns}
        wanted = [known.get(name) or Column(name) for name in names]
        conditions = tuple(among(known.get(name) or Column(name), values) for name, values in where.items())
        return self._browser.few(Ask(table.name, wanted, conditions), self._form.page_size)

    def whole(self, table: Table) -> list[RawRow]:
        """Return every row of a small table."""
        return list(self._source(table).all(limit=self._form.page_size))

    def lines_of(self, table: Table, customers: Sequence[int]) -> list[RawRow]:
        """Return the phones or mail addresses of these customers in key order."""
        found = self._numbered(table).of(customers)
        return [raw for number in sorted(found) for raw in found[number]]

    def simple(self, table: Table, *, recent: str = "", exact: Sequence[str] = ()) -> AisRows:
        """Give one table; `recent` names the date of a first reading's rows."""
        source = self._source(table)

        def parts(window: Window) -> list[Part]:
            if window.recent_from is not None and recent:
                return [Range(source, (since(source, recent, window.recent_from),))]
            return [Range(source, changed(source, window))]

        return self._rows(source, parts)

    def items(self) -> AisRows:
        """Give F03B11: what is open, and what was posted or closed in the history."""
        source = self._source(tables.ITEM, self._more("item"))
        return self._rows(source, History(source, "RPDGJ", "RPJCL", ("RPAAP", "RPFAP")).parts)

    def open_items(self, table: Table) -> AisRows:
        """Give the rows of F03B11 that are open now, in the columns of the table or a narrower one of it."""
        source = self._source(table, self._more("item") if table is tables.ITEM else ())
        return self._rows(source, lambda window: open_parts(source))

    def payments(self) -> AisRows:
        """Give F03B13: unapplied receipts, and those of the history."""
        source = self._source(tables.PAYMENT, self._more("payment"))
        return self._rows(source, History(source, "RYDMTJ", "RYVDGJ", ("RYAAP",)).parts)

    def allocations(self) -> AisRows:
        """Give F03B14: lines of the history, and all lines of what is still open."""
        source = self._source(tables.ALLOCATION)

        def parts(window: Window) -> list[Part]:
            found = History(source, "RZDGJ", "RZDMTJ").parts(window)
            return found if window.recent_from is None else [*found, self._lines(source, window.recent_from)]

        return self._rows(source, parts)

    def customers(self, today: int) -> AisRows:
        """Give F03012 with name, mailing name, the postal address in force, and the parent."""
        more = self._more("customer")
        source = self._source(tables.CUSTOMER, _of_table(more, tables.CUSTOMER))
        joined = Customers(partial(self._joined, more), today=today, structure=self._structure.strip())
        parts = partial(self._customer_parts, source, today)
        return self._rows(source, parts, changed_elsewhere=True, dress=joined.dressed)

    def contacts(self) -> AisRows:
        """Give the who's-who lines of customers, changed when the customer's mail or phones are."""
        source = self._source(tables.WHO, self._more("contact"))
        return self._rows(source, partial(self._contact_parts, source), changed_elsewhere=True)

    def _customer_parts(self, source: From, today: int, window: Window) -> list[Part]:
        if window.since is None:
            return [Range(source)]
        numbers = sorted(self._customers_since(window.since, today))
        return [self._listed(source, "AN8", numbers)]

    def _contact_parts(self, source: From, window: Window) -> list[Part]:
        customers = self._numbered(tables.CUSTOMER.narrowed("AN8 CO"))
        if window.since is None:
            return [Listed(source, column_of(tables.WHO, "AN8"), customers.each, self._form.list_size)]
        changed = set[int]()
        for table in (tables.WHO, tables.EMAIL, tables.PHONE):
            changed |= self._stamps(table).stamped(window.since)
        return [self._listed(source, "AN8", sorted(customers.of(changed)))]

    def _customers_since(self, since: Stamp, today: int) -> set[int]:
        """Return who was changed themselves, renamed, or moved; an address that begins changes without a stamp."""
        own_line = Condition(column_of(tables.WHO, "IDLN"), "EQUAL", (0,))
        found = self._stamps(tables.CUSTOMER).stamped(since) | self._stamps(tables.ADDRESS_BOOK).stamped(since)
        found |= self._stamps(tables.WHO).stamped(since, own_line)
        postal = self._stamps(tables.POSTAL)
        return found | postal.stamped(since) | postal.begun("EFTB", since[0], today)

    def _lines(self, source: From, day: int) -> Part:
        """Return the lines of what is open since before the history."""
        narrow = self._source(tables.ITEM.narrowed("KCO DCT DOC SFX"))
        old = Condition(column_of(tables.ITEM, "DGJ"), "LESS", (day + EARLY,))
        keys = {
            tuple(raw)
            for alias in ("AAP", "FAP")
            for raw in narrow.all((old, not_zero(column_of(tables.ITEM, alias))), limit=self._form.page_size)
        }
        places = [source.places[name] for name in ("RZKCO", "RZDCT", "RZDOC", "RZSFX")]
        numbers = sorted({int(key[2]) for key in keys})
        return self._listed(source, "DOC", numbers, wanted=lambda raw: tuple(raw[place] for place in places) in keys)

    def _listed(
        self, source: From, alias: str, numbers: Sequence[int], *, wanted: Callable[[RawRow], bool] = lambda raw: True
    ) -> Part:
        def behind(after: int) -> Iterator[int]:
            return (number for number in numbers if number > after)

        return Listed(source, column_of(source.table, alias), behind, self._form.list_size, wanted)

    def _rows(
        self, source: From, parts: Callable[[Window], Sequence[Part]], *, changed_elsewhere: bool = False,
        dress: Callable[[Sequence[RawRow]], list[RawRow]] = list,
    ) -> AisRows:  # fmt: skip
        table, form = source.table, self._form
        stamp = table.stamp if table.stamp and source.lacking.isdisjoint(table.stamp) else None
        listed = column_of(table, _LISTED[table.name])
        return AisRows(
            source, parts, form.page_size, form.list_size, listed, stamp=stamp, changed_elsewhere=changed_elsewhere,
            dress=dress,
        )  # fmt: skip

    def _source(self, table: Table, more: Sequence[Column] = ()) -> From:
        columns = (*table.columns, *more)
        present = self._present(table)
        lacking = frozenset(column.name for column in columns if column.name not in present)
        return From(self._browser, table, columns, lacking)

    def _numbered(self, table: Table, more: Sequence[Column] = ()) -> Numbered:
        source, form = self._source(table, more), self._form
        return Numbered(source, list_size=form.list_size, page_size=form.page_size)

    def _joined(self, more: Sequence[Column], table: Table) -> Numbered:
        return self._numbered(table, _of_table(more, table))

    def _stamps(self, table: Table) -> Numbered:
        """Return a table in the columns that say who was changed when."""
        aliases = [column.name.removeprefix(table.prefix) for column in table.key]
        stamp = ["UPMJ", "UPMT"] if table.stamp else []
        return self._numbered(table.narrowed(" ".join(dict.fromkeys([*aliases, "AN8", *stamp]))))


def _of_table(columns: Sequence[Column], table: Table) -> tuple[Column, ...]:
    return tuple(column for column in columns if column.name.startswith(table.prefix))
