"""Check what a mapping says beside its streams: formats, the manifest, and what is written back."""

from __future__ import annotations

from collections.abc import Iterable

from duehook.core.table_mapping.writing import Column
from duehook.core.yaml_source import Document, Steps

from .form import Format, kinds_of, refusal
from .model import Mapping
from .write_back import WriteBack, stray_names


def beside_streams(document: Document, mapping: Mapping) -> None:
    """Tell the faults of the manifest and of what is written back."""
    if mapping.manifest is not None:
        asked = mapping.manifest
        _read(document, ("manifest",), (mapping.format, asked.format), asked.named())
        if not any(stream.snapshot for stream in mapping.streams.values()):
            document.report(("manifest",), "a manifest is for streams with a `snapshot`, and none has one", key=True)
    if mapping.write_back is not None:
        _write_back(document, mapping.format, mapping.write_back)


def stray(document: Document, at: Steps, written: Format, found: Format) -> None:
    """Tell what is written in a format and means nothing to files of its form."""
    for name in written.stray(found.kind):
        document.report((*at, name), f"`{name}` is for {kinds_of(name)}; these files are {found.kind}", key=True)


def _read(document: Document, at: Steps, formats: tuple[Format, Format | None], columns: Iterable[Column]) -> None:
    """Tell the faults of files that are read beside those of the streams: how they are written, and their columns."""
    of_all, own = formats
    form = of_all.under(own)
    if own is not None:
        stray(document, (*at, "format"), own, form)
    for told in filter(None, (form.lacks(), *(refusal(column, form) for column in columns))):
        document.report(at, told, key=True)


def _write_back(document: Document, of_all: Format, asked: WriteBack) -> None:
    at: Steps = ("write_back",)
    form = of_all.to_write(asked.format)
    if form.kind != "csv":
        document.report((*at, "format", "kind"), f"what is written back is CSV, not {form.kind}")
    elif asked.format is not None:
        stray(document, (*at, "format"), asked.format, form)
    for kind, line in asked.commands.items():
        for name, cell in line.columns.items():
            for told in stray_names(kind, cell):
                document.report((*at, "commands", kind, "columns", name), told)
    if asked.answers is not None:
        _read(document, (*at, "answers"), (of_all, asked.answers.format), asked.answers.named())
