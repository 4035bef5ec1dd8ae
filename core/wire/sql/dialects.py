"""What differs between the databases that ERPs run on: quoting, paging, clock, dirty reads, faults.

Oracle, SQL Server and Db2 for i are the real ones; SQLite and PostgreSQL serve the simulators.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

DialectName = Literal["db2i", "oracle", "sqlserver", "sqlite", "postgresql"]


@dataclass(frozen=True)
class Dialect:
    """How one database is spoken to.

    `top` stands behind SELECT and `tail` at the end of a page; `hint` behind each table; `dirty` at
    the very end of every statement. `clock` returns UTC as `YYYY-MM-DD HH:MM:SS`. `exact` turns a
    column that may be a binary float into text or a decimal. `connect` is added to the connection
    string; `session` is run once and sets the statement time-out (in ms) where the driver's own does
    not reach a FETCH. `faults` maps a phrase of the
    database's own message to an SQLSTATE where the driver gives none that tells.
    """

    name: DialectName
    clock: str
    quotes: str = '""'
    top: str = ""
    tail: str = ""
    hint: str = ""
    dirty: str = ""
    exact: str = "{}"
    connect: str = ""
    session: str = ""
    faults: tuple[tuple[str, str], ...] = field(default=())

    def quoted(self, name: str) -> str:
        """Return an identifier quoted; names such as `GLREG#` need it."""
        return f"{self.quotes[0]}{name}{self.quotes[1]}"

    def table(self, schema: str, name: str) -> str:
        """Return a table with its schema; a dot parts the database from the schema."""
        return ".".join(self.quoted(part) for part in (*schema.split("."), name)) + self.hint

    def state_of(self, state: str, message: str) -> str:
        """Return the SQLSTATE, corrected by what the message says."""
        lowered = message.lower()
        return next((known for phrase, known in self.faults if phrase in lowered), state)


_TEXT_CLOCK: Final = "'YYYY-MM-DD HH24:MI:SS'"
DIALECTS: Final[dict[DialectName, Dialect]] = {
    "db2i": Dialect(
        "db2i",
        clock=f"SELECT VARCHAR_FORMAT(CURRENT TIMESTAMP - CURRENT TIMEZONE, {_TEXT_CLOCK}) FROM SYSIBM.SYSDUMMY1",
        tail=" FETCH FIRST {} ROWS ONLY",
        dirty=" WITH UR",
        exact="CAST({} AS DECIMAL(21, 9))",
        faults=(("sql0551", "42501"), ("sql0204", "42S02"), ("sql0206", "42S22"), ("sql0913", "HYT00"),
                ("sql0666", "HYT00"), ("sql0952", "HYT00")),
    ),
    "oracle": Dialect(
        "oracle",
        clock=f"SELECT TO_CHAR(SYS_EXTRACT_UTC(SYSTIMESTAMP), {_TEXT_CLOCK}) FROM DUAL",
        tail=" FETCH FIRST {} ROWS ONLY",
        exact="CAST({} AS NUMBER(21, 9))",
        faults=(("ora-01017", "28000"), ("ora-28000", "28000"), ("ora-28001", "28000"), ("ora-01031", "42501"),
                ("ora-00942", "42S02"), ("ora-00904", "42S22"), ("ora-01013", "HYT00"), ("ora-03113", "08S01"),
                ("ora-03114", "08S01"), ("ora-12541", "08001"), ("ora-12170", "08001"), ("ora-01555", "HYT00")),
    ),
    "sqlserver": Dialect(
        "sqlserver",
        clock="SELECT CONVERT(VARCHAR(19), SYSUTCDATETIME(), 120)",
        quotes="[]",
        top="TOP ({}) ",
        hint=" WITH (NOLOCK)",
        exact="CAST({} AS DECIMAL(21, 9))",
        faults=(("permission was denied", "42501"), ("login failed", "28000"), ("data movement", "HYT00"),
                ("deadlock victim", "40001")),
    ),
    "sqlite": Dialect(
        "sqlite",
        clock="SELECT strftime('%Y-%m-%d %H:%M:%S', 'now')",
        tail=" LIMIT {}",
        exact="CAST({} AS VARCHAR(30))",
        connect="BigInt=1;NoCreat=1;Timeout=10000",
        faults=(("no such table", "42S02"), ("no such column", "42S22"), ("connect failed", "08001"),
                ("database is locked", "HYT00"), ("interrupted", "HYT00"), ("not a database", "08S01"),
                ("malformed", "08S01"), ("disk i/o", "08S01")),
    ),
    "postgresql": Dialect(
        "postgresql",
        clock=f"SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', {_TEXT_CLOCK})",
        tail=" LIMIT {}",
        connect="UseDeclareFetch=1;BoolsAsChar=0",
        session="SET statement_timeout = {}",
        faults=(("password authentication failed", "28000"), ("permission denied", "42501"),
                ("canceling statement", "HYT00"), ("no pg_hba.conf", "28000"),
                ("terminating connection", "08S01"), ("server closed the connection", "08S01")),
    ),
}  # fmt: skip
