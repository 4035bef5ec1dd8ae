"""One NetSuite account in words of receivables: what both ways of asking it have alike, and what each must know."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import UpperBound
from duehook.core.settings.connector import with_codes

from . import tables
from .fields import LISTS, fields_of
from .settings import NetsuiteSettings
from .suiteql import Key

ERP: Final = "NetSuite"  # its name in messages
Row = dict[str, Any]
Asked = TypeVar("Asked")  # a statement of SuiteQL, or a search by SuiteTalk
_UNUSED: Final = {  # what to write where an account does not use a type of transaction
    tables.DEPOSIT: ", or write `deposits: false` where the account has none",
    tables.JOURNAL: ", or write `journals: false` where no journal stands on receivables",
}


@dataclass(frozen=True)
class Window:
    """Rows of one answer, and the key that the next stands behind."""

    rows: Sequence[Row]
    last: Key


class Account(ABC, Generic[Asked]):
    """What is asked of one account, by whichever way."""

    def __init__(self, settings: NetsuiteSettings, name: str) -> None:
        """Take the connection's settings and its name. Raises ConfigError with all faults of its field mapping."""
        self.fields = fields_of(settings)
        self.settings = with_codes(settings, self.fields, LISTS)
        self.name, self.zone = name, settings.zone
        self.missing = frozenset(each.lower() for each in settings.missing_columns)

    @abstractmethod
    def bound(self) -> UpperBound:
        """Return the server's clock."""

    @abstractmethod
    def windows(self, query: Asked, start: Key | None = None, *, size: int | None = None) -> Iterator[Window]:
        """Yield the rows of a question part by part, until none stands behind the last one."""

    @abstractmethod
    def count(self, query: Asked) -> int:
        """Return how many rows there are, in the same terms."""

    @abstractmethod
    def shows(self, query: Asked) -> bool:
        """Say whether any row is shown."""

    @abstractmethod
    def refused_columns(self, query: Asked) -> list[str]:
        """Return the columns of a question that NetSuite refuses by themselves; none where it refuses all of it."""

    @abstractmethod
    def close(self) -> None:
        """Hang up."""

    @abstractmethod
    def of_kind(self, kind: str) -> Asked:
        """Return the question for all transactions of a type, by its code."""

    @abstractmethod
    def _expect_known(self, kind: str) -> None:
        """Raise ConnectorRefused where the role does not know a type of transaction at all."""

    @abstractmethod
    def _open_or_there(self, company: str) -> tuple[Asked, Asked]:
        """Return the questions for what is open in a subsidiary, and for its customers."""

    @abstractmethod
    def _currencies(self) -> dict[str, str]:
        """Read the ISO codes of currencies by their ids."""

    @abstractmethod
    def _companies(self) -> Iterable[Row]:
        """Read the subsidiaries that are creditors, all that are shown."""

    def history_from(self, bound: datetime) -> date:
        """Return the first day of the history."""
        return bound.astimezone(self.zone).date() - timedelta(days=self.settings.history_months * 365 // 12)

    @property
    def documents(self) -> tuple[str, ...]:
        """Return the types of documents that may be items."""
        return tuple(each for each in tables.DOCUMENTS if each != tables.DEPOSIT or self.settings.deposits)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the types of transactions that may be items."""
        return (*self.documents, tables.JOURNAL) if self.settings.journals else self.documents

    @property
    def money(self) -> tuple[str, ...]:
        """Return the types of transactions that are payments."""
        return tuple(each for each in tables.MONEY if each != tables.DEPOSIT or self.settings.deposits)

    @cached_property
    def currencies(self) -> dict[str, str]:
        """Return the ISO codes of currencies by their ids."""
        return self._currencies()

    @cached_property
    def subsidiaries(self) -> list[Row]:
        """Return the subsidiaries that are read; those that only eliminate are no creditors."""
        wanted = frozenset(self.settings.companies)
        return [row for row in self._companies() if not wanted or str(row["id"]) in wanted]

    @cached_property
    def base_currencies(self) -> dict[str, str]:
        """Return the id of each subsidiary's own currency."""
        return {str(row["id"]): str(row["currency"]) for row in self.subsidiaries if row.get("currency")}

    def currency(self, number: Any) -> str | None:
        """Return the ISO code of a currency; one that was made since they were read is asked for once."""
        key = str(number)
        if key not in self.currencies:
            self.__dict__.pop("currencies", None)
        return self.currencies.get(key)

    def currency_of(self, company: Any) -> str | None:
        """Return the ISO code of a subsidiary's own currency."""
        only = self.settings.company
        if only is not None:
            return only.currency if str(company) == only.id else None
        return self.currencies.get(self.base_currencies.get(str(company), ""))

    def expect_seen(self, kinds: Iterable[str]) -> None:
        """Raise ConnectorRefused where a kind of transaction cannot be seen: a lost permission looks like none open.

        A kind of which nothing at all is shown must at least be known to the role.
        """
        for kind in kinds:
            record, permission = tables.RECORDS[kind]
            if self.shows(self.of_kind(kind)):
                continue
            try:
                self._expect_known(kind)
            except ConnectorRefused as error:
                raise ConnectorRefused(
                    f"No {record} is shown, and {error.message} Nothing was taken as settled or gone.",
                    fix=f"let the NetSuite admin add the permission {permission} (View) to the connection's role"
                    f"{_UNUSED.get(kind, '')}.",
                ) from error

    def expect_companies(self, companies: Iterable[str]) -> None:
        """Raise ConnectorRefused for a subsidiary of which nothing is shown any more."""
        for company in sorted(set(companies)):
            if not any(self.shows(each) for each in self._open_or_there(company)):
                raise ConnectorRefused(
                    f"Nothing of subsidiary {company} is shown any more; nothing of it was taken as settled or gone.",
                    fix="let the NetSuite admin give the role this subsidiary back, or take it out of `companies`.",
                )
