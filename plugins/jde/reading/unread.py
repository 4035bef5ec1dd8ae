"""Columns that hold something and that no field takes: what each may be, for a site's own mapping of fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from duehook.core.connecting.discovering import unread
from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Seen
from duehook.core.hookspecs import Discovery
from duehook.core.records import Stream
from duehook.plugins.jde import tables, user_fields
from duehook.plugins.jde.fields import MAPPABLE, TABLES, columns_of
from duehook.plugins.jde.site import JdeSite
from duehook.plugins.jde.tables import Table
from duehook.plugins.jde.values import day_of, whole

from .reader import RawRow

ROWS: Final = 200  # looked at, in the order of the table's key
_FEW: Final = 5
_DAYS: Final = range(110_001, 150_000)  # CYYDDD of 2010 to 2049; another number is a count or a code
_AUDIT: Final = frozenset({"USER", "PID", "JOBN", "UPMJ", "UPMT", "TORG"})
# What EnterpriseOne calls data items that sites use for their own ends; the alias alone says nothing.
_LABELS: Final[Mapping[str, str]] = {
    "URDT": "user reserved date", "URC1": "user reserved code", "URRF": "user reserved reference",
    "PA8": "parent", "TX2": "tax number", "DUL": "date updated", "DLP": "last paid date", "DAOJ": "account opened date",
    "DFIJ": "first invoice date", "DLIJ": "last invoice date", "SBL": "subledger", "ALKY": "long customer number",
}  # fmt: skip


def columns(site: JdeSite, stream: Stream) -> Iterator[Discovery]:
    """Yield what each column may be that nothing reads, then the others that hold something."""
    for table in TABLES[stream]:
        if table is tables.WHO and stream != "contact":
            continue
        taken = {*site.fields.source_fields(table.name), *user_fields.named(site.settings).values()}
        taken |= {table.prefix + alias for alias in _AUDIT}
        names = [name for name in columns_of(stream, site.columns(table)) if name not in taken]
        seen = _seen(site, table, names) if names else []
        yield from unread(stream, table.name, seen, fields=MAPPABLE[stream], word="column")


def _seen(site: JdeSite, table: Table, names: Sequence[str]) -> list[Seen]:
    """Return the columns that hold something in the first rows, with a few different values of each."""
    raws = site.reader.facts.first(table, names, ROWS)
    found = {name: _values(raws, place) for place, name in enumerate(names)}
    aliases = {name: name.removeprefix(table.prefix) for name in names}
    return [
        Seen(name, None, values, _LABELS.get(aliases[name], aliases[name])) for name, values in found.items() if values
    ]


def _values(raws: Sequence[RawRow], place: int) -> list[Any]:
    """Return a few different values, days where whole numbers can all be days of these years."""
    cells = (raw[place] for raw in raws)
    different = dict.fromkeys(each.strip() if isinstance(each, str) else each for each in cells)
    values = [each for each in different if each and not isinstance(each, (bytes, bytearray))][:_FEW]
    days = [_day(each) for each in values]
    return days if None not in days else values


def _day(value: Any) -> date | None:
    try:
        return day_of(value) if whole(value) in _DAYS else None
    except (BadRecord, OverflowError):
        return None
