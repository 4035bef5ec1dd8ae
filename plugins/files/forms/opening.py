"""Open a file in the form that the mapping says it has."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from duehook.core.table_mapping.writing import Column
from duehook.plugins.files.client.excel import WorkbookTable
from duehook.plugins.files.mapping.form import Format, FormKind

from .elements import XmlTable
from .fixed import FixedTable
from .separated import CsvTable
from .table import Stamp, Table

_TABLES: Final[dict[FormKind, type[Table]]] = {"csv": CsvTable, "excel": WorkbookTable, "fixed": FixedTable}


def open_table(path: Path, form: Format, stamp: Stamp, columns: Iterable[Column] = ()) -> Table:
    """Open a file as it stood when it was stamped; where it has no header the columns are those of the mapping."""
    if form.kind == "xml":
        return XmlTable(path, form, stamp, [str(column) for column in columns])
    return _TABLES[form.kind](path, form, stamp)
