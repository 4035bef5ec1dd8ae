"""A ledger behind the stub: records by EXPORTMI and by LstInvByDivi, and what GetInvTotInfo adds up of them."""

from __future__ import annotations

import re
from decimal import Decimal

from .connector_stub import Asked, Refused, Rows, Stub

FIELDS = (
    "ACAM DIVI PYNO CUNO CINO INYR TRCD YEA4 JRNO JSNO VONO IVTP CUCD CUAM IVDT ACDT DTP5 PYCD RECO LMTS DUDT CONO"
).split()  # fmt: skip
_CONDITION = re.compile(r"ES(\w{4}) (<=|>=|<|>|=) ('([^']*)'|\d+)")


class StubLedger:
    """Records of FSLEDG; `cap` cuts every list off, as a server may."""

    def __init__(self, stub: Stub) -> None:
        self.records: Rows = []
        self.cap: int | None = None
        self.queries: list[str] = []
        stub.answers |= {
            "EXPORTMI/Select": self.select,
            "ARS200MI/LstInvByDivi": self.listed,
            "ARS200MI/GetInvTotInfo": self.total,
            "ARS200MI/GetInvoice": self.record,
            "ARS200MI/GetCashDiscInfo": self.discount,
            "ARS200MI/LstInvoiceTrans": self.movements,
        }

    def add(self, number: str, amount: str, **more: str) -> dict[str, str]:
        """Post a record; each is the next of its journal."""
        usual = {
            "CONO": "100", "DIVI": "AAA", "PYNO": "1001", "CUNO": "1001", "CINO": number, "INYR": "2026", "TRCD": "10",
            "YEA4": "2026", "JRNO": "7", "JSNO": str(len(self.records) + 1), "VONO": "5", "IVTP": "", "CUCD": "EUR",
            "CUAM": amount, "ACAM": amount, "IVDT": "20260301", "ACDT": "20260301", "DTP5": "0", "PYCD": "",
            "RECO": "0", "LMTS": "1772409000000", "DUDT": "20260401",
        }  # fmt: skip
        self.records.append({**usual, **more})
        return self.records[-1]

    def select(self, asked: Asked) -> Rows:
        """Answer a selection as EXPORTMI does: a head, then rows in no order that anybody promised."""
        query = asked["QERY"]
        self.queries.append(query)
        columns = query.partition(" from ")[0].split(",")
        held = [row for row in self.records if _fits(row, query)][: self.cap]
        lines = [asked["SEPC"].join(row[name[2:]] for name in columns) for row in reversed(held)]
        return [{"REPL": line} for line in [asked["SEPC"].join(columns), *lines]]

    def listed(self, asked: Asked) -> Rows:
        found = [row for row in self.records if asked.get("FDIV", "") <= row["DIVI"] <= asked.get("TDIV", "ZZZ")]
        found = [row for row in found if all(row[name] == asked[name] for name in ("PYNO", "CUNO") if name in asked)]
        if asked.get("AAC0") == "1":
            found = [row for row in found if row["RECO"] != "9"]
        return found[: self.cap]

    def total(self, asked: Asked) -> Rows:
        own = self._of(asked)
        left = sum((Decimal(row["CUAM"]) for row in own), Decimal(0))
        first = own[0]
        amounts = {"ACAM": first["CUAM"], "OCUA": str(left), "OAMT": str(left), "LOCD": "EUR", "VTAM": "0"}
        return [{**first, **amounts, "REDE": "20260302" if not left else "0", "RMQT": "0", "RMBL": "0", "LRDT": "0",
                 "TEPY": "N30", "TDSC": ""}]  # fmt: skip

    def record(self, asked: Asked) -> Rows:
        return [row for row in self.records if all(row[name] == asked[name] for name in ("YEA4", "JRNO", "JSNO"))]

    def discount(self, asked: Asked) -> Rows:
        """Answer with what the records say of it."""
        return [{"CDT1": "0", "CDA1": "0.00", "CDP1": "0", **row} for row in self.record(asked)]

    def movements(self, asked: Asked) -> Rows:
        return self._of(asked)

    def _of(self, asked: Asked) -> Rows:
        own = [
            row for row in self.records if all(row[name] == asked[name] for name in ("PYNO", "CUNO", "CINO", "INYR"))
        ]
        if not own:
            raise Refused("IN00003", f"Invoice number {asked['CINO']} does not exist", "CINO")
        return own


def _fits(row: dict[str, str], query: str) -> bool:
    for name, sign, written, text in _CONDITION.findall(query.partition(" where ")[2]):
        width = 0 if written.startswith("'") else 20
        held, asked = row[name].zfill(width), (text if width == 0 else written).zfill(width)
        signs = {"=": held == asked, "<": held < asked, ">": held > asked, "<=": held <= asked, ">=": held >= asked}
        if not signs[sign]:
            return False
    return True
