"""The tables that the simulator keeps, column by column, as the dossier names them.

A type is a letter and a width: c blank-padded text, r right-justified text, n whole number,
a amount (implied decimals), j Julian date CYYDDD, t time HHMMSS, x exchange rate, v free text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

_AUDIT = "USER:c10 PID:c10 JOBN:c10 UPMJ:j UPMT:t"
_SPECS: Final[Mapping[str, tuple[str, str, str]]] = {
    "F0101": ("AB", "AN8", "AN8:n8 ALPH:c40 TAX:c20 TX2:c20 AT1:c3 CM:c2 LNGP:c2 MCU:r12 AC01:c3 AC02:c3 AC03:c3"),
    "F03012": (
        "AI", "AN8 CO",
        "AN8:n8 CO:c5 CRCD:c3 ACL:a AMCR:c3 TRAR:c3 RYIN:c1 CMGR:c10 CLMG:c10 PLY:c5 DNLT:c1 COLL:c1 AFC:c1 "
        "HDAR:c1 HOLD:c2 TSTA:c2 ARPY:n8 STTO:c1 SITO:c1",
    ),
    "F0111": ("WW", "AN8 IDLN", "AN8:n8 IDLN:n5 MLNM:c40 ALPH:c40 ATTL:c40 TYC:c1 NICK:c40"),
    "F0115": ("WP", "AN8 IDLN RCK7", "AN8:n8 IDLN:n5 RCK7:n5 PHTP:c4 AR1:c6 PH1:c20"),
    "F01151": ("EA", "AN8 IDLN RCK7", "AN8:n8 IDLN:n5 RCK7:n5 ETP:c4 EMAL:v256"),
    "F0116": (
        "AL", "AN8 EFTB",
        "AN8:n8 EFTB:j EFTF:c1 ADD1:c40 ADD2:c40 ADD3:c40 ADD4:c40 ADDZ:c12 CTY1:c25 COUN:c25 ADDS:c3 CTR:c3",
    ),
    "F0150": ("MA", "OSTP PA8 AN8", "OSTP:c3 PA8:n8 AN8:n8"),
    "F0014": ("PN", "PTC", "PTC:c3 PTD:c30 NDTP:n5 DCP:n7 DCD:n5"),
    "F0010": ("CC", "CO", "CO:c5 NAME:c30 CRCD:c3 AN8:n8"),
    "F0013": ("CV", "CRCD", "CRCD:c3 DL01:c30 CDEC:c1"),
    "F0015": (
        "CX", "CRCD CRDC AN8 RTTYP EFT",
        "CRCD:c3 CRDC:c3 AN8:n8 RTTYP:c2 EFT:j CRR:x CRRD:x CRCM:c1 CLMETH:c1",
    ),
    "F0005": ("DR", "SY RT KY", "SY:c4 RT:c2 KY:r10 DL01:c30 DL02:c30 SPHD:c10"),
    "F0006": ("MC", "MCU", "MCU:r12 DL01:c30 CO:c5"),
    "F03B11": (
        "RP", "KCO DCT DOC SFX",
        "KCO:c5 DCT:c2 DOC:n8 SFX:c3 AN8:n8 PYR:n8 PA8:n8 AN8J:n8 CO:c5 DIVJ:j DGJ:j DDJ:j DDNJ:j DSVJ:j JCL:j "
        "VDGJ:j AG:a AAP:a ADSC:a ADSA:a ATXA:a ATXN:a STAM:a ACR:a FAP:a CDS:a CDSA:a CTXA:a CTXN:a CTAM:a "
        "BCRC:c3 CRCD:c3 CRRM:c1 CRR:x ERDJ:j PST:c1 POST:c1 BALJ:c1 PTC:c3 RYIN:c1 VINV:c25 VR01:c25 PO:c8 "
        "SDOC:n8 SDCT:c2 SKCO:c5 DOCO:n8 DCTO:c2 KCOO:c5 RMK:c30 ODOC:n8 ODCT:c2 OKCO:c5 OSFX:c3 CMGR:c10 "
        "CLMG:c10 COLL:c1 CORC:c2 AFC:c1 DNLT:c1 RSCO:c2 NBRR:n3 RMDS:n3 LFCJ:j RDDJ:j RDSJ:j PYID:n15 RNID:n15 "
        "AR01:c3 AR02:c3 AR03:c3 AR04:c3 AR05:c3 AR06:c3 AR07:c3 AR08:c3 AR09:c3 AR10:c3 URC1:c3 URDT:j URAT:a "
        "URAB:n8 URRF:c15 MCU:r12 FY:n2 CTRY:n2 ALPH:c40",
    ),
    "F03B13": (
        "RY", "PYID",
        "PYID:n15 CKNU:c25 AN8:n8 PYR:n8 CO:c5 DMTJ:j DGJ:j VLDT:j CKAM:a AAP:a FCAM:a FAP:a BCRC:c3 CRCD:c3 "
        "CRRM:c1 CRR:x TYIN:c1 RYIN:c1 EXR:c30 GLBA:c8 POST:c1 VDGJ:j VRE:c3 NFVD:c1",
    ),
    "F03B14": (
        "RZ", "PYID RC5",
        "PYID:n15 RC5:n5 CKNU:c25 DOC:n8 DCT:c2 KCO:c5 SFX:c3 AN8:n8 CO:c5 DGJ:j DMTJ:j PAAP:a ADSA:a AAAJ:a "
        "ECBA:a DDA:a PFAP:a CDSA:a FCHG:a ECBF:a FDA:a AGL:a BCRC:c3 CRCD:c3 CRRM:c1 CRR:x RSCO:c2 VDGJ:j "
        "NFVD:c1 RPID:n15 TYIN:c1 UTIC:c2 POST:c1",
    ),
    "F03B31": ("ZG", "AN8 LNID", "AN8:n8 LNID:n6 CO:c5 RMK:c30"),
}  # fmt: skip
PURGED: Final = ("F03B11", "F03B13", "F03B14")
_INDEXES: Final[Mapping[str, tuple[str, ...]]] = {
    "F03B11": ("AN8", "UPMJ UPMT"),
    "F03B13": ("UPMJ UPMT",),
    "F03B14": ("DOC DCT KCO SFX", "UPMJ UPMT"),
    "F03012": ("UPMJ UPMT",),
    "F0101": ("UPMJ UPMT",),
}
_SEPARATOR: Final = "\x1f"
_SQL: Final = {"a": "DECIMAL(15,0)", "x": "DECIMAL(15,7)"}


@dataclass(frozen=True)
class Table:
    """One table: its columns with their types in order, its key, its further indexes."""

    name: str
    prefix: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()

    def sql_type(self, column: str, *, whole: str) -> str:
        """Return a column's type in SQL; `whole` is how the database declares a number that is no amount."""
        kind, width = self.columns[column][0], self.columns[column][1:]
        if kind in "njt":
            return whole.format(width or 6)
        if kind in "cr":
            return f"CHAR({width})"
        return f"VARCHAR({width})" if kind == "v" else _SQL[kind]

    def default(self, column: str) -> str:
        """Return what a column holds when nothing was given, in SQL."""
        blank = self.blank[column]
        return f"DEFAULT '{blank}'" if isinstance(blank, str) else f"DEFAULT {blank}"

    @cached_property
    def blank(self) -> dict[str, Any]:
        """Return a row of nothing: JDE knows no NULL, but blanks and zeros."""
        return {name: _nothing(spec) for name, spec in self.columns.items()}

    @cached_property
    def pads(self) -> dict[str, tuple[str, int]]:
        """Return the text columns' kinds and widths."""
        return {name: (spec[0], int(spec[1:])) for name, spec in self.columns.items() if spec[0] in "crv"}

    def row(self, **cells: Any) -> tuple[Any, ...]:
        """Return a row in column order; names lack the prefix, what is not named is blank."""
        made = self.blank.copy()
        pads, prefix = self.pads, self.prefix
        for alias, cell in cells.items():
            name = prefix + alias
            if name not in made:
                raise KeyError(f"{self.name} has no {name}")
            made[name] = _padded(cell, pads[name]) if name in pads else cell
        return tuple(made.values())

    def shape(self, texts: str, numbers: str) -> Shape:
        """Return a shape of rows that gives these columns, by their names without the prefix."""
        return Shape(
            self,
            tuple(self.prefix + alias for alias in texts.split()),
            tuple(self.prefix + alias for alias in numbers.split()),
        )

    def cell(self, alias: str, cell: Any) -> Any:
        """Return one cell as the table stores it."""
        name = self.prefix + alias
        return _padded(cell, self.pads[name]) if name in self.pads else cell


