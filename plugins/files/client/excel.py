"""An Excel workbook, read by openpyxl row by row: one sheet of it, its header, and its cells with their types."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from functools import cached_property
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any, Final

from duehook.core.errors import ConnectorGarbled, ConnectorRefused, DuehookError
from duehook.core.table_mapping.cells import Cells, Moment, Number, Wrong
from duehook.plugins.files.forms.table import Table, reachable

if TYPE_CHECKING:
    from openpyxl import Workbook

LAST_ROW: Final = 1_048_576  # an Excel sheet has no more
_BATCH: Final = 500
_CHUNK: Final = 1 << 20
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s>/]")
_OLD: Final = b"\xd0\xcf\x11\xe0"  # both .xls and workbooks under a password begin so
_UNCOMPUTED: Final = "the formula here was never computed; open the workbook in Excel and save it"
Row = tuple[Sequence[Any], Sequence[Any]]


class WorkbookTable(Table):
    """One sheet of a workbook. Its width is its header's: what stands right of it belongs to nobody."""

    @cached_property
    def header(self) -> tuple[str, ...]:
        """Return the names in the header row; without a header the numbers of the first row's columns."""
        at = self.form.header_row or 1
        found = next((cells for line, cells in self._rows() if line >= at), [])
        if self.form.header:
            return tuple(found)
        return tuple(str(number) for number in range(1, len(found) + 1))

    def told(self) -> str:
        """Name the sheet."""
        return f"Excel, sheet {self.form.sheet or 1!r}"

    def lines(self) -> Iterator[tuple[int, Cells]]:
        """Yield the rows under the header as (row of the sheet, cells), without blank ones."""
        above = (self.form.header_row or 1) if self.form.header else 0
        width = len(self.header)
        for line, cells in self._rows():
            if line > above and any(cells[:width]):
                yield line, [*cells[:width], *repeat("", width - len(cells))]

    def _rows(self) -> Iterator[tuple[int, Cells]]:
        """Yield the rows of the sheet as (number, cells), the empty cells at their ends left out."""
        number = 0
        with reachable(self.name), self._well_formed(), closing(self._pairs()) as pairs:
            while True:
                with warnings.catch_warnings():  # what openpyxl says of styles and odd dates concerns nobody here
                    warnings.simplefilter("ignore")
                    batch = [_cells(pair) for pair in islice(pairs, _BATCH)]
                if not batch:
                    return
                for cells in batch:
                    number += 1
                    if number > LAST_ROW:
                        raise self._garbled(f"it names a row behind {LAST_ROW:,}")
                    if cells:
                        yield number, cells

    def _pairs(self) -> Generator[Row]:
        """Yield each row's cells by their values, beside those by their formulas where the workbook has any."""
        openings = (True, False) if self._has_formulas() else (True,)
        books = [_open(self, values) for values in openings]
        try:
            sheets = [self._sheet(book) for book in books]
            for sheet in sheets:
                sheet.reset_dimensions()  # exports often state them wrongly
            yield from zip(sheets[0].iter_rows(), sheets[1].iter_rows() if sheets[1:] else repeat(()), strict=False)
        finally:
            for book in books:
                book.close()

    def _sheet(self, book: Workbook) -> Any:
        sheets, asked = book.worksheets, self.form.sheet or 1
        names = [sheet.title for sheet in sheets]
        if isinstance(asked, int) and asked <= len(sheets):
            return sheets[asked - 1]
        if asked in names:
            return sheets[names.index(str(asked))]
        raise ConnectorGarbled(
            f"{self.name} has no sheet {asked!r}; it has {', '.join(map(repr, names)) or 'none'}. Nothing was read.",
            fix="correct `sheet` of the `format` in the mapping: a name, or a place from 1.",
        )

    def _has_formulas(self) -> bool:
        with zipfile.ZipFile(self.path) as archive:
            for part in archive.namelist():
                if part.startswith("xl/worksheets/") and part.endswith(".xml"):
                    with archive.open(part) as file:
                        if _is_found(iter(lambda: file.read(_CHUNK), b"")):
                            return True
        return False

    @contextmanager
    def _well_formed(self) -> Iterator[None]:
        try:
            yield
        except DuehookError:
            raise
        except Exception as error:  # what a broken workbook makes openpyxl raise is any error at all
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the system's word, not openpyxl's
            with reachable(self.name), self.path.open("rb") as file:
                is_old = file.read(4) == _OLD
            told = "it is an old .xls, or under a password" if is_old else f"{type(error).__name__}: {error}"
            raise self._garbled(told) from error

    def _garbled(self, why: str) -> ConnectorGarbled:
        return ConnectorGarbled(
            f"{self.name} cannot be read as an Excel workbook: {why}. "
            "The whole file is refused; nothing of it was kept.",
            fix="export it again as .xlsx without a password, as NAME.part first and renamed when it is whole.",
        )


def _open(table: WorkbookTable, values: bool) -> Workbook:
    try:
        import openpyxl
    except ImportError:
        raise ConnectorRefused(
            f"{table.name} is an Excel workbook, and openpyxl, which reads those, is not installed.",
            fix="pip install 'duehook[excel]'.",
        ) from None
    return openpyxl.load_workbook(table.path, read_only=True, data_only=values, keep_links=False)


def _is_found(chunks: Iterator[bytes]) -> bool:
    """Say whether a formula stands in the text of a sheet, also where two chunks meet."""
    end = b""
    for chunk in chunks:
        if _FORMULA.search(end + chunk):
            return True
        end = chunk[-64:]
    return False


def _cells(pair: Row) -> Cells:
    values, formulas = pair
    found = [_cell(cell) for cell in values]
    for at, cell in enumerate(formulas):
        if cell.data_type == "f" and values[at].value is None and values[at].data_type == "n":
            found[at] = Wrong("#FORMULA", _UNCOMPUTED)  # a formula that gives an empty text has the type of a text
    while found and not found[-1]:
        found.pop()
    return found


def _cell(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        return Wrong(str(value), f"the cell holds Excel's error {value}")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return Number(value)
    if isinstance(value, date):
        return Moment(value if isinstance(value, datetime) else datetime.combine(value, time()))
    return str(value).strip()
