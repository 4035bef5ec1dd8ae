"""The tables' columns: names, types and lengths as SAP's dictionary has them, and how a value is written.

A column is `NAME:TYPE`: C8 text, N4 digits with zeros in front, D a day (YYYYMMDD, none is 00000000), T a time
(HHMMSS), P13.2 a packed number, shown with so many places and decimals, X3 a whole number of one byte. Columns with
`!` are the table's key. What stands in the store is text as SAP holds it; a packed number is a whole
number of its last decimal, None for one that does not fit its column.

The columns are those that receivables are about, not all of SAP's. What REBZT says is not relied upon: it is blank.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

CLIENT: Final = "100"
NO_DAY: Final = "00000000"
Value = str | int | None
Row = dict[str, Value]
_FIXED: Final = {"D": 8, "T": 6}


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    type: str
    length: int
    decimals: int = 0
    is_key: bool = False

    @classmethod
    def read(cls, text: str) -> Column:
        """Read `BELNR:C10!`."""
        name, _, shape = text.partition(":")
        is_key, shape = shape.endswith("!"), shape.removesuffix("!")
        length, _, decimals = shape[1:].partition(".")
        return cls(name, shape[0], int(length or _FIXED[shape[0]]), int(decimals or 0), is_key)

    @property
    def initial(self) -> Value:
        """Return what stands in it where nothing was entered."""
        if self.type in "PX":
            return 0
        return "" if self.type == "C" else "0" * self.length

    @property
    def is_number(self) -> bool:
        """Say whether it is compared as a number."""
        return self.type in "PX"

    def shown(self, value: Value) -> str:
        """Return a value in the column's whole length, as RFC_READ_TABLE writes it: a sign stands behind a number."""
        if not self.is_number:
            return str(value)[: self.length].ljust(self.length)
        if value is None:
            return "*".rjust(self.length)
        text = _number(int(value), self.decimals)
        if self.type == "P":
            text += "-" if int(value) < 0 else " "
        return text.rjust(self.length) if len(text) <= self.length else "*".ljust(self.length)


@dataclass(frozen=True)
class TableShape:
    """A table's columns by name, its key, and the other questions it has an index for."""

    name: str
    columns: Mapping[str, Column]
    indexes: tuple[tuple[str, ...], ...]

    @classmethod
    def read(cls, name: str, columns: str, *indexes: str) -> TableShape:
        """Read the columns; each table begins with its client."""
        read = [Column.read(each) for each in ("MANDT:C3!", *columns.split())]
        return cls(name, {each.name: each for each in read}, tuple(tuple(each.split()) for each in indexes))

    @cached_property
    def key(self) -> tuple[str, ...]:
        """Return the names of the key columns behind the client."""
        return tuple(each.name for each in self.columns.values() if each.is_key and each.name != "MANDT")

    @cached_property
    def initial(self) -> Row:
        """Return a row in which nothing was entered."""
        return {each.name: CLIENT if each.name == "MANDT" else each.initial for each in self.columns.values()}

    def key_of(self, row: Row) -> tuple[Value, ...]:
        """Return a row's key."""
        return tuple([row.get(name, self.initial[name]) for name in self.key])

    def values(self, row: Row) -> tuple[Value, ...]:
        """Return a row's values in the order of the columns."""
        return tuple((self.initial | row).values())


def day(value: date | None) -> str:
    """Return a day as SAP holds it."""
    return value.isoformat().replace("-", "") if value else NO_DAY


def padded(number: Any, length: int = 10) -> str:
    """Return a number with zeros in front, blank for none."""
    return str(number).zfill(length) if number else ""


def _number(value: int, decimals: int) -> str:
    digits = str(abs(value)).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits


# The key of BSID and BSAD is longer (company, customer, special G/L, clearing, assignment, document); a line is
# found by these four alone.
_LINES: Final = """
    BUKRS:C4! GJAHR:N4! BELNR:C10! BUZEI:N3! KUNNR:C10 UMSKS:C1 UMSKZ:C1 AUGDT:D AUGBL:C10 AUGGJ:N4 ZUONR:C18 BUDAT:D
    BLDAT:D CPUDT:D WAERS:C5 XBLNR:C16 BLART:C2 BSCHL:C2 SHKZG:C1 DMBTR:P15.2 WRBTR:P15.2 SGTXT:C50 SKNTO:P15.2
    WSKTO:P15.2 ZTERM:C4 ZFBDT:D ZBD1T:P4.0 ZBD2T:P4.0 ZBD3T:P4.0 ZBD1P:P7.3 ZBD2P:P7.3 ZLSPR:C1 REBZG:C10 REBZJ:N4
    REBZZ:N3 REBZT:C1 RSTGR:C3 MANSP:C1 MANST:N1 MADAT:D MABER:C2 VBELN:C10"""
