"""What a function module says when it does not do what it was asked."""

from __future__ import annotations

from typing import Final

from duehook.core.errors import ConnectorRefused

NOT_AUTHORIZED: Final = "NOT_AUTHORIZED"
NO_TABLE: Final = "TABLE_NOT_AVAILABLE"
NO_FIELD: Final = "FIELD_NOT_VALID"
TOO_WIDE: Final = "DATA_BUFFER_EXCEEDED"
KEYS: Final = (
    NOT_AUTHORIZED, NO_TABLE, NO_FIELD, TOO_WIDE, "TABLE_WITHOUT_DATA", "OPTION_NOT_VALID", "FU_NOT_FOUND",
)  # fmt: skip


class FunctionFault(ConnectorRefused):
    """An exception that a function module raised, by its name; nothing was done."""

    def __init__(self, function: str, key: str, told: str) -> None:
        """Take the function, the exception's name and what SAP said beside it."""
        said = f": {told}" if told and told != key else ""
        super().__init__(f"{function} answered {key}{said}.", fix=_FIXES.get(key, "let the SAP admin look why."))
        self.key = key


_FIXES: Final = {
    NOT_AUTHORIZED: "let the SAP admin grant S_RFC for the function and S_TABU_NAM (or S_TABU_DIS) for the table.",
    NO_TABLE: "compare the table's name with the system; a table that may not be read may look as if it were not.",
    NO_FIELD: "compare the columns with the table in SE11.",
    TOO_WIDE: "name another function by `read_table` that takes wider rows, or read fewer columns.",
    "FU_NOT_FOUND": "compare the function's name with SE37; by SOAP it must be published in SOAMANAGER.",
}
