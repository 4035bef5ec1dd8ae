"""One NetSuite account by SuiteTalk as the sources and the target see it: its searches, its lists and its clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from xml.etree.ElementTree import Element

from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import UpperBound
from duehook.core.settings.connector import with_codes
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.fields import LISTS, fields_of
from duehook.plugins.netsuite.settings import NetsuiteSettings
from duehook.plugins.netsuite.suiteql import LISTED

from . import words
from .client import answers
from .client.faults import NoRecord
from .client.service import open_soap
from .custom import Customs
from .records import Records
from .search import OPEN, Search, any_of, flag, ids
from .searching import Searching

Row = dict[str, Any]
COMPANY: Final = Search("Subsidiary", (
    "internalId", "name", "nameNoHierarchy", "legalName", "currency", "country", "taxIdNum", "isElimination",
))  # fmt: skip
MEMBER: Final = Search("CustomerSubsidiaryRelationship", ("internalId", "entity", "subsidiary"))
ROLE: Final = Search("ContactRole", ("internalId", "name"))
KIND: Final = Search("Transaction", ("internalId", "type")).under(mainLine=flag(held=True))
LINES: Final = Search("Transaction", ("internalId", "type"), several=True).under(
    type=any_of(words.JOURNAL), accountType=any_of(words.RECEIVABLE)
)


class SoapSite(Searching):
    """What is asked of one account by SuiteTalk, in words of receivables."""

    def __init__(self, settings: NetsuiteSettings, name: str) -> None:
        """Take the connection's settings and its name. Raises ConfigError with all faults of its field mapping."""
        self.fields = fields_of(settings)
        self.settings = with_codes(settings, self.fields, LISTS)
        self.name, self.zone = name, settings.zone
        super().__init__(open_soap(settings, name), settings.page_size)
        self.custom = Customs(self.soap)
        self.service = Records(self.soap, self.custom, settings.zone)

    def bound(self) -> UpperBound:
        """Return the server's clock."""
        at = self.soap.clock()
        return UpperBound({"at": at.isoformat()}, at)

    def history_from(self, bound: datetime) -> date:
        """Return the first day of the history."""
        day = bound.astimezone(self.zone).date()
        return day - timedelta(days=self.settings.history_months * 365 // 12)

    def get(self, references: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], Element | str]]:
        """Yield records by their type and id; of one that is not shown what NetSuite says of it."""
        for start in range(0, len(references), LISTED):
            part = references[start : start + LISTED]
            asked = [(kind, {"internalId": key}) for kind, key in part]
            for reference, answer in zip(part, self.soap.get_list(asked), strict=True):
                found = answers.child(answer, "record")
                yield reference, found if found is not None else answers.complaint(answer)

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

    @property
    def within(self) -> Mapping[str, Any] | None:
        """Return the criterion of the subsidiaries that are read; None for all."""
        return ids(self.settings.companies) if self.settings.companies else None

    @cached_property
    def currencies(self) -> dict[str, str]:
        """Return the ISO codes of currencies by their ids."""
        found = [answers.record(each) or {} for each in self.soap.all_of("currency")]
        return {str(row["internalId"]): str(row["symbol"]) for row in found if row.get("symbol")}

    @cached_property
    def subsidiaries(self) -> list[Row]:
        """Return the subsidiaries that are read; those that only eliminate are no creditors."""
        wanted = frozenset(self.settings.companies)
        found = [_subsidiary(row) for row in self.every(COMPANY) if row.get("isElimination") != "true"]
        return [row for row in found if not wanted or row["id"] in wanted]

    @cached_property
    def base_currencies(self) -> dict[str, str]:
        """Return the id of each subsidiary's own currency."""
        return {row["id"]: str(row["currency"]) for row in self.subsidiaries if row.get("currency")}

    @cached_property
    def roles(self) -> dict[str, str]:
        """Return the names of contacts' roles by their ids."""
        return {str(row["internalId"]): str(row.get("name") or "") for row in self.every(ROLE)}

    def currency(self, number: Any) -> str | None:
        """Return the ISO code of a currency; one that was made since they were read is asked for once."""
        key = str(number)
        if key not in self.currencies:
            self.__dict__.pop("currencies", None)
        return self.currencies.get(key)

    def currency_of(self, company: Any) -> str | None:
        """Return the ISO code of a subsidiary's own currency."""
        return self.currencies.get(self.base_currencies.get(str(company), ""))

    def members(self, customers: Iterable[int]) -> set[str]:
        """Return those of these customers that there are, and that belong to a subsidiary that is read."""
        search = MEMBER.only("entity").under(subsidiary=self.within)
        return {str(row.get("entity")) for row in self.by_id(search, customers, "entity")}

    def member(self, company: int, customer: int) -> Row | None:
        """Return a customer as writing looks at it in a subsidiary; None where there is none."""
        search = MEMBER.with_columns("customerJoin.creditHold")
        for row in self.every(search.under(entity=ids([customer]), subsidiary=ids([company]))):
            hold = words.hold_of(row.get("customerJoin.creditHold"))
            return {"id": row.get("entity"), "subsidiary": row.get("subsidiary"), "creditholdoverride": hold}
        return None

    def document(self, number: int) -> Row | None:
        """Return what a transaction is that a command is about: type, customer and subsidiary; None for none."""
        search = KIND.with_columns("entity", "subsidiary").under(type=types(tables.DOCUMENTS))
        for row in self.by_id(search, [number]):
            return {
                "doctype": words.code_of(row.get("type")),
                "entity": row.get("entity"),
                "subsidiary": row.get("subsidiary"),
            }
        return None

    def expect_seen(self, kinds: Iterable[str]) -> None:
        """Raise ConnectorRefused where a kind of transaction cannot be seen: a lost permission looks like none open."""
        for kind in kinds:
            if self.shows(of_kind(kind)):
                continue
            record, permission = tables.RECORDS[kind]
            try:
                self.soap.get(words.RECORDS[kind], internalId="0")
            except NoRecord:
                continue
            except ConnectorRefused as error:
                raise ConnectorRefused(
                    f"No {record} is shown, and {error.message} Nothing was taken as settled or gone.",
                    fix=f"let the NetSuite admin add the permission {permission} (View) to the connection's role.",
                ) from error

    def expect_companies(self, companies: Iterable[str]) -> None:
        """Raise ConnectorRefused for a subsidiary of which nothing is shown any more."""
        for company in sorted(set(companies)):
            here = ids([company])
            open_ones = KIND.under(type=types(self.documents), amountRemaining=OPEN, subsidiary=here)
            if not self.shows(open_ones) and not self.shows(MEMBER.under(subsidiary=here)):
                raise ConnectorRefused(
                    f"Nothing of subsidiary {company} is shown any more; nothing of it was taken as settled or gone.",
                    fix="let the NetSuite admin give the role this subsidiary back, or take it out of `companies`.",
                )

    def close(self) -> None:
        """Hang up."""
        self.soap.close()


def types(kinds: Iterable[str]) -> Mapping[str, Any]:
    """Return the criterion that a transaction is of one of these types, by the codes of SuiteQL."""
    return any_of(*(words.WORDS[kind] for kind in kinds))


def of_kind(kind: str) -> Search:
    """Return the search of all transactions of a type."""
    return LINES if kind == tables.JOURNAL else KIND.under(type=types([kind]))


def _subsidiary(row: Row) -> Row:
    return {
        "id": str(row["internalId"]), "name": row.get("nameNoHierarchy") or row.get("name"),
        "legalname": row.get("legalName"), "currency": row.get("currency"), "federalidnumber": row.get("taxIdNum"),
        "country": words.country_of(row.get("country")),
    }  # fmt: skip
