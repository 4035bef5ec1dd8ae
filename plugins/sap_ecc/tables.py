"""The tables and columns that are read. Columns behind `tried` are left out where a system does not have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self


@dataclass(frozen=True)
class Table:
    """A table with the columns that are read of it."""

    name: str
    columns: tuple[str, ...]
    tried: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, columns: str, tried: str = "") -> Self:
        """Take names with blanks between them."""
        return cls(name, tuple(columns.split()), tuple(tried.split()))

    @property
    def all(self) -> tuple[str, ...]:
        """Return all columns."""
        return self.columns + self.tried


_LINE: Final = (
    "BUKRS KUNNR GJAHR BELNR BUZEI BUDAT BLDAT CPUDT WAERS XBLNR BLART SHKZG DMBTR WRBTR SGTXT ZTERM ZFBDT ZBD1T ZBD2T "
    "ZBD3T ZBD1P ZLSPR REBZG REBZJ REBZZ UMSKZ AUGDT AUGBL MANSP MANST MADAT VBELN"
)
_MORE: Final = "WSKTO SKNTO RSTGR AUGGJ ZLSCH"
OPEN: Final = Table.of("BSID", _LINE, _MORE)
CLEARED: Final = Table.of("BSAD", _LINE, _MORE)
# What tells which line belongs to which, and what was taken off what: a third of a whole line.
_SHORT: Final = (
    "BUKRS GJAHR BELNR BUZEI KUNNR BLART SHKZG WAERS WRBTR DMBTR REBZG REBZJ REBZZ AUGDT AUGBL BUDAT BLDAT CPUDT ZFBDT "
    "ZBD1T ZBD2T ZBD3T"
)
_SHORT_MORE: Final = "WSKTO SKNTO RSTGR AUGGJ"
OPEN_SHORT: Final = Table.of("BSID", _SHORT, _SHORT_MORE)
CLEARED_SHORT: Final = Table.of("BSAD", _SHORT, _SHORT_MORE)
# What tells which documents cleared others under a day that lies back.
CLEARING: Final = Table.of("BSAD", "BUKRS BELNR AUGBL")
OPEN_KEYS: Final = Table.of("BSID", "BUKRS GJAHR BELNR BUZEI")
CLEARED_KEYS: Final = Table.of("BSAD", "BUKRS GJAHR BELNR BUZEI")
HEADER: Final = Table.of("BKPF", "BUKRS BELNR GJAHR CPUDT CPUTM STBLG", "STJAH")
COMPANY: Final = Table.of("T001", "BUKRS BUTXT WAERS", "KKBER")
DECIMALS: Final = Table.of("TCURX", "CURRKEY CURRDEC")
CUSTOMER: Final = Table.of("KNA1", "KUNNR NAME1 LAND1 SPRAS ADRNR AUFSD LOEVM ERDAT", "KTOKD STCEG KONZS")
OF_COMPANY: Final = Table.of("KNB1", "KUNNR BUKRS ZTERM BUSAB KNRZB KNRZE LOEVM")
COMPANY_KEYS: Final = Table.of("KNB1", "KUNNR BUKRS")
CUSTOMER_KEYS: Final = Table.of("KNA1", "KUNNR ADRNR NAME1 SPRAS")
NEW: Final = Table.of("KNA1", "KUNNR")
BLOCKED: Final = Table.of("KNKK", "KUNNR KKBER CRBLB")
DUNNING: Final = Table.of("KNB5", "KUNNR BUKRS MABER MANSP MADAT MAHNS")
CREDIT: Final = Table.of("KNKK", "KUNNR KKBER KLIMK CRBLB")
PERSON: Final = Table.of("KNVK", "PARNR KUNNR NAMEV NAME1 TELF1 ABTNR PAFKT PRSNR")
EMAIL: Final = Table.of("ADR6", "ADDRNUMBER PERSNUMBER CONSNUMBER SMTP_ADDR FLGDEFAULT")
ADDRESS: Final = Table.of("ADRC", "ADDRNUMBER", "STREET HOUSE_NUM1 POST_CODE1 CITY1 REGION COUNTRY TEL_NUMBER")
CHANGE: Final = Table.of("CDHDR", "OBJECTCLAS OBJECTID UDATE")
ALL: Final = (
    OPEN, CLEARED, HEADER, COMPANY, DECIMALS, CUSTOMER, OF_COMPANY, DUNNING, CREDIT, PERSON, EMAIL, ADDRESS, CHANGE,
)  # fmt: skip
