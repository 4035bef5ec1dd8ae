"""SuiteQL as it is written: Oracle's SQL, read by sqlglot, less what NetSuite does not take."""

from __future__ import annotations

from typing import ClassVar, Final

from sqlglot import exp, parse
from sqlglot.dialects.oracle import Oracle
from sqlglot.dialects.sqlite import SQLite
from sqlglot.errors import SqlglotError
from sqlglot.parsers.oracle import OracleParser

from duehook.plugins.netsuite.simulator.problem import Refused

OURS: Final = {"TO_CHAR": "NS_TO_CHAR", "TO_DATE": "NS_TO_DATE", "TO_TIMESTAMP": "NS_TO_DATE", "TRUNC": "NS_TRUNC",
               "NVL2": "NS_NVL2"}  # fmt: skip
_UNKNOWN: Final = "Invalid or unsupported search"
_NOT_THERE: Final = (
    exp.CurrentDate,
    exp.CurrentTime,
    exp.Limit,
    exp.Offset,
    exp.Command,
    exp.Parameter,
    exp.Placeholder,
    exp.Interval,
    exp.DateStrToDate,  # DATE '2026-03-02': what is known to be taken is TO_DATE
    exp.StrToTime,
)


_TIMES: Final = ("date", "timestamp", "datetime")


class SuiteQL(Oracle):
    """Oracle, whose functions of dates are left as they are written."""

    class Parser(OracleParser):
        """See above."""

        FUNCTIONS: ClassVar = {name: made for name, made in OracleParser.FUNCTIONS.items() if name not in OURS}


class Target(SQLite):
    """SQLite with names in backticks: one in double quotes that is no column would be taken for a text."""

    class Tokenizer(SQLite.Tokenizer):
        """See above."""

        IDENTIFIERS: ClassVar = ["`"]


def refused(said: str = _UNKNOWN) -> Refused:
    """Return how NetSuite refuses a query."""
    detail = f"Invalid search query. Detailed unprocessed description follows. Search error occurred: {said}"
    return Refused(400, detail, "INVALID_PARAMETER", errorQueryParam="q")


def read(query: str) -> exp.Query:
    """Read a query; raises Refused for what is none, and for what Oracle's dialect has not."""
    try:
        found = parse(query, dialect=SuiteQL)
    except (SqlglotError, RecursionError):
        raise refused() from None
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise refused()
    for node in found[0].walk():
        _refuse_foreign(node)
    return found[0]


def _refuse_foreign(node: exp.Expr) -> None:
    if isinstance(node, exp.Fetch):
        options = node.args.get("limit_options")
        if options and (options.args.get("percent") or options.args.get("with_ties")):
            raise refused()
    elif isinstance(node, _NOT_THERE) or _is_foreign_time(node):
        raise refused()
    elif isinstance(node, exp.Anonymous) and str(node.this).upper() not in (*OURS, "DF"):
        raise refused(f"{_UNKNOWN}. Unknown function '{str(node.this).upper()}'")


def _is_foreign_time(node: exp.Expr) -> bool:
    """Say whether this is a time of now that is not SYSDATE, or a cast to a date."""
    if isinstance(node, exp.CurrentTimestamp):
        return not node.args.get("sysdate")
    return isinstance(node, exp.Cast) and node.to.is_type(*_TIMES)
