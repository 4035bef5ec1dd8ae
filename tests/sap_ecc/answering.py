"""A library of RFC in the place of SAP's: it gives prepared rows of tables, and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from duehook.core.testing.contract.loading import load_plugins
from duehook.core.testing.contract.under_test import Connector

PLUGINS = load_plugins(["duehook.plugins.sap_ecc"])
T001 = {"BUKRS": "1000", "BUTXT": "Example GmbH", "WAERS": "EUR", "KKBER": "1000"}
LINE = {
    "BUKRS": "1000", "KUNNR": "0000000017", "GJAHR": "2026", "BELNR": "0000000100", "BUZEI": "001",
    "BUDAT": "20260302", "BLDAT": "20260302", "CPUDT": "20260302", "WAERS": "EUR", "BLART": "DR", "SHKZG": "S",
    "DMBTR": "100.00", "WRBTR": "100.00", "ZTERM": "NT30", "ZFBDT": "20260302", "ZBD1T": "30", "ZBD2T": "0",
    "ZBD3T": "0", "ZBD1P": "0.000", "REBZJ": "0000", "REBZZ": "000", "AUGDT": "00000000", "MADAT": "00000000",
    "MANST": "0", "WSKTO": "0.00", "SKNTO": "0.00", "AUGGJ": "0000",
}  # fmt: skip
CLOCK = "SAP R/3 Rel. 701   Sysid: SIM      Date: 20260320   Time: 093000   Logon_Data: 100/U/E"
Row = dict[str, str]


class ABAPApplicationError(Exception):
    """What a library raises for an exception of a function."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the function raised {key}")
        self.key = key


class CommunicationError(Exception):
    """What a library raises where the line broke."""


class Ecc:
    """The prepared tables and functions, and the calls that came."""

    def __init__(self, **tables: list[Row]) -> None:
        self.tables: dict[str, list[Row]] = {"T001": [T001], "TCURX": [{"CURRKEY": "JPY", "CURRDEC": "0"}], **tables}
        self.functions: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
        self.lacks: set[str] = set()  # columns that no table has
        self.called: list[tuple[str, dict[str, Any]]] = []

    def call(self, function: str, **parameters: Any) -> dict[str, Any]:
        self.called.append((function, parameters))
        if function in self.functions:
            return self.functions[function](parameters)
        if function == "STFC_CONNECTION":
            return {"RESPTEXT": CLOCK}
        if function != "RFC_READ_TABLE":
            raise ABAPApplicationError("FU_NOT_FOUND")
        names = [each["FIELDNAME"] for each in parameters["FIELDS"]]
        if self.lacks & {*names}:
            raise ABAPApplicationError("FIELD_NOT_VALID")
        width = 80
        fields = [
            {"FIELDNAME": name, "OFFSET": f"{place * width:06}", "LENGTH": f"{width:06}", "TYPE": "C"}
            for place, name in enumerate(names)
        ]
        words = " ".join(each["TEXT"] for each in parameters["OPTIONS"])
        rows = [row for row in self.tables.get(parameters["QUERY_TABLE"], []) if meets(row, words)]
        data = [{"WA": "".join(row.get(name, "").ljust(width) for name in names)} for row in rows]
        return {"FIELDS": fields, "DATA": data[: parameters["ROWCOUNT"] or None]}

    def asked(self, table: str) -> list[str]:
        """Return the conditions under which a table was read."""
        return [
            " ".join(each["TEXT"] for each in parameters["OPTIONS"])
            for function, parameters in self.called
            if function == "RFC_READ_TABLE" and parameters["QUERY_TABLE"] == table
        ]

    def connector(self, **other: Any) -> Connector:
        held.append(self)
        settings = {
            "transport": "rfc", "host": "ecc", "rfc_library": __name__, "client": "100", "user": "u", "password": "p",
            "companies": {"1000": {}}, **other,
        }  # fmt: skip
        return Connector(PLUGINS, "sap_ecc", settings, "/")


def meets(row: Row, words: str) -> bool:
    """Say whether a row is under a condition of Open SQL, read as Python would."""
    python = []
    for word in words.split():
        sign = {"=": "==", "<>": "!=", "AND": "and", "OR": "or"}.get(word)
        name = f"row.get('{word}', '')" if word.isidentifier() and sign is None else word
        python.append(sign or name)
    return not python or bool(eval(" ".join(python), {"row": row}))  # noqa: S307 - the connector's own words


held: list[Ecc] = []


class Connection:
    """A connection as libraries of RFC have it, to the system that a test has prepared last."""

    def __init__(self, **parameters: str) -> None:
        self.parameters = parameters

    def call(self, function: str, **parameters: Any) -> dict[str, Any]:
        return held[-1].call(function, **parameters)

    def close(self) -> None:
        pass
