"""The operations about the account itself: its clock, its addresses, its limits, its lists, what was deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from duehook.plugins.netsuite.simulator.tables.values import moment

from .envelope import Asked
from .faults import Failed
from .names import CORE, MESSAGES, local, tag
from .reading import Reading, reference
from .search.criteria import Condition, Criteria
from .search.source import part
from .status import status
from .values import instant, written

PAGE: Final = 1000
_DELETED: Final = part("", filters="deletedDate stamp deleteddate")
_LISTS: Final[Mapping[tuple[str, str], str]] = {  # the tables of what fields of a record may be set to
    ("customer", "terms"): "term", ("customer", "currency"): "currency", ("customer", "entitystatus"): "entitystatus",
    ("customer", "subsidiary"): "subsidiary", ("contact", "contactrole"): "contactrole", ("invoice", "terms"): "term",
}  # fmt: skip
_RECORD_OF: Final = {"entitystatus": "customerStatus", "contactrole": "contactRole"}


@dataclass
class About:
    """Answers what is asked about an account; `url` is where it is reached, `limit` its requests at once."""

    reading: Reading
    now: Callable[[], datetime]
    limit: int
    url: str = ""

    def server_time(self, asked: Asked) -> Element:
        """Answer getServerTime."""
        result = _result("getServerTimeResult")
        SubElement(result, tag(CORE, "serverTime")).text = written(self.now().astimezone(self.reading.context.zone))
        return result

    def urls(self, asked: Asked) -> Element:
        """Answer getDataCenterUrls."""
        result = _result("getDataCenterUrlsResult")
        named = SubElement(result, tag(CORE, "dataCenterUrls"))
        for name in ("restDomain", "webservicesDomain", "systemDomain"):
            SubElement(named, tag(CORE, name)).text = self.url
        return result

    def governance(self, asked: Asked) -> Element:
        """Answer getAccountGovernanceInfo."""
        result = _result("getAccountGovernanceInfoResult")
        for name in ("accountConcurrencyLimit", "unallocatedConcurrencyLimit"):
            SubElement(result, tag(CORE, name)).text = str(self.limit)
        return result

    def saved_searches(self, asked: Asked) -> Element:
        """Answer getSavedSearch: the account has none."""
        result = _result("getSavedSearchResult")
        SubElement(result, tag(CORE, "totalRecords")).text = "0"
        SubElement(result, tag(CORE, "recordRefList"))
        return result

    def select_values(self, asked: Asked) -> Element:
        """Answer getSelectValue: the values of a list field; raises Failed."""
        named = asked.body.find(tag(MESSAGES, "fieldDescription"))
        record, field = ("", "") if named is None else (
            named.findtext(tag(CORE, "recordType"), ""), named.findtext(tag(CORE, "field"), ""),
        )  # fmt: skip
        table = _LISTS.get((record, field.lower()))
        if table is None:
            raise Failed("INVALID_KEY_OR_REF", f"{field} of {record} is no list here.")
        database = self.reading.context.database
        rows = database.rows(f"SELECT id, name FROM `{table}` ORDER BY id")
        result = _result("getSelectValueResult")
        SubElement(result, tag(CORE, "totalRecords")).text = str(len(rows))
        SubElement(result, tag(CORE, "totalPages")).text = "1"
        listed = SubElement(result, tag(CORE, "baseRefList"))
        for row in rows:
            made = reference(_RECORD_OF.get(table, table), row["id"], None, tag(CORE, "baseRef"))
            SubElement(made, tag(CORE, "name")).text = row["name"]
            listed.append(made)
        return result

    def deleted(self, asked: Asked) -> Element:
        """Answer getDeleted with a page of what was deleted; raises Failed."""
        conditions = self._asked(asked.body.find(tag(MESSAGES, "getDeletedFilter")))
        index = asked.body.findtext(tag(MESSAGES, "pageIndex"), "1").strip()
        where = " AND ".join(["1", *(f"({each.sql})" for each in conditions)])
        statement = f"SELECT * FROM deletedrecord WHERE {where} ORDER BY deleteddate, recordid"
        rows = self.reading.context.database.rows(statement, *(held for each in conditions for held in each.values))
        pages = -(-len(rows) // PAGE)
        if not index.isdecimal() or not 1 <= int(index) <= max(pages, 1):
            raise Failed("INVALID_PAGE_INDEX", f"Invalid page index {index}: there are {pages} pages.")
        result = _result("getDeletedResult")
        counts = {"totalRecords": len(rows), "pageSize": PAGE, "totalPages": pages, "pageIndex": int(index)}
        for name, count in counts.items():
            SubElement(result, tag(CORE, name)).text = str(count)
        listed = SubElement(result, tag(CORE, "deletedRecordList"))
        listed.extend(self._entry(row) for row in rows[(int(index) - 1) * PAGE : int(index) * PAGE])
        return result

    def _entry(self, row: Mapping[str, Any]) -> Element:
        entry = Element(tag(CORE, "deletedRecord"))
        at = instant(row["deleteddate"], self.reading.context.zone)
        SubElement(entry, tag(CORE, "deletedDate")).text = at
        made = reference(row["type"], row["recordid"], None, tag(CORE, "record"))
        SubElement(made, tag(CORE, "name")).text = row["name"]
        entry.append(made)
        return entry

    def _asked(self, filters: Element | None) -> list[Condition]:
        criteria = Criteria(self.reading.context.zone, self._today(), {})
        found: list[Condition] = []
        for child in () if filters is None else filters:
            if local(child.tag) == "type":
                values = tuple((each.text or "").strip() for each in child)
                sql = f"type IN ({', '.join('?' * len(values))})"
                found.append(Condition(f"NOT {sql}" if child.get("operator") == "noneOf" else sql, values))
            elif local(child.tag) == "deletedDate":
                found.append(criteria.condition(_DELETED.filters["deletedDate"], child))
            else:
                found.append(Condition("0", ()))  # by script id: the account has no records of its own
        return found

    def _today(self) -> str:
        return (moment(self.now(), self.reading.context.zone) or "")[1:11]


def _result(name: str) -> Element:
    made = Element(tag(CORE, name))
    made.append(status())
    return made
