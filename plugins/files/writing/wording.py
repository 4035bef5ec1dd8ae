"""Make the line of a command: columns, codes and days as the mapping says."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import date
from typing import Final, cast

from duehook.core.connecting.writing import Refusal, amount_of
from duehook.core.hookspecs import Command
from duehook.core.table_mapping.values import MONTHS, TOKEN
from duehook.plugins.files.mapping.form import Format
from duehook.plugins.files.mapping.write_back import AMOUNTS, DAYS, OF_KIND, WORDS, Cell, Line, Written

_SAFE: Final = re.compile(r"[A-Za-z0-9_-]{1,100}\Z")


def name_of(command: Command) -> str:
    """Return the name of a command's file: the same command always has the same."""
    key = command.key if _SAFE.match(command.key) else command.mark
    return f"{command.kind}-{key}.csv"


def line_of(command: Command, line: Line, form: Format) -> dict[str, str]:
    """Return a command's columns. Raises Refusal for what the ERP could not be told as it is."""
    known = _known(command, form)
    return {name: _cell(cell, known, form.encoding) for name, cell in line.columns.items()}


def content_of(cells: Mapping[str, str], form: Format) -> bytes:
    """Return the bytes of a file with this one line, under a header where the format has one."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=form.delimiter, quotechar=form.quote, lineterminator="\r\n")
    if form.header:
        writer.writerow(cells.keys())
    writer.writerow(cells.values())
    return made.getvalue().encode(form.encoding)


def _known(command: Command, form: Format) -> dict[str, str]:
    """Return what the names in the columns' texts stand for."""
    known = {
        "kind": command.kind,
        "key": command.key,
        "mark": command.mark,
        "company": command.company,
        "customer": command.customer,
        "item": command.item or "",
    }
    for name in OF_KIND[cast(Written, command.kind)]:
        told = " ".join(str(command.body.get(name) or "").split())  # a line of the file is one line
        if name in AMOUNTS:
            told = f"{amount_of(command.body):f}".replace(".", form.decimal)
        known[name] = written_day(told, form) if told and name in DAYS else told
    return known


def _cell(cell: Cell, known: Mapping[str, str], encoding: str) -> str:
    text = "".join(words + (known[name] if name is not None else "") for words, name in cell.parts())
    if cell.codes is not None:
        if text not in cell.codes:
            raise Refusal(f"{text!r} is not in `codes` of the mapping's `write_back`")
        text = cell.codes[text]
    text = text if cell.most is None else text[: cell.most]
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        if not WORDS & {*cell.names()}:
            raise Refusal(f"{text!r} cannot be written in {encoding}") from None
        return text.encode(encoding, "replace").decode(encoding)
    return text


def written_day(text: str, form: Format) -> str:
    """Write a day as the format says. Raises Refusal for what is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refusal(f"{text!r} is no day") from None
    parts = {
        "CYY": f"{(day.year - 1900) // 100}{day.year % 100:02}",
        "YYYY": f"{day.year:04}",
        "YY": f"{day.year % 100:02}",
        "MMM": MONTHS[day.month - 1].capitalize(),
        "MM": f"{day.month:02}",
        "M": str(day.month),
        "DDD": f"{day:%j}",
        "DD": f"{day.day:02}",
        "D": str(day.day),
    }
    return TOKEN.sub(lambda token: parts.get(token[0], "00"), form.date[0])
