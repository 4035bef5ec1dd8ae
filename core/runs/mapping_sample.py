"""Show the first rows of a connection as a field mapping would map them, masked, before the connection uses it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from duehook.core.errors import ConfigError
from duehook.core.field_mapping import masked_row
from duehook.core.hookspecs import ConnectionConfig, Source
from duehook.core.plugins import Plugins
from duehook.core.records import Stream

from .site import SOURCE_HOOKS

SHOWN: Final[tuple[Stream, ...]] = ("customer", "contact", "item", "payment")
Samples = dict[str, list[dict[str, Any]]]


def sample(plugins: Plugins, connection: ConnectionConfig, file: Path, rows: int) -> Samples:
    """Return the first rows of each stream that a file may map. A bad row tells its reason.

    Raises ConfigError for a connection whose settings have no `mapping`, and for faults of the file.
    """
    if "mapping" not in type(connection.settings).model_fields:
        raise ConfigError(f"connections of the type {connection.type} take no field mapping.")
    settings = connection.settings.model_copy(update={"mapping": str(file.resolve())})
    found: Samples = {}
    for hook in SOURCE_HOOKS.values():
        source = plugins.source(hook, replace(connection, settings=settings))
        if source is not None:
            with closing(source):
                found |= {stream: _first(source, stream, rows) for stream in source.streams if stream in SHOWN}
    return found


def _first(source: Source, stream: Stream, rows: int) -> list[dict[str, Any]]:
    for page in source.read(stream, None, source.upper_bound()):
        if page.rows or page.bad:
            bad = [{"bad row": each.reason} for each in page.bad]
            good = [masked_row(row) for row in islice(page.rows, rows)]
            return [*bad, *good][:rows]
    return []