@dataclass(frozen=True)
class Shape:
    """Some columns of a table, texts first: a quick way to make many rows; the rest stays blank.

    All texts are padded by one formatting, which is several times quicker than one by one.
    """

    table: Table
    texts: tuple[str, ...]
    numbers: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns in the rows' order."""
        return self.texts + self.numbers

    @cached_property
    def _pattern(self) -> str:
        pads = [self.table.pads[name] for name in self.texts]
        return _SEPARATOR.join(f"%{width}.{width}s" if kind == "r" else f"%-{width}.{width}s" for kind, width in pads)

    def row(self, texts: tuple[str, ...], numbers: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return one row."""
        return (*(self._pattern % texts).split(_SEPARATOR), *numbers)


def _nothing(spec: str) -> Any:
    if spec[0] in "cr":
        return " " * int(spec[1:])
    return " " if spec[0] == "v" else 0


def _padded(cell: str | None, how: tuple[str, int]) -> str:
    kind, width = how
    text = (cell or "")[:width]
    if kind == "v":
        return text or " "
    return text.rjust(width) if kind == "r" else text.ljust(width)


def _table(name: str, like: str) -> Table:
    prefix, key, spec = _SPECS[like]
    columns = dict(word.split(":") for word in f"{spec} {_AUDIT}".split())
    return Table(
        name,
        prefix,
        {prefix + alias: kind for alias, kind in columns.items()},
        tuple(prefix + alias for alias in key.split()),
        tuple(tuple(prefix + alias for alias in index.split()) for index in _INDEXES.get(name, ())),
    )


TABLES: Final[Mapping[str, Table]] = {
    **{name: _table(name, name) for name in _SPECS},
    **{f"{name}P": _table(f"{name}P", name) for name in PURGED},
}
