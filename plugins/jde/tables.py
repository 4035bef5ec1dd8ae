"""The tables and columns that are read, with the width of each text.

`KCO:5` is a text of five characters, `DOC` a number; a column with `?` is read where the site's
release has it and is empty elsewhere. The order is the order of a raw row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Column:
    """One column: its full name, its width where it is text, whether a site may lack it, whether it holds a day."""

    name: str
    width: int | None = None
    optional: bool = False
    is_day: bool = False


@dataclass(frozen=True)
class Table:
    """One table: its name, column prefix, key and the columns that are read."""

    name: str
    prefix: str
    key: tuple[Column, ...]
    columns: tuple[Column, ...]

    @property
    def stamp(self) -> tuple[str, str] | None:
        """Return the names of the columns that say when a row was changed."""
        names = {column.name for column in self.columns}
        stamp = (f"{self.prefix}UPMJ", f"{self.prefix}UPMT")
        return stamp if names.issuperset(stamp) else None

    def narrowed(self, aliases: str) -> Table:
        """Return the table with these columns only, its key among them."""
        found = {column.name: column for column in self.columns}
        return Table(self.name, self.prefix, self.key, tuple(found[self.prefix + alias] for alias in aliases.split()))


_DAYS: Final = frozenset({"EFT", "EFTB", "JCL", "URDT"})  # the other days end in J
_NO_DAYS: Final = frozenset({"AN8J", "AAAJ"})  # an address number, a write-off


def is_day(alias: str) -> bool:
    """Say whether a data item holds a day."""
    return alias in _DAYS or (alias.endswith("J") and alias not in _NO_DAYS)


def _table(name: str, prefix: str, *, key: str, columns: str) -> Table:
    found = {column.name: column for column in (_column(prefix, part) for part in columns.split())}
    return Table(name, prefix, tuple(found[prefix + alias] for alias in key.split()), tuple(found.values()))


def _column(prefix: str, part: str) -> Column:
    alias, _, width = part.rstrip("?").partition(":")
    return Column(prefix + alias, int(width) if width else None, part.endswith("?"), not width and is_day(alias))


COMPANY: Final = _table("F0010", "CC", key="CO", columns="CO:5 NAME:30 CRCD:3")
CURRENCY: Final = _table("F0013", "CV", key="CRCD", columns="CRCD:3 CDEC")
PAYMENT_TERM: Final = _table("F0014", "PN", key="PTC", columns="PTC:3 PTD:30 NDTP DCP DCD")
EXCHANGE_RATE: Final = _table(
    "F0015", "CX", key="CRCD CRDC AN8 RTTYP EFT", columns="CRCD:3 CRDC:3 AN8 RTTYP:2 EFT CRR CRRD? CLMETH:1? UPMJ UPMT"
)
CODE: Final = _table("F0005", "DR", key="SY RT KY", columns="SY:4 RT:2 KY:10 DL01:30")
ADDRESS_BOOK: Final = _table("F0101", "AB", key="AN8", columns="AN8 ALPH:40 AT1:3 TAX:20 CM:2? LNGP:2? UPMJ UPMT")
CUSTOMER: Final = _table(
    "F03012",
    "AI",
    key="AN8 CO",
    columns="AN8 CO:5 CRCD:3 ACL AMCR:3? TRAR:3 CMGR:10 CLMG:10 PLY:5? DNLT:1? HDAR:1? HOLD:2 TSTA:2? ARPY? UPMJ UPMT",
)
WHO: Final = _table("F0111", "WW", key="AN8 IDLN", columns="AN8 IDLN MLNM:40 TYC:1 ATTL:40? UPMJ UPMT")
PHONE: Final = _table("F0115", "WP", key="AN8 IDLN RCK7", columns="AN8 IDLN RCK7 PHTP:4 AR1:6 PH1:20 UPMJ? UPMT?")
EMAIL: Final = _table("F01151", "EA", key="AN8 IDLN RCK7", columns="AN8 IDLN RCK7 ETP:4 EMAL:256 UPMJ? UPMT?")
POSTAL: Final = _table(
    "F0116",
    "AL",
    key="AN8 EFTB",
    columns="EFTB ADD1:40 ADD2:40 ADD3:40 ADD4:40 ADDZ:12 CTY1:25 ADDS:3 CTR:3 AN8 UPMJ? UPMT?",
)
PARENT: Final = _table("F0150", "MA", key="OSTP PA8 AN8", columns="OSTP:3 PA8 AN8")
ITEM: Final = _table(
    "F03B11",
    "RP",
    key="KCO DCT DOC SFX",
    columns=(
        "KCO:5 DCT:2 DOC SFX:3 CO:5 AN8 PYR DIVJ DGJ DDJ DDNJ? JCL? VDGJ?"
        " AG AAP ADSC STAM? ACR FAP CDS CTAM? BCRC:3 CRCD:3 CRRM:1"
        " PST:1 POST:1 PTC:3 RYIN:1 VINV:25? VR01:25? PO:8? SDOC? SDCT:2? MCU:12? RMK:30?"
        " ODOC? ODCT:2? OKCO:5? OSFX:3? CORC:2? DNLT:1? RMDS? NBRR? RDDJ? RDSJ? UPMJ UPMT"
    ),
)
ITEM_KEY: Final = ITEM.narrowed("KCO DCT DOC SFX CO")
ITEM_BALANCE: Final = ITEM.narrowed("KCO DCT DOC SFX CO AAP FAP BCRC CRCD CRRM PST POST RYIN UPMJ UPMT")
PAYMENT: Final = _table(
    "F03B13",
    "RY",
    key="PYID",
    columns=(
        "PYID CKNU:25 AN8 PYR? CO:5 DMTJ DGJ CKAM AAP FCAM FAP BCRC:3 CRCD:3 RYIN:1? TYIN:1? EXR:30? VDGJ"
        " VRE:3? UPMJ UPMT"
    ),
)
ALLOCATION: Final = _table(
    "F03B14",
    "RZ",
    key="PYID RC5",
    columns=(
        "PYID RC5 KCO:5 DCT:2 DOC SFX:3 CO:5 DMTJ DGJ BCRC:3 CRCD:3 CRRM:1"
        " PAAP ADSA AAAJ ECBA DDA AGL PFAP CDSA FCHG ECBF FDA VDGJ? RSCO:2? UPMJ UPMT"
    ),
)
# A raw row of customers: four tables and F0150's parent.
CUSTOMER_ROW: Final = (
    *(column.name for column in CUSTOMER.columns),
    *(column.name for column in ADDRESS_BOOK.columns),
    "WWMLNM",
    *(column.name for column in POSTAL.columns),
    "MAPA8",
)
PURGED: Final = {"F03B11": "F03B11P", "F03B13": "F03B13P", "F03B14": "F03B14P"}
