"""How the data service writes cells, and how each becomes what ODBC would have given: days as CYYDDD."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.plugins.jde.settings import DayForm
from duehook.plugins.jde.tables import Column
from duehook.plugins.jde.values import day_of, julian, whole

_FORMS: Final[Mapping[DayForm, str]] = {
    "yyyyMMdd": "%Y%m%d",
    "yyyy-MM-dd": "%Y-%m-%d",
    "MM/dd/yyyy": "%m/%d/%Y",
    "dd/MM/yyyy": "%d/%m/%Y",
    "dd.MM.yyyy": "%d.%m.%Y",
}


class Days(dict[Any, Any]):
    """Days as AIS writes them → CYYDDD, remembered; what is none stays as it came, for the mapping to refuse."""

    def __init__(self, form: DayForm) -> None:
        super().__init__({None: 0, "": 0, 0: 0, "0": 0})
        self._form = _FORMS.get(form)

    def __missing__(self, cell: Any) -> Any:
        self[cell] = found = self._read(cell)
        return found

    def _read(self, cell: Any) -> Any:
        text = str(cell).strip()
        if not text:
            return 0
        try:
            return whole(cell) if self._form is None else julian(_date(text, self._form))
        except (ValueError, BadRecord):
            return f"{text} (AIS)"


def _date(text: str, form: str) -> date:
    return datetime.strptime(text, form).replace(tzinfo=UTC).date()


def raw_cell(column: Column, cell: Any, days: Days) -> Any:
    """Return one cell as ODBC gives it: no text as blank, a number in a text as it is."""
    if column.width is not None:
        return "" if cell is None else cell
    if column.is_day:
        return days[cell]
    if isinstance(cell, str):
        return cell.replace(":", "").strip() or None if column.name.endswith("UPMT") else cell.strip() or None
    return cell


def literal(column: Column, value: Any, form: DayForm) -> str:
    """Return a value as it stands in a condition."""
    day = day_of(value) if column.is_day else None
    if day is None or form == "CYYDDD":
        return str(value).strip()
    return day.strftime(_FORMS[form])
