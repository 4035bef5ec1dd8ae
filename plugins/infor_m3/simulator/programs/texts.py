"""CRS980MI, texts of any record, and AddText of CRS610MI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from duehook.plugins.infor_m3.simulator.asked import Asked, Handler, Record
from duehook.plugins.infor_m3.simulator.codes import COMPANY, CUSTOMER_FILE, INVOICE_FILE, TEXT_FILES
from duehook.plugins.infor_m3.simulator.refusal import EXISTS, INVALID, MISSING, UNKNOWN, nok
from duehook.plugins.infor_m3.simulator.tables.texts import Block

from .customers import the_customer

_FILES: Final = {
    "OCUSMA": CUSTOMER_FILE,
    CUSTOMER_FILE: CUSTOMER_FILE,
    "FSLEDG": INVOICE_FILE,
    INVOICE_FILE: INVOICE_FILE,
}
_MOST_LINES: Final = 999


def add_text(asked: Asked) -> Iterator[Record]:
    """Write a text behind the customer's, cut into lines; it is written as often as it is asked for."""
    customer = the_customer(asked)
    asked.site.texts.append(customer.key, asked.get("TXVR"), asked.get("LNCD"), lines=[asked.get("PARM")])
    asked.site.keep()
    yield from ()


def _get_id(asked: Asked) -> Iterator[Record]:
    yield {"TXID": str(asked.site.texts.identity(*_record(asked)))}


def _new_id(asked: Asked) -> Iterator[Record]:
    found = asked.site.texts.new_identity()
    asked.site.keep()
    yield {"TXID": str(found)}


def _set_id(asked: Asked) -> Iterator[Record]:
    asked.site.texts.identify(*_record(asked), _identity(asked))
    asked.site.keep()
    yield from ()


def _add_head(asked: Asked) -> Iterator[Record]:
    _look_at_file(asked)
    asked.site.texts.head(_identity(asked), asked.get("TXVR"), asked.get("LNCD"), text=asked.get("TX40"))
    asked.site.keep()
    yield from ()


def _add_line(asked: Asked) -> Iterator[Record]:
    lines = _block(asked)["lines"]
    at = int(asked.get("LINO") or len(lines) + 1)
    if at <= len(lines):
        raise nok("LINO", EXISTS, f"Line number {at}")
    if at > _MOST_LINES:
        raise nok("LINO", INVALID, f"Line number {at}")
    lines += [["", False] for _ in range(len(lines) + 1, at)]
    lines.append([asked.get("TX60"), False])
    asked.site.keep()
    yield {"LINO": str(at)}


def _update_line(asked: Asked) -> Iterator[Record]:
    lines, at = _block(asked)["lines"], int(asked.get("LINO"))
    if not 1 <= at <= len(lines):
        raise nok("LINO", UNKNOWN, f"Line number {at}")
    lines[at - 1] = [asked.get("TX60"), False]
    asked.site.keep()
    yield from ()


def _delete(asked: Asked) -> Iterator[Record]:
    asked.site.texts.drop(_identity(asked), _block(asked))
    asked.site.keep()
    yield from ()


def _list_blocks(asked: Asked) -> Iterator[Record]:
    _look_at_file(asked)
    for block in asked.site.texts.blocks(_identity(asked)):
        yield {"TXVR": block["name"], "LNCD": block["language"], "TX40": block["text"], "TXEI": "1"}


def _lines(asked: Asked) -> Iterator[Record]:
    for at, (text, _) in enumerate(_block(asked)["lines"], 1):
        yield {"TX60": text.rstrip(), "LINO": str(at)}


def _block(asked: Asked) -> Block:
    _look_at_file(asked)
    return asked.site.texts.block(_identity(asked), asked.get("TXVR"), asked.get("LNCD"))


def _identity(asked: Asked) -> int:
    found = int(asked.get("TXID") or 0)
    if not asked.site.texts.knows(found):
        raise nok("TXID", UNKNOWN, f"Text identity {found}")
    return found


def _look_at_file(asked: Asked) -> None:
    if asked.get("TFIL") not in TEXT_FILES:
        raise nok("TFIL", INVALID, f"Transfer file {asked.get('TFIL')}")


def _record(asked: Asked) -> tuple[str, str]:
    """Return the file and key of the record whose text is meant; the company may stand before its key."""
    file = _FILES.get(asked.get("FILE"))
    if file is None:
        raise nok("FILE", UNKNOWN if asked.get("FILE") else MISSING, f"File {asked.get('FILE')}")
    keys = [asked.get(f"KV{number:02d}") for number in range(1, 17) if asked.get(f"KV{number:02d}")]
    if len(keys) > 1 and keys[0] == COMPANY:
        keys = keys[1:]
    if file == CUSTOMER_FILE and "".join(keys) not in asked.site.book.customers:
        raise nok("KV02", UNKNOWN, f"Record {'/'.join(keys)} of {file}")
    return file, "|".join(keys)


CRS980MI: Final[Mapping[str, Handler]] = {
    "GetTextID": _get_id,
    "RtvNewTextID": _new_id,
    "SetTextID": _set_id,
    "AddTxtBlockHead": _add_head,
    "AddTxtBlockLine": _add_line,
    "UpdTxtBlockLine": _update_line,
    "DltTxtBlockLins": _delete,
    "LstTxtBlocks": _list_blocks,
    "SltTxtBlock": _lines,
}
