"""Open a file in the form that the mapping says it has."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from duehook.plugins.files.client.excel import WorkbookTable
from duehook.plugins.files.mapping.form import Format, FormKind

from .separated import CsvTable
from .table import Stamp, Table

_TABLES: Final[dict[FormKind, type[Table]]] = {"csv": CsvTable, "excel": WorkbookTable}


def open_table(path: Path, form: Format, stamp: Stamp) -> Table:
    """Open a file as it stood when it was stamped."""
    return _TABLES[form.kind](path, form, stamp)
