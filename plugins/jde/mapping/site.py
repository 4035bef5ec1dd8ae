"""What a mapping must know of the site: decimals of currencies, currencies of companies, its zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import NO_MAPPING, FieldMapping, Patch
from duehook.core.hookspecs import BadRow, Row
from duehook.core.records import Stream
from duehook.plugins.jde import tables, user_fields
from duehook.plugins.jde.fields import more, patch_of
from duehook.plugins.jde.settings import JdeSettings
from duehook.plugins.jde.tables import Column, Table
from duehook.plugins.jde.values import Days, Factors, FixedFactor, Stamps, whole

GLOBAL_COMPANY: Final = "00000"
Raw = Sequence[Any]
Mapped = tuple[list[Row], list[BadRow]]
# AttributeError: a NULL, where JD Edwards itself writes blanks, is found when it is read as text.
UNREADABLE: Final = (
    BadRecord,
    ArithmeticError,
    AttributeError,
    ValueError,
    TypeError,
    IndexError,
    OverflowError,
)


@dataclass(frozen=True)
class People:
    """The names behind codes: of collectors (AICLMG) and of credit managers (AICMGR)."""

    collectors: Mapping[str, str] = field(default_factory=dict)
    credit_managers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Site:
    """The settings, the site's own fields and currencies, and the memories that make reading cheap."""

    settings: JdeSettings
    factors: Factors
    company_currency: Mapping[str, str] = field(default_factory=dict)
    days: Days = field(default_factory=Days)
    stamps: Stamps = field(default_factory=lambda: Stamps(ZoneInfo("UTC")))
    fields: FieldMapping = NO_MAPPING

    @classmethod
    def of(
        cls,
        settings: JdeSettings,
        decimals: Mapping[str, int],
        companies: Mapping[str, str],
        *,
        fields: FieldMapping = NO_MAPPING,
    ) -> Site:
        """Make a site of F0013's decimals and F0010's currencies."""
        known = {**decimals, **settings.currency_decimals}
        fixed = {"hundredths": 2, "plain": 0}.get(settings.amounts)
        factors = Factors(known) if fixed is None else FixedFactor(fixed)
        return cls(settings, factors, companies, stamps=Stamps(settings.zone), fields=fields)

    def patch(self, stream: Stream) -> Patch | None:
        """Return what is done to a mapped row: by the columns of the settings, then by the site's own file."""
        by_file = patch_of(self.fields, stream, self.days, self.factors)
        return both(self._by_settings(), by_file) if stream == "item" else by_file

    def _by_settings(self) -> Patch | None:
        read = (*(column.name for column in tables.ITEM.columns), *(each.name for each in more(self.fields, "item")))
        beside = [each.name for each in user_fields.columns(self.settings) if each.name not in read]
        return user_fields.patch_of(self.settings, (*read, *beside), self.days, self.factors)


def both(first: Patch | None, second: Patch | None) -> Patch | None:
    """Return two patches as one; None for none."""
    if first is None or second is None:
        return first or second

    def patch(raw: Any, row: Row) -> None:
        first(raw, row)
        second(raw, row)

    return patch


def mapped(
    raws: Iterable[Raw], table: Table, one: Callable[[Raw], Iterable[Row]], *, patch: Patch | None = None
) -> Mapped:
    """Map each raw row to its rows, and patch each; one that cannot be read is kept with the reason."""
    rows: list[Row] = []
    bad: list[BadRow] = []
    for raw in raws:
        try:
            found = list(one(raw))  # whole before it is added: a row maps to all of its rows or to none
            if patch is not None:
                for row in found:
                    patch(raw, row)
            rows += found
        except UNREADABLE as error:
            bad.append(unreadable(raw, table, error))
    return rows, bad


def blanked(raw: Raw, table: Table) -> Raw:
    """Return the row with blanks for NULL texts outside its key: a copied database may hold those."""
    wide = {column.name for column in table.columns if column.width} - {column.name for column in table.key}
    names = (column.name for column in table.columns)
    known = (" " if cell is None and name in wide else cell for name, cell in zip(names, raw, strict=False))
    return (*known, *raw[len(table.columns) :])


def unreadable(raw: Raw, table: Table, error: Exception) -> BadRow:
    """Return the row as it came, by column, with the reason, its key, and its company where it has one."""
    names = [column.name for column in table.columns]
    payload = {name: value if isinstance(value, int) else str(value) for name, value in zip(names, raw, strict=False)}
    company = str(payload.get(_company(table), "")).strip()
    known = company if company not in {"", "None", GLOBAL_COMPANY} else None
    return BadRow(f"{table.name}: {_reason(raw, names, error)}", payload, key_text(raw, table), known)


def _reason(raw: Raw, names: Sequence[str], error: Exception) -> str:
    if not isinstance(error, AttributeError):
        return str(error)
    empty = [name for name, value in zip(names, raw, strict=False) if value is None]
    return f"{', '.join(empty) or 'a column'} is NULL, and the row has no key or company without it."


def key_text(raw: Raw, table: Table) -> str:
    """Return a row's key as far as it stands in the table, parted by bars; its company is no part of it."""
    parts = [column for column in table.key if column.name != _company(table)] or table.key
    places = [(column, table.columns.index(column)) for column in parts]
    return "|".join(_part(column, raw[place]) for column, place in places if place < len(raw))


def _part(column: Column, value: Any) -> str:
    try:
        return str(value).strip() if column.width else str(whole(value))
    except BadRecord:
        return str(value)


def _company(table: Table) -> str:
    return f"{table.prefix}CO"
