"""ARS251MI: texts under an information category beside a row of the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from duehook.plugins.infor_m3.simulator.asked import Asked, Handler, Record
from duehook.plugins.infor_m3.simulator.refusal import EXISTS, UNKNOWN, nok
from duehook.plugins.infor_m3.simulator.tables.lines import Line

from .invoices import the_item, the_line

Note = dict[str, Any]


def _add(asked: Asked) -> Iterator[Record]:
    line, notes = the_line(asked), asked.site.information
    category = int(asked.get("SEXN"))
    if category != int(asked.site.options["info_category"] or 0):
        raise nok("SEXN", UNKNOWN, f"AR information category {category}")
    held = notes.setdefault(key_of(line), [])
    number = int(asked.get("SEXS") or 0) or max((each["SEXS"] for each in held), default=0) + 1
    if any((each["SEXN"], each["SEXS"]) == (category, number) for each in held):
        raise nok("SEXS", EXISTS, f"AR information sequence number {number}")
    held.append({"SEXN": category, "SEXI": asked.get("SEXI"), "SEXS": number, "LMTS": asked.site.now})
    asked.site.keep()
    yield from ()


def _delete(asked: Asked) -> Iterator[Record]:
    held = asked.site.information.get(key_of(the_line(asked)), [])
    wanted = (int(asked.get("SEXN")), asked.get("SEXI"), int(asked.get("SEXS")))
    found = [each for each in held if (each["SEXN"], each["SEXI"], each["SEXS"]) == wanted]
    if not found:
        raise nok("SEXI", UNKNOWN, f"AR additional information {asked.get('SEXI')}")
    held.remove(found[0])
    asked.site.keep()
    yield from ()


def _list(asked: Asked) -> Iterator[Record]:
    yield from _told(asked, the_line(asked))


def _list_of_invoice(asked: Asked) -> Iterator[Record]:
    yield from _told(asked, asked.site.ledger.head(the_item(asked)))


def _list_by_text(asked: Asked) -> Iterator[Record]:
    """List the rows of the ledger that have this very text in the category."""
    wanted = (int(asked.get("SEXN")), asked.get("SEXI"))
    for key, held in asked.site.information.items():
        division, year, journal, sequence = key.split("|")
        line = asked.site.ledger.records.get((division, int(year), int(journal), int(sequence)))
        if line and division == asked.division:
            for each in held:
                if (each["SEXN"], each["SEXI"]) == wanted:
                    yield asked.site.cells.of(line, asked.columns) | _cells(each)


def key_of(line: Line) -> str:
    """Return what the texts beside a row are kept under."""
    return f"{line.division}|{line.year}|{line.journal}|{line.sequence}"


def _told(asked: Asked, line: Line) -> Iterator[Record]:
    for each in asked.site.information.get(key_of(line), []):
        if int(asked.get("SEXN") or each["SEXN"]) == each["SEXN"]:
            yield _cells(each)


def _cells(note: Note) -> dict[str, str]:
    return {name: str(note[name]) for name in ("SEXN", "SEXI", "SEXS")}


ARS251MI: Final[Mapping[str, Handler]] = {
    "AddInfoCat": _add,
    "DltInfoCat": _delete,
    "LstInfo": _list,
    "LstInvInfo": _list_of_invoice,
    "LstInfoPerAddNo": _list_by_text,
}
