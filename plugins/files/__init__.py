"""A drop folder of files, for ERPs that only export: a mapping file says what is in them."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from duehook.core.hookspecs import ConnectionConfig, Row, Source, Target, hookimpl
from duehook.core.records import Stream

from .check import sample
from .drop.folder import Drop
from .mapping.lint import STREAMS, load_mapping
from .reading import Reading
from .settings import FilesSettings
from .sources import FilesSource
from .target import FilesTarget

TYPE = "files"
duehook_api = 1


@hookimpl
def connection_settings(type: str) -> type[BaseModel] | None:
    """Give the settings of a drop folder."""
    return FilesSettings if type == TYPE else None


@hookimpl
def customer_source(connection: ConnectionConfig) -> Source | None:
    """Give companies, terms, rates and customers, as far as the mapping has them."""
    return _source(connection, "company", "payment_term", "exchange_rate", "customer")


@hookimpl
def contact_source(connection: ConnectionConfig) -> Source | None:
    """Give contacts where the mapping has them."""
    return _source(connection, "contact")


@hookimpl
def invoice_source(connection: ConnectionConfig) -> Source | None:
    """Give items where the mapping has them."""
    return _source(connection, "item")


@hookimpl
def payment_source(connection: ConnectionConfig) -> Source | None:
    """Give payments and allocations, as far as the mapping has them."""
    return _source(connection, "payment", "allocation")


@hookimpl
def write_back_target(connection: ConnectionConfig) -> Target | None:
    """Give the outbox where the mapping says what is written."""
    drop = Drop.of(connection)
    asked = drop.loaded.mapping.write_back
    return FilesTarget(drop, asked, Path(connection.base)) if asked is not None else None


def check_mapping(file: Path) -> str:
    """Check a mapping file and say what it maps. Raises ConfigError with all its faults."""
    mapping = load_mapping(file).mapping
    said = ", ".join(f"{name} ({len(stream.fields)} fields)" for name, stream in mapping.streams.items())
    return f"{said}; writes {', '.join(mapping.write_back.commands)}" if mapping.write_back else said


def sample_mapping(file: Path, folder: Path, rows: int) -> dict[str, list[Row]]:
    """Return the first rows of a folder's files by stream, mapped and masked.

    Raises ConfigError for faults of the mapping and for columns that the files do not have.
    """
    drop = Drop(folder, load_mapping(file), FilesSettings(folder=str(folder), mapping=str(file), settle_seconds=0))
    return {stream: sample(Reading(drop, stream), rows) for stream in _streams(drop)}


def _source(connection: ConnectionConfig, *streams: Stream) -> Source | None:
    drop = Drop.of(connection)
    offered = tuple(stream for stream in _streams(drop) if stream in streams)
    return FilesSource(drop, offered) if offered else None


def _streams(drop: Drop) -> tuple[Stream, ...]:
    return tuple(stream for stream in STREAMS if stream in drop.loaded.mapping.streams)
