"""The ODBC wire to an ERP's database: one connection, read only unless it `writes`, faults in our own words.

pyodbc is imported on the first call, so that a machine without unixODBC or the driver hurts this
connection alone. Each call ends its transaction, so nothing is locked or held open between pages.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Literal

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.wire.reply_lost import ReplyLost
from duehook.core.wire.tapes import Broken, Question, exchanged

from .access import Access
from .conditions import Sql
from .dialects import DIALECTS

RawRow = Sequence[Any]

_DOWN: Final = frozenset({"HYT00", "HYT01", "40001", "40P01", "HY008", "57033", "57014"})
_DUPLICATE: Final = frozenset({"23000", "23505"})
_UNREADABLE: Final = "unreadable"
_PACKAGES: Final = "on Debian: apt-get install unixodbc, then the driver of your database; pip install 'duehook[odbc]'."


class Duplicate(ConnectorRefused):
    """A row of that key is there already."""


class OdbcClient:
    """Runs statements and returns raw rows; one that `writes` may also change rows."""

    def __init__(self, settings: Access, name: str = "erp", *, writes: bool = False) -> None:
        """Take the connection's settings, and its name for the messages."""
        self._settings, self._name, self._writes = settings, name, writes
        self._dialect = DIALECTS[settings.dialect]
        self._connection: Any = None

    def rows(self, statement: Sql, *, about: str) -> list[RawRow]:
        """Return all rows of a statement; `about` names the table for the messages."""
        rows, _ = self._run(statement, about)
        return rows

    def columns(self, statement: Sql, *, about: str) -> frozenset[str]:
        """Return the names of a statement's columns, in capitals."""
        _, names = self._run(statement, about)
        return frozenset(name.upper() for name in names)

    def now(self, statement: Sql) -> datetime:
        """Return the database's clock as an aware instant."""
        rows = self.rows(statement, about="the database's clock")
        try:
            return datetime.strptime(str(rows[0][0]).strip()[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        except (IndexError, ValueError) as error:
            raise ConnectorGarbled(
                f"The database's clock reads {rows[:1]!r}.", fix="let `clock_query` return UTC as YYYY-MM-DD HH:MM:SS."
            ) from error

    def write(self, statements: Sequence[Sql], *, about: str) -> None:
        """Run these statements as one: all of them are kept, or none.

        Raises Duplicate where a key is there already, ReplyLost where nobody knows whether they were kept.
        """
        asked = Question("odbc", "; ".join(each.text for each in statements), [[*each.values] for each in statements])
        try:
            exchanged(asked, partial(self._kept, statements))
        except Broken as error:
            if error.at == "keeping":
                self.close()
                raise ReplyLost(f"{about}: nobody knows whether it was kept: {self._said(error)[1]}.") from error
            raise self._unwritten(error, about) from error

    def open(self) -> None:
        """Sign in, unless that is done; the first statement does so too."""
        try:
            self._connected()
        except Broken as error:
            raise self._not_opened(error) from error

    def close(self) -> None:
        """Hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._quietly(connection.close)

    def _run(self, statement: Sql, about: str) -> tuple[list[RawRow], list[str]]:
        try:
            told = exchanged(Question("odbc", statement.text, [*statement.values]), partial(self._asked, statement))
        except Broken as error:
            fault = self._fault(error, about)
            if isinstance(fault, ConnectorDown):
                self.close()
            raise fault from error
        if not told["columns"]:
            lost = f"{about}: the database answered without a result."
            raise ConnectorGarbled(lost, fix="let the DBA look what the driver or a proxy made of it.")
        return list(told["rows"]), list(told["columns"])

    def _asked(self, statement: Sql) -> Mapping[str, Any]:
        """Return the rows of a statement and the names of their columns, none of either where it has no result."""
        connection, driver = self._connected(), _driver()
        try:
            cursor = connection.cursor()
            try:
                cursor.execute(statement.text, *statement.values)
                names = [column[0] for column in cursor.description or ()]
                return {"columns": names, "rows": cursor.fetchall() if names else []}
            finally:
                self._quietly(cursor.close)
                self._quietly(connection.rollback)
        except driver.Error as error:
            raise _broken(error) from error
        except (ValueError, UnicodeError, MemoryError) as error:
            raise Broken(_UNREADABLE, "", str(error)) from error

    def _kept(self, statements: Sequence[Sql]) -> Mapping[str, Any]:
        """Run statements and commit them."""
        connection, driver = self._connected(), _driver()
        try:
            for statement in statements:
                connection.execute(statement.text, *statement.values).close()
        except driver.Error as error:
            self._quietly(connection.rollback)
            raise _broken(error) from error
        try:
            connection.commit()
        except driver.Error as error:
            raise _broken(error, "keeping") from error
        return {}

    def _connected(self) -> Any:
        if self._connection is None:
            driver = _driver()
            settings = self._settings
            try:
                connection = driver.connect(
                    self._text(), timeout=settings.login_seconds, readonly=not self._writes, autocommit=False
                )
                if self._dialect.session:
                    connection.execute(
                        self._dialect.session.format(math.ceil(settings.statement_seconds * 1_000))
                    ).close()
                    connection.commit()
            except driver.Error as error:
                raise _broken(error, "opening") from error
            self._quietly(setattr, connection, "timeout", math.ceil(settings.statement_seconds))
            self._connection = connection
        return self._connection

    def _text(self) -> str:
        settings = self._settings
        if settings.connection_string:
            text = settings.connection_string.get_secret_value().rstrip("; ")
        else:
            text = f"DSN={settings.dsn}"
            text += f";UID={_braced(settings.user)}" if settings.user else ""
            text += f";PWD={_braced(settings.password.get_secret_value())}" if settings.password else ""
        given = text.lower()
        own = [
            part for part in self._dialect.connect.split(";") if part and f"{part.split('=')[0].lower()}=" not in given
        ]
        return ";".join([text, *own])

    def _not_opened(self, error: Exception) -> ConnectorError:
        """Say why nothing at all can be read."""
        state, message = self._said(error)
        connection = f"connection {self._name}"
        if state in {"IM002", "IM003", "IM004"} or "can't open lib" in message.lower():
            fix = f"correct {self._key()} of {connection} (`odbcinst -q -d` lists drivers), or install it; {_PACKAGES}"
            return ConnectorRefused(f"The ODBC driver or data source of {connection} is not there: {message}.", fix=fix)
        told = f"{self._place()} of {connection} cannot be opened: {message} [SQLSTATE {state}]."
        if state.startswith("28"):
            return ConnectorRefused(told, fix=self._advice(state, ""))
        fix = f"see that it is there and runs, and that {self._key()} of {connection} names it."
        down = state in _DOWN or state.startswith("08")
        return ConnectorDown(told, fix=fix) if down else ConnectorRefused(told, fix=fix)

    def _key(self) -> str:
        return "`connection_string` (`odbc`)" if self._settings.connection_string else "`dsn`"

    def _place(self) -> str:
        """Name the database by its server, its file or its data source."""
        text = self._settings.connection_string
        parts = [part.partition("=") for part in text.get_secret_value().split(";")] if text else []
        held = {name.strip().lower(): value.strip() for name, _, value in parts}
        server = next((held[key] for key in ("server", "system", "dbq", "host") if held.get(key)), None)
        if server:
            return f"The database {server}{':' + held['port'] if held.get('port') else ''}"
        named = self._settings.dsn or held.get("dsn") or held.get("database")
        return f"The database {named}" if named else "The database"

    def _said(self, error: Exception) -> tuple[str, str]:
        """Return the SQLSTATE, corrected by the dialect, and the driver's message."""
        broken = error if isinstance(error, Broken) else _broken(error)
        return self._dialect.state_of(broken.key, broken.text), broken.text.rstrip(". ")

    def _unwritten(self, error: Exception, about: str) -> ConnectorError:
        """Say why nothing of a write was kept."""
        state, message = self._said(error)
        if state in _DUPLICATE:
            return Duplicate(
                f"{about}: {message} [SQLSTATE {state}].", fix="it is there already; nothing is to be done."
            )
        fault = self._fault(error, about, right="INSERT")
        if isinstance(fault, ConnectorDown):
            self.close()
        return fault

    def _fault(self, error: Exception, about: str, *, right: str = "SELECT") -> ConnectorError:
        if isinstance(error, Broken) and error.at == "opening":
            return self._not_opened(error)
        state, message = self._said(error)
        if isinstance(error, Broken) and error.kind == _UNREADABLE:
            return ConnectorGarbled(f"{about}: the driver could not read the answer ({error}).")
        told = f"{about}: {message} [SQLSTATE {state}]."
        if state in _DOWN or state.startswith("08"):
            fix = f"see that {self._place().lower()} of connection {self._name} runs; the next run reads it again."
            return ConnectorDown(f"The database cannot be read right now. {told}", fix=fix)
        return ConnectorRefused(f"The database refused. {told}", fix=self._advice(state, about, right))

    def _advice(self, state: str, about: str, right: str = "SELECT") -> str:
        settings = self._settings
        if state.startswith("28"):
            own = f"`user` and `password` of connection {self._name}"
            return f"correct {own}, or let the DBA unlock the user and grant it CONNECT."
        if state == "42501":
            return f"let the DBA grant {right} on {settings.data_schema}.{about} to the connection's user."
        if state in {"42S02", "42P01", "3F000", "42704"}:
            return f"correct the schema (`data_schema`: {settings.data_schema}), or grant {right} on {about}."
        if state in {"42S22", "42703"}:
            return f"this release's {about} lacks a column that Duehook needs; report the release."
        does = "reads" if right == "SELECT" else "adds to"
        return f"let the DBA look at the message; the statement only {does} {about}."

    @staticmethod
    def _quietly(act: Any, *values: Any) -> None:
        """Do what only tidies up or tunes: a driver that cannot has said so where it matters."""
        try:
            act(*values)
        except _driver().Error:
            return


def _braced(value: str) -> str:
    """Return a connection-string value that may hold any letter."""
    return "{" + value.replace("}", "}}") + "}"


def _broken(error: Exception, at: Literal["opening", "asking", "keeping"] = "asking") -> Broken:
    """Return what a driver raised without its class: the SQLSTATE and the message."""
    state, message = (str(error.args[0]), str(error.args[-1])) if error.args else ("", str(error))
    return Broken(type(error).__name__, state, message, at)


def _driver() -> Any:
    try:
        import pyodbc  # type: ignore[import-not-found, unused-ignore]
    except ImportError as error:
        raise ConnectorRefused(f"pyodbc cannot be loaded: {error}", fix=_PACKAGES) from error
    return pyodbc
