"""Comment lines of customers, as page 124 gives them: eighty signs a line."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from duehook.core.testing.odata import ODataError, Table, Written

from .codes import company_id, day

Row = dict[str, Any]
LONGEST: Final = {"Comment": 80, "Code": 10}
_STEP: Final = 10_000
CUSTOMER: Final = "Customer"


class Comments:
    """All comment lines by company; `kept` holds them over a restart, in the order in which they were written."""

    def __init__(self, kept: list[list[Any]], companies: list[str]) -> None:
        """Take those that were kept."""
        self.tables = {company: Table(_row) for company in companies}
        self._kept = kept
        for line in kept:
            self.tables[line[0]].put((line[1], line[2], line[3]), line)

    def lines(self, customer: str) -> list[str]:
        """Return the lines on a customer in all companies, oldest first."""
        return [line[6] for line in self._kept if (line[1], line[2]) == (CUSTOMER, customer)]

    def add(self, written: Written, company: str, *, on: date) -> Row:
        """Add a line; raises ODataError with what Business Central would say."""
        values = written.values
        for name, longest in LONGEST.items():
            text = values.get(name) or ""
            if len(text) > longest:
                raise ODataError(
                    400,
                    f"The length of the string is {len(text)}, but it must be less than or equal to {longest} "
                    f"characters. Value: {text}",
                    code="Application_StringExceededLength",
                )
        sort, number = str(values.get("Table_Name") or ""), str(values.get("No") or "")
        place = values.get("Line_No") or self._next(company, sort, number)
        if self.tables[company].get((sort, number, place)) is not None:
            raise ODataError(
                400,
                "The record in table Comment Line already exists. Identification fields and values: "
                f"Table Name='{sort}',No.='{number}',Line No.='{place}'",
                code="Internal_EntityWithSameKeyExists",
            )
        on = values.get("Date") or on
        line = [company, sort, number, place, on.isoformat(), values.get("Code") or "", values.get("Comment") or ""]
        return self._keep(line)

    def write(self, customer: str, company: str, text: str, *, on: date) -> None:
        """Let a user write a text on a customer, in as many lines as it needs."""
        own = company_id(company)
        for begun in range(0, max(len(text), 1), LONGEST["Comment"]):
            place = self._next(own, CUSTOMER, customer)
            part = text[begun : begun + LONGEST["Comment"]]
            self._keep([own, CUSTOMER, customer, place, on.isoformat(), "", part])

    def _next(self, company: str, sort: str, number: str) -> int:
        """Return the place behind the last line of somebody."""
        taken = self.tables[company].keys((sort, number))
        return int(taken[-1][2]) + _STEP if taken else _STEP

    def _keep(self, line: list[Any]) -> Row:
        self._kept.append(line)
        self.tables[line[0]].put((line[1], line[2], line[3]), line)
        return _row(line)


def _row(line: list[Any]) -> Row:
    _, sort, number, place, on, code, comment = line
    return {
        "Table_Name": sort, "No": number, "Line_No": place, "Date": day(date.fromisoformat(on)), "Code": code,
        "Comment": comment,
    }  # fmt: skip
