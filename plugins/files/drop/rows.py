"""The mapping of a stream made for one file; a column that the file lacks is told at its place in the mapping."""

from __future__ import annotations

from duehook.core.records import Stream
from duehook.core.table_mapping.reading import Columns
from duehook.core.table_mapping.rows import NoColumns, RowMapper
from duehook.core.yaml_source import BadFile, Problem
from duehook.plugins.files.forms.table import Table
from duehook.plugins.files.mapping.lint import Loaded


def mapper_of(loaded: Loaded, stream: Stream, table: Table) -> RowMapper:
    """Return the mapper of a file's rows.

    Raises BadFile, with the mapping's own places, when the file lacks columns that it names.
    """
    try:
        return RowMapper(loaded.mapping.streams[stream], stream, Columns(table.header, table.form))
    except NoColumns as error:
        found = [
            Problem(loaded.document.where(("streams", stream, *at)), f"{table.name}: {told}")
            for at, told in error.faults
        ]
        raise BadFile(found, fix=f"correct the mapping, or the columns of {table.name}.") from error
