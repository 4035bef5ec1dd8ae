"""One NetSuite account by SuiteTalk as the sources and the target see it: its searches, its lists and its clock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final
from xml.etree.ElementTree import Element

from duehook.core.hookspecs import UpperBound
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.account import Account, Row
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

COMPANY: Final = Search("Subsidiary", (
    "internalId", "name", "nameNoHierarchy", "legalName", "currency", "country", "taxIdNum", "isElimination",
))  # fmt: skip
MEMBER: Final = Search("CustomerSubsidiaryRelationship", ("internalId", "entity", "subsidiary"))
ROLE: Final = Search("ContactRole", ("internalId", "name"))
KIND: Final = Search("Transaction", ("internalId", "type")).under(mainLine=flag(held=True))
LINES: Final = Search("Transaction", ("internalId", "type"), several=True).under(
    type=any_of(words.JOURNAL), accountType=any_of(words.RECEIVABLE)
)


class SoapSite(Searching, Account[Search]):
    """What is asked of one account by SuiteTalk, in words of receivables."""

    def __init__(self, settings: NetsuiteSettings, name: str) -> None:
        """Take the connection's settings and its name. Raises ConfigError with all faults of its field mapping."""
        Account.__init__(self, settings, name)
        Searching.__init__(self, open_soap(settings, name), settings.page_size)
        self.custom = Customs(self.soap)
        self.service = Records(self.soap, self.custom, settings.zone)

    def bound(self) -> UpperBound:
        """Return the server's clock."""
        at = self.soap.clock()
        return UpperBound({"at": at.isoformat()}, at)

    def get(self, references: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], Element | str]]:
        """Yield records by their type and id; of one that is not shown what NetSuite says of it."""
        for start in range(0, len(references), LISTED):
            part = references[start : start + LISTED]
            asked = [(kind, {"internalId": key}) for kind, key in part]
            for reference, answer in zip(part, self.soap.get_list(asked), strict=True):
                found = answers.child(answer, "record")
                yield reference, found if found is not None else answers.complaint(answer)

    @property
    def within(self) -> Mapping[str, Any] | None:
        """Return the criterion of the subsidiaries that are read; None for all."""
        return ids(self.settings.companies) if self.settings.companies else None

    @cached_property
    def roles(self) -> dict[str, str]:
        """Return the names of contacts' roles by their ids."""
        return {str(row["internalId"]): str(row.get("name") or "") for row in self.every(ROLE)}

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

    def of_kind(self, kind: str) -> Search:
        """Return the search of all transactions of a type, by its code."""
        return LINES if kind == tables.JOURNAL else KIND.under(type=types([kind]))

    def close(self) -> None:
        """Hang up."""
        self.soap.close()

    def _expect_known(self, kind: str) -> None:
        with contextlib.suppress(NoRecord):
            self.soap.get(words.RECORDS[kind], internalId="0")

    def _open_or_there(self, company: str) -> tuple[Search, Search]:
        here = ids([company])
        open_ones = KIND.under(type=types(self.documents), amountRemaining=OPEN, subsidiary=here)
        return open_ones, MEMBER.under(subsidiary=here)

    def _currencies(self) -> dict[str, str]:
        found = [answers.record(each) or {} for each in self.soap.all_of("currency")]
        return {str(row["internalId"]): str(row["symbol"]) for row in found if row.get("symbol")}

    def _companies(self) -> Iterable[Row]:
        return (_subsidiary(row) for row in self.every(COMPANY) if row.get("isElimination") != "true")


def types(kinds: Iterable[str]) -> Mapping[str, Any]:
    """Return the criterion that a transaction is of one of these types, by the codes of SuiteQL."""
    return any_of(*(words.WORDS[kind] for kind in kinds))


def _subsidiary(row: Row) -> Row:
    return {
        "id": str(row["internalId"]), "name": row.get("nameNoHierarchy") or row.get("name"),
        "legalname": row.get("legalName"), "currency": row.get("currency"), "federalidnumber": row.get("taxIdNum"),
        "country": words.country_of(row.get("country")),
    }  # fmt: skip
