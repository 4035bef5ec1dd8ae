"""Days and instants as a ledger writes them into its columns, for conditions on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from duehook.core.table_mapping.cells import Cells
from duehook.core.table_mapping.values import Unreadable, date_reader, whole
from duehook.core.wire.sql import DialectName, Sql, all_of, any_of
from duehook.plugins.sql_ledgers.template.model import Changed, DayForm

_WRITTEN: Final[Mapping[DayForm, Callable[[date], Any]]] = {
    "yyyymmdd": lambda day: int(f"{day:%Y%m%d}"),
    "cyymmdd": lambda day: int(f"{(day.year - 1900) // 100}{day:%y%m%d}"),
    "cyyddd": lambda day: (day.year - 1900) * 1000 + day.timetuple().tm_yday,
    "date": lambda day: day,
}
_READ: Final[Mapping[DayForm, tuple[str, ...]]] = {
    "yyyymmdd": ("YYYYMMDD",), "cyymmdd": ("CYYMMDD",), "cyyddd": ("CYYDDD",),
    "date": ("YYYY-MM-DD", "YYYY-MM-DD HH:mm:ss"),
}  # fmt: skip


class Stamps:
    """How one site writes days, and when a row was changed."""

    def __init__(self, days: DayForm, zone: ZoneInfo, dialect: DialectName) -> None:
        self._days, self._zone = days, zone
        self._as_text = dialect == "sqlite"  # which knows no days: they are texts that sort
        self._day_of = date_reader(_READ[days])

    def day(self, at: date) -> Any:
        """Return a day as it is bound."""
        made = _WRITTEN[self._days](at)
        return made.isoformat() if self._as_text and isinstance(made, date) else made

    def day_of(self, at: datetime) -> Any:
        """Return the day of an instant as it is bound."""
        return self.day(at.astimezone(self._zone).date())

    def since(self, changed: Changed, columns: tuple[str, ...], at: datetime) -> Sql:
        """Return the condition "changed at this instant or after"; the columns are quoted."""
        values = self._values(changed, at)
        if changed.at:
            return any_of([Sql(f"{column} >= ?", values) for column in columns])
        day, time = columns
        return Sql(f"{day} >= ? AND ({day} > ? OR {time} >= ?)", (values[0], *values))

    def until(self, changed: Changed, columns: tuple[str, ...], at: datetime) -> Sql:
        """Return the condition "changed up to this instant, or never"."""
        values = self._values(changed, at)
        if changed.at:
            return all_of([any_of([Sql(f"{each} <= ?", values), Sql(f"{each} IS NULL")]) for each in columns])
        day, time = columns
        never = Sql(f"{day} IS NULL")
        return any_of([Sql(f"{day} < ? OR ({day} = ? AND {time} <= ?)", (values[0], *values)), never])

    def instant(self, changed: Changed, cells: Cells) -> datetime | None:
        """Return when a row was changed, None where that cannot be read."""
        try:
            if changed.at:
                local = max(datetime.fromisoformat(cell[:19]) for cell in cells if cell)
            else:
                clock = whole(cells[1] or "0")
                local = datetime.combine(self._day_of(cells[0]), time(clock // 10_000, clock // 100 % 100, clock % 100))
        except (Unreadable, ValueError):
            return None
        return local.replace(tzinfo=self._zone)

    def _values(self, changed: Changed, at: datetime) -> tuple[Any, ...]:
        local = at.astimezone(self._zone).replace(tzinfo=None, microsecond=0)
        if changed.at:
            return (f"{local:%Y-%m-%d %H:%M:%S}" if self._as_text else local,)
        return (self.day(local.date()), int(f"{local:%H%M%S}"))
