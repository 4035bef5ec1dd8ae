"""Workbooks as ERPs and people save them, made in memory."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

HEADER = ("Doc", "Cust", "Cur", "Amount", "Date", "Due")


def workbook(rows: Sequence[Sequence[Any]], *, above: int = 0, sheets: Sequence[str] = ("Open",), at: int = 0) -> bytes:
    """Return a workbook whose rows stand in one of its sheets, under a header and some lines of a title."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name in sheets:
        book.create_sheet(name)
    for _ in range(above):
        book.worksheets[at].append(["Open items", None, "as of today"])
    for row in (HEADER, *rows):
        book.worksheets[at].append(list(row))
    book.save(found := io.BytesIO())
    return found.getvalue()


def computed(content: bytes, cached: dict[str, str]) -> bytes:
    """Return the workbook with what Excel kept of its formulas: {"D2": "<v>10.5</v>"}, as it stands in the cell."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            text = old.read(part)
            if part == "xl/worksheets/sheet1.xml":
                for cell, kept in cached.items():
                    of_text = b' t="str"' if not kept[3:-4].replace(".", "").isdigit() else b""
                    pattern = rb'<c r="%s"([^>]*)>(<f>[^<]*</f>)<v ?/?>(</v>)?' % cell.encode()
                    text, done = re.subn(
                        pattern, rb'<c r="%s"\1%s>\2%s' % (cell.encode(), of_text, kept.encode()), text
                    )
                    assert done == 1
            new.writestr(part, text)
    return out.getvalue()


def without_sheets() -> bytes:
    """Return what another program of the same family saved: a text, not a workbook."""
    types = b"""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
    <Override PartName="/word/document.xml" ContentType="application/msword"/></Types>"""
    with zipfile.ZipFile(out := io.BytesIO(), "w") as made:
        made.writestr("[Content_Types].xml", types)
    return out.getvalue()
