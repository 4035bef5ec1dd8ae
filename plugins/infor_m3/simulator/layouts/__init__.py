"""The programs that the simulated M3 serves, each with its transactions' inputs and outputs, as M3's metadata has them.

A transaction is a line with its name; behind it stand its inputs (`NAME:length`, `!` mandatory, `#` a
number), and behind `>` its outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from . import customers, extensions, invoices, system

_NUMBERS: Final = frozenset(
    """
    ACBL ACHK ADRT ARAT ARCD BLAC BLCD BLII BLPR CAPY CCOD CDA1 CDA2 CDA3 CDAM CDCU CDP1 CDP2 CDP3 CHNO CLCD CLST CONO
    CRL2 CRL3 CRLM CRST CRTP CUAM DCAM DCCD DFPT DMCU ERTP FLDP FLLE FRPO GEND IIAM IICD IIST INLI INYR JRNO JSNO
    LDA1 LDA2 LDA3 LDAM LENG LINO LMTS MAND MIGR NPRD OAMT OCUA ODUD ODUE PAMT PCUA PDAY PRIO RAFA RECO RGTM RMBL
    RMQT ROAM ROCU SDAY SEXN SEXS SPLT TBAM TBCU TBLG TDIN TEFM TEPD TIME TOIN TOPO TRCD TXAM TXCU TXEI TXID VONO VTAM
    WRAM WRCU YEA4 ZDCONO ACAM ADPR BBAM BBCU DNAM DNCU N096 N196 N296 N396 N496 N596 N696 N796 N896 N996
    CHB1 CHB2 CHB3 CHB4 CHB5 CHB6 CHB7 CHB8 CHB9 DTID VTCD CFC2 CFC7 GEOC TXAP RAN1 RAN2 RAN3 RAN4 AGBG CUTP MCOS
    """.split()
)
DATES: Final = frozenset(
    """
    IVDT DUDT ACDT RVDT REDE LRDT BLDT GRPD DFPD DTP5 RGDT LMDT ADAT DEDA CDT1 CDT2 CDT3 CUTD FVDT LVDT TEEC DATE
    DAT1 DAT2 DAT3 DAT4 DAT5 DAT6 DAT7 DAT8 DAT9
    """.split()
)


@dataclass(frozen=True, slots=True)
class Field:
    """An input or output of a transaction."""

    name: str
    length: int
    number: bool = False
    mandatory: bool = False


@dataclass(frozen=True)
class Transaction:
    """A transaction of a program, with its fields in M3's order."""

    name: str
    inputs: dict[str, Field] = field(default_factory=dict)
    outputs: dict[str, Field] = field(default_factory=dict)

    @property
    def many(self) -> bool:
        """Say whether it answers a list."""
        return self.name.startswith(("Lst", "List", "Sel", "Slt"))


def is_number(name: str) -> bool:
    """Say whether a field holds a number, so that nothing in it is 0."""
    return name in _NUMBERS


def read(text: str) -> dict[str, Transaction]:
    """Read the transactions of a program."""
    found: dict[str, Transaction] = {}
    last = Transaction("")
    for line in text.splitlines():
        if line and not line.startswith(" "):
            last = found[line] = Transaction(line)
        elif line.strip().startswith(">"):
            fields = (_output(word) for word in line.split()[1:])
            last.outputs.update((each.name, each) for each in fields)
        else:
            inputs = (_input(word) for word in line.split())
            last.inputs.update((each.name, each) for each in inputs)
    return found


def _output(word: str) -> Field:
    name, _, length = word.partition(":")
    return Field(name, int(length), is_number(name))


def _input(word: str) -> Field:
    name, _, length = word.partition(":")
    return Field(name.rstrip("!"), int(length.lstrip("#")), "#" in length, name.endswith("!"))


def _all() -> dict[str, Mapping[str, Transaction]]:
    """Return every program, each with the transactions that all of them have."""
    texts = {**customers.PROGRAMS, **invoices.PROGRAMS, **extensions.PROGRAMS, **system.PROGRAMS}
    general = read(texts["GENERAL"])
    return {name: {**read(text), **general} for name, text in texts.items()}


PROGRAMS: Final = _all()
GENERAL: Final = frozenset(PROGRAMS["GENERAL"])
