"""The transactions and fields that are read and written, with their lengths; tests compare them with Infor's Swagger.

A field is written with its length, `#` behind it where M3 takes a number, and `!` where it must be given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, Self

Kind = Literal["text", "amount", "whole", "day"]
_WRITTEN: Final = re.compile(r"([A-Z0-9]{4}|ZZUSID|ZDCONO|ZDDIVI|ZDDTFM)\.(\d+)(#?)(!?)\Z")
_AMOUNTS: Final = "CUAM ACAM OCUA OAMT PCUA PAMT TXCU CDCU WRCU CRLM CRL2 CRL3 TOIN TDIN ARAT N096 CDA1 CDP1"
_DAYS: Final = "IVDT DUDT ACDT REDE LRDT BLDT DTP5 RVDT LMDT RGDT CUTD DAT1 CDT1"
_WHOLES: Final = "INYR YEA4 JRNO JSNO TEPD TEFM RMQT RMBL CHNO LMTS TXID LINO RAFA DMCU SEXS"
KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(_AMOUNTS.split(), "amount"),
    **dict.fromkeys(_DAYS.split(), "day"),
    **dict.fromkeys(_WHOLES.split(), "whole"),
}


@dataclass(frozen=True)
class Field:
    """One field of a transaction."""

    name: str
    length: int
    is_number: bool = False
    must: bool = False

    @classmethod
    def read(cls, written: str) -> Self:
        """Read `CUNO.10!`; ValueError for anything else."""
        match = _WRITTEN.match(written)
        if match is None:
            raise ValueError(written)
        return cls(match[1], int(match[2]), bool(match[3]), bool(match[4]))


@dataclass(frozen=True)
class Transaction:
    """One transaction of a program: what it takes and gives, and whether it changes something."""

    program: str
    name: str
    takes: tuple[Field, ...] = ()
    gives: tuple[Field, ...] = ()
    writes: bool = False

    @classmethod
    def of(cls, program: str, name: str, *, takes: str = "", gives: str = "", writes: bool = False) -> Self:
        """Make one of its fields as they are written here."""
        return cls(program, name, _fields(takes), _fields(gives), writes)

    @property
    def title(self) -> str:
        """Return how M3's people call it."""
        return f"{self.program} {self.name}"

    @property
    def lists(self) -> bool:
        """Say whether it lists from a position or under a filter: what it gives need not be what was asked by."""
        return self.name.startswith(("Lst", "List", "Sel", "Slt"))

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of what it gives."""
        return tuple(field.name for field in self.gives)

    @property
    def inputs(self) -> Mapping[str, Field]:
        """Return what it takes by name."""
        return {field.name: field for field in self.takes}

    def plus(self, names: Sequence[str]) -> Self:
        """Return it with more of what it gives."""
        more = tuple(Field(name, 0) for name in names if name not in self.columns)
        return replace(self, gives=(*self.gives, *more)) if more else self


def _fields(written: str) -> tuple[Field, ...]:
    return tuple(Field.read(each) for each in written.split())


_INVOICE: Final = "PYNO.10! CINO.15! INYR.4#! CUNO.10!"
_JOURNAL: Final = "YEA4.4#! JRNO.7#! JSNO.7#!"
SERVER_TIME: Final = Transaction.of("GENERAL", "GetServerTime", gives="DATE.10 TIME.6 LMTS.18")
USER: Final = Transaction.of("GENERAL", "GetUserInfo", gives="ZZUSID.10 ZDCONO.3 ZDDIVI.3 ZDDTFM.3")
CUSTOMERS: Final = Transaction.of(
    "CRS610MI", "LstByNumber", takes="CONO.3# CUNO.10 LMTS.18#",
    gives="CUNO.10 CUNM.36 CUA1.36 CUA2.36 CUA3.36 CUA4.36 PONO.10 TOWN.20 ECAR.2 CSCD.3 PHNO.16 MAIL.50 YREF.30 "
    "LNCD.2 CUCD.3 STAT.2 CUCL.3 PYNO.10 TEPY.3 CRL2.15 VRNO.16",
)  # fmt: skip
CUSTOMER_KEY: Final = Transaction.of("CRS610MI", "LstByNumber", takes="CONO.3# CUNO.10 LMTS.18#", gives="CUNO.10")
FINANCIAL: Final = Transaction.of(
    "CRS610MI", "GetFinancial", takes="CUNO.10! CONO.3# DIVI.3",
    gives="CUNO.10 BLCD.1 CDRC.10 CCUS.10 CRL2.15 CLCD.1 BLPR.1 CHNO.3",
)  # fmt: skip
BASIC: Final = Transaction.of(
    "CRS610MI", "GetBasicData", takes="CUNO.10! CONO.3#", gives="CUNO.10 CUNM.36 LNCD.2 TXID.13"
)
CHANGE_FINANCIAL: Final = Transaction.of(
    "CRS610MI", "ChgFinancial", takes="CUNO.10! CONO.3# BLCD.1# CHNO.3#", writes=True
)
ADD_TEXT: Final = Transaction.of("CRS610MI", "AddText", takes="CUNO.10! PARM.240! CONO.3# LNCD.2 TXVR.10", writes=True)
PEOPLE: Final = Transaction.of(
    "CRS618MI", "Lst", takes="CNPE.36",
    gives="CNPE.36 STAT.2 TX50.50 NAMF.36 NAMS.36 LHCD.2 JTIT.36 RFTP.15 ERTP.1 EMRE.10 EMAL.60 PHNO.16 LMDT.10",
)  # fmt: skip
PERSON: Final = Transaction.of("CRS618MI", "Get", takes="CNPE.36!", gives=" ".join(
    f"{field.name}.{field.length}" for field in PEOPLE.gives))  # fmt: skip
MAILS: Final = Transaction.of("CRS111MI", "List", takes="EMTP.2! EMKY.10", gives="EMTP.2 EMKY.10 EMAL.60")
ONE_MAIL: Final = Transaction.of("CRS111MI", "Get", takes="EMTP.2! EMKY.10!", gives="EMTP.2 EMKY.10 EMAL.60")
TERMS: Final = Transaction.of("CRS075MI", "List", takes="TEPY.3! LNCD.2", gives="TEPY.3 LNCD.2 TX15.15 TEPD.3 TEFM.2")
TERM: Final = Transaction.of("CRS075MI", "Get", takes="TEPY.3! LNCD.2", gives="TEPY.3 LNCD.2 TX15.15 TEPD.3 TEFM.2")
RATES: Final = Transaction.of(
    "CRS055MI", "SelExchangeRate", takes="CRTP.2#! CUTD.8! CONO.3# FRDI.3 TODI.3 FCUR.3 TCUR.3 LMTS.18#",
    gives="DIVI.3 CUCD.3 CRTP.2 CUTD.8 ARAT.12 LOCD.3 DMCU.1 RAFA.1",
)  # fmt: skip
INVOICES: Final = Transaction.of(
    "ARS200MI", "LstInvByDivi", takes="FDIV.3 TDIV.3 PYNO.10 CUNO.10 AAC0.1# IVDT.10",
    gives="DIVI.3 PYNO.10 CUNO.10 CINO.15 INYR.4 TRCD.2 YEA4.4 JRNO.7 JSNO.7",
)  # fmt: skip
INVOICE: Final = Transaction.of(
    "ARS200MI", "GetInvTotInfo", takes=f"{_INVOICE} DIVI.3",
    gives="YEA4.4 JRNO.7 JSNO.7 PYNO.10 CUNO.10 CINO.15 INYR.4 IVTP.2 TDSC.10 CUCD.3 CUAM.17 VTAM.17 "
    "IVDT.10 DUDT.10 ACDT.10 PYCD.3 TEPY.3 REDE.10 LRDT.10 RMBL.1 RMQT.1 LMTS.18 ACAM.17 OCUA.17 OAMT.17 LOCD.3 "
    "TECD.3 CLST.1 CLCD.1",
)  # fmt: skip
# What is asked of an invoice before it is written to, and what a site may map: not of every invoice that is read.
INVOICE_STOP: Final = replace(INVOICE, gives=(*INVOICE.gives, *_fields("RECO.1 BLBY.10")))
RECORD: Final = Transaction.of(
    "ARS200MI", "GetInvoice", takes=f"{_JOURNAL} CONO.3# DIVI.3", gives="YEA4.4 JRNO.7 JSNO.7 TRCD.2"
)
CASH_DISCOUNT: Final = Transaction.of(
    "ARS200MI", "GetCashDiscInfo", takes=f"CONO.3#! {_JOURNAL} DIVI.3",
    gives="YEA4.4 JRNO.7 JSNO.7 CDT1.10 CDA1.17 CDP1.6",
)  # fmt: skip
MOVEMENTS: Final = Transaction.of(
    "ARS200MI", "LstInvoiceTrans", takes=f"{_INVOICE} CONO.3# DIVI.3 TRCD.2#",
    gives="DIVI.3 PYNO.10 CUNO.10 CINO.15 INYR.4 TRCD.2 YEA4.4 JRNO.7 JSNO.7 VONO.8 IVTP.2 CUCD.3 CUAM.17 IVDT.10 "
    "ACDT.10 DTP5.10 PYCD.3",
)  # fmt: skip
STOP_REMINDERS: Final = Transaction.of(
    "ARS201MI", "UpdPmtReminStop", takes="PYNO.10! CINO.15! INYR.4#! DIVI.3 RMBL.1# BLBY.10 BLDT.10", writes=True
)
UPDATE_INVOICE: Final = Transaction.of(
    "ARS201MI", "UpdCustInv", takes="PYNO.10! CINO.15! INYR.4! DIVI.3 RMQT.1# LRDT.8#", writes=True
)
SELECT: Final = Transaction.of("EXPORTMI", "Select", takes="QERY.982! SEPC.1 HDRS.1#", gives="REPL.3985")
TEXT_BLOCKS: Final = Transaction.of(
    "CRS980MI", "LstTxtBlocks", takes="TXID.13#! TFIL.10! CONO.3# FILE.10", gives="TXVR.10 LNCD.2"
)
TEXT_LINES: Final = Transaction.of(
    "CRS980MI", "SltTxtBlock", takes="TXID.13#! TFIL.10! CONO.3# TXVR.10 LNCD.2 FILE.10", gives="TX60.60 LINO.3"
)
NEW_TEXT: Final = Transaction.of("CRS980MI", "RtvNewTextID", takes="FILE.10! CONO.3#", gives="TXID.13", writes=True)
SET_TEXT: Final = Transaction.of("CRS980MI", "SetTextID", takes="FILE.10 TXID.13# KV01.30 KV02.30", writes=True)
ADD_BLOCK: Final = Transaction.of(
    "CRS980MI", "AddTxtBlockHead",
    takes="TXID.13#! FILE.10! KFLD.30! USID.10! TFIL.10! CONO.3# TXVR.10 LNCD.2 TX40.40", writes=True,
)  # fmt: skip
ADD_LINE: Final = Transaction.of(
    "CRS980MI", "AddTxtBlockLine", takes="TXID.13#! TFIL.10! FILE.10! CONO.3# TXVR.10 LNCD.2 LINO.3# TX60.60",
    gives="LINO.3", writes=True,
)  # fmt: skip
_EXTENSION: Final = "FILE.10! PK01.30! PK02.30 PK03.30 PK04.30"
_EXTENDED: Final = "N096.21# A030.30 A121.120 VEXI.1#"
EXTENSION: Final = Transaction.of(
    "CUSEXTMI", "GetFieldValue", takes=_EXTENSION, gives="PK01.30 PK02.30 PK03.30 PK04.30 N096.21 A030.30 A121.120"
)
EXTENSION_MORE: Final = Transaction.of("CUSEXTMI", "GetFieldValueEx", takes=_EXTENSION, gives="DAT1.10")
ADD_EXTENSION: Final = Transaction.of("CUSEXTMI", "AddFieldValue", takes=f"{_EXTENSION} {_EXTENDED}", writes=True)
CHANGE_EXTENSION: Final = Transaction.of("CUSEXTMI", "ChgFieldValue", takes=f"{_EXTENSION} {_EXTENDED}", writes=True)
CHANGE_MORE: Final = Transaction.of("CUSEXTMI", "ChgFieldValueEx", takes=f"{_EXTENSION} DAT1.10 VEXI.1#", writes=True)
INFORMATION: Final = Transaction.of(
    "ARS251MI", "LstInfo", takes=f"{_JOURNAL} CONO.3# DIVI.3 SEXN.3#", gives="SEXN.3 SEXI.45 SEXS.3"
)
ADD_INFORMATION: Final = Transaction.of(
    "ARS251MI", "AddInfoCat", takes=f"{_JOURNAL} SEXN.3#! SEXI.45! DIVI.3", writes=True
)
ALL: Final = (
    SERVER_TIME, USER, CUSTOMERS, CUSTOMER_KEY, FINANCIAL, BASIC, CHANGE_FINANCIAL, ADD_TEXT,
    PEOPLE, PERSON, MAILS, ONE_MAIL, TERMS, TERM, RATES, INVOICES, INVOICE, INVOICE_STOP, RECORD, CASH_DISCOUNT,
    MOVEMENTS, STOP_REMINDERS, UPDATE_INVOICE, SELECT,
    TEXT_BLOCKS, TEXT_LINES, NEW_TEXT, SET_TEXT, ADD_BLOCK, ADD_LINE, EXTENSION, EXTENSION_MORE, ADD_EXTENSION,
    CHANGE_EXTENSION, CHANGE_MORE, INFORMATION, ADD_INFORMATION,
)  # fmt: skip

# The ledger's table as EXPORTMI reads it: its columns are the fields of LstInvoiceTrans behind ES, and the time stamp.
LEDGER: Final = "FSLEDG"
PREFIX: Final = "ES"
LEDGER_ONLY: Final = ("CONO", "LMTS")
ROW_KEY: Final = ("DIVI", "YEA4", "JRNO", "JSNO")
ITEM_COLUMNS: Final = ("DIVI", "PYNO", "CUNO", "CINO", "INYR", "YEA4", "JRNO", "JSNO")
MONEY_COLUMNS: Final = (*MOVEMENTS.columns, "LMTS")
