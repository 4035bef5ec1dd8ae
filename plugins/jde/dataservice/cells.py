"""How the data service writes cells, and how each becomes what ODBC would have given: days as CYYDDD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

from duehook.core.errors import BadRecord
from duehook.plugins.jde.reading.reader import RawRow
from duehook.plugins.jde.settings import DayForm
from duehook.plugins.jde.tables import Column
from duehook.plugins.jde.values import day_of, julian, whole

Kind = Literal["text", "day", "number"]
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
        self._form, self._width = _FORMS.get(form), len(form)

    def __missing__(self, cell: Any) -> Any:
        self[cell] = found = self._read(cell)
        return found

    def _read(self, cell: Any) -> Any:
        text = str(cell).strip()
        if not text:
            return 0
        try:
            if self._form is None:
                return whole(cell)
            if len(text) == self._width:
                return julian(datetime.strptime(text, self._form).replace(tzinfo=UTC).date())
        except (ValueError, BadRecord):
            pass
        return f"{text} (AIS)"


def kind_of(column: Column) -> Kind:
    """Return how a column's cells are read."""
    if column.width is not None:
        return "text"
    return "day" if column.is_day else "number"


def raw_row(row: Mapping[str, Any], columns: Sequence[tuple[str, Kind]], days: Days) -> RawRow:
    """Return a row as ODBC gives it, by AIS's names of its columns; no text comes as blank."""
    cells = [(kind, row.get(name)) for name, kind in columns]
    return tuple(
        [(cell or "") if kind == "text" else days[cell] if kind == "day" else _number(cell) for kind, cell in cells]
    )


def _number(cell: Any) -> Any:
    """Return a number as it came; of one in a text the text, and of a time its digits."""
    return cell.replace(":", "").strip() or None if type(cell) is str else cell


def literal(column: Column, value: Any, form: DayForm) -> str:
    """Return a value as it stands in a condition."""
    day = day_of(value) if column.is_day else None
    if day is None or form == "CYYDDD":
        return str(value).strip()
    return day.strftime(_FORMS[form])
