"""The errors Duehook raises, sorted by what the reader of one should do.

    DuehookError                 exit 1
    ├── ConfigError              exit 3   correct a file; carries file:line:col
    ├── ConnectorError           exit 4
    │   ├── ConnectorRefused              a person acts: rights, sign-in, settings
    │   ├── ConnectorDown                 try again later
    │   └── ConnectorGarbled              the other side answered nonsense; nothing of it was kept
    ├── BooksUnusable            exit 4   the database cannot be read or written; carries which and why
    ├── BadRecord                         park the row, go on
    ├── Busy                              somebody else is doing it
    ├── RunStopped                        a guard stopped the run before harm was done
    └── NotFound                 exit 2   the name that was given does not exist

A message says what happened, whether anything was lost, and, after "Fix:", what to do.
"""

from __future__ import annotations

from typing import ClassVar


class Terminated(BaseException):
    """The process was told to end; no handler of errors may keep it from that."""


class DuehookError(Exception):
    """Something went wrong that Duehook has words for."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str | None = None, *, fix: str | None = None) -> None:
        """Take the class's own words when no message is given; add the fix behind it."""
        text = message or (type(self).__doc__ or "").strip().splitlines()[0]
        super().__init__(f"{text} Fix: {fix}" if fix else text)
        self.message = text
        self.fix = fix


class ConfigError(DuehookError):
    """A configuration file says something Duehook cannot follow."""

    exit_code = 3

    def __init__(self, message: str | None = None, *, fix: str | None = None, where: str | None = None) -> None:
        """Put `where` (file:line:col) in front of the message."""
        super().__init__(f"{where}: {message}" if where and message else message, fix=fix)
        self.where = where


class ConnectorError(DuehookError):
    """The other side of a connection could not be used."""

    exit_code = 4


class ConnectorRefused(ConnectorError):
    """The other side refused; a person has to change something there or in the settings."""


class ConnectorDown(ConnectorError):
    """The other side cannot be reached right now; the same call may work later."""


class ConnectorGarbled(ConnectorError):
    """The other side answered something that is not its protocol; nothing of it was kept."""


class BooksUnusable(DuehookError):
    """The books cannot be used; what was begun is undone and taken up by the next run."""

    exit_code = 4


class BadRecord(DuehookError):
    """One row cannot be read; it is parked with this reason and the others go on."""


class Busy(DuehookError):
    """Somebody else is doing this right now."""


class RunStopped(DuehookError):
    """A guard stopped the run before it could do harm."""


class NotFound(DuehookError):
    """There is nothing of that name."""

    exit_code = 2