_LINE_INDEXES: Final = (
    "BUKRS KUNNR", "KUNNR", "BELNR", "BUKRS AUGBL AUGDT", "BUKRS REBZG", "BUKRS CPUDT", "BUKRS AUGDT", "CPUDT", "AUGDT",
    "AUGBL", "REBZG",
)  # fmt: skip
SHAPES: Final[Mapping[str, TableShape]] = {
    shape.name: shape
    for shape in (
        TableShape.read("T001", "BUKRS:C4! BUTXT:C25 ORT01:C25 LAND1:C3 WAERS:C5 SPRAS:C1 KTOPL:C4 KKBER:C4"),
        TableShape.read(
            "T052",
            "ZTERM:C4! ZTAGG:N2! ZTAG1:P4.0 ZPRZ1:P7.3 ZTAG2:P4.0 ZPRZ2:P7.3 ZTAG3:P4.0",
        ),
        TableShape.read("TCURC", "WAERS:C5! ISOCD:C3 ALTWR:C3"),
        TableShape.read("TCURX", "CURRKEY:C5! CURRDEC:X3"),
        TableShape.read(
            "KNA1",
            "KUNNR:C10! LAND1:C3 NAME1:C35 NAME2:C35 ADRNR:C10 SPRAS:C1 AUFSD:C2 LIFSD:C2 FAKSD:C2 SPERR:C1 LOEVM:C1 "
            "ERDAT:D ERNAM:C12",
        ),
        TableShape.read(
            "KNB1",
            "KUNNR:C10! BUKRS:C4! ERDAT:D ERNAM:C12 SPERR:C1 LOEVM:C1 BUSAB:C2 AKONT:C10 KNRZE:C10 KNRZB:C10 ZAHLS:C1 "
            "ZTERM:C4",
            "BUKRS KUNNR",
        ),
        TableShape.read(
            "KNB5",
            "KUNNR:C10! BUKRS:C4! MABER:C2! MAHNA:C4 MANSP:C1 MADAT:D MAHNS:N1 KNRMA:C10 GMVDT:D BUSAB:C2",
            "BUKRS KUNNR",
        ),
        TableShape.read("KNKK", "KUNNR:C10! KKBER:C4! KLIMK:P17.2 SKFOR:P17.2 CTLPC:C3 CRBLB:C1", "KKBER KUNNR"),
        TableShape.read(
            "KNVK", "PARNR:N10! KUNNR:C10 NAMEV:C35 NAME1:C35 TELF1:C16 ABTNR:C4 PAFKT:C2 PRSNR:C10", "KUNNR"
        ),
        TableShape.read(
            "ADRC",
            "ADDRNUMBER:C10! DATE_FROM:D! NATION:C1! NAME1:C40 CITY1:C40 POST_CODE1:C10 STREET:C60 HOUSE_NUM1:C10 "
            "COUNTRY:C3 REGION:C3 LANGU:C1",
        ),
        TableShape.read(
            "ADR6",
            "ADDRNUMBER:C10! PERSNUMBER:C10! DATE_FROM:D! CONSNUMBER:N3! FLGDEFAULT:C1 SMTP_ADDR:C241 SMTP_SRCH:C20",
            "PERSNUMBER",
        ),
        TableShape.read("BSID", _LINES, *_LINE_INDEXES),
        TableShape.read("BSAD", _LINES, *_LINE_INDEXES),
        TableShape.read(
            "BKPF",
            "BUKRS:C4! BELNR:C10! GJAHR:N4! BLART:C2 BLDAT:D BUDAT:D CPUDT:D CPUTM:T AEDAT:D UPDDT:D XBLNR:C16 "
            "STBLG:C10 STJAH:N4 BKTXT:C25 WAERS:C5 AWTYP:C5 AWKEY:C20 USNAM:C12",
            "BUKRS CPUDT", "BUKRS AEDAT", "BUKRS UPDDT", "AEDAT", "UPDDT", "CPUDT", "BELNR",
        ),
        TableShape.read(
            "CDHDR",
            "OBJECTCLAS:C15! OBJECTID:C90! CHANGENR:C10! USERNAME:C12 UDATE:D UTIME:T TCODE:C20 CHANGE_IND:C1",
            "OBJECTCLAS UDATE",
        ),
        TableShape.read(
            "CDPOS",
            "OBJECTCLAS:C15! OBJECTID:C90! CHANGENR:C10! TABNAME:C30! TABKEY:C70! FNAME:C30! CHNGIND:C1! "
            "VALUE_NEW:C254 VALUE_OLD:C254",
            "CHANGENR",
        ),
    )
}  # fmt: skip
