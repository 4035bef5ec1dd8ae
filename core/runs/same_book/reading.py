"""One connector over its simulator: read whole, read again after some days, tied out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from duehook.core.books import Books
from duehook.core.context import Context
from duehook.core.hookspecs import Source
from duehook.core.plugins import Plugins
from duehook.core.runs.imports.report import ImportReport
from duehook.core.runs.imports.rules import ImportRules
from duehook.core.runs.imports.run import ORDER, import_connection
from duehook.core.runs.imports.session import Session
from duehook.core.runs.tie_out import Explanation, TieOut, tie_out_connection
from duehook.core.testing.contract.erp import SimulatedErp
from duehook.core.testing.contract.running import Simulators
from duehook.core.testing.contract.under_test import Connector

from .book import Balance, LeftOut, Shape, company_codes, left_out

ANY: Final = Decimal(1)  # a small book may fall by much, and its balances are held against the book anyhow
NOT_COUNTED: Final = "a request log"  # what a simulator lacks that cannot count its requests


@dataclass(frozen=True)
class Step:
    """What was read and asked in one step; `requests` is None where the simulator cannot count them."""

    name: str
    rows: int
    requests: int | None


@dataclass(frozen=True)
class Reading:
    """What stands in the books of one connector after the second reading.

    `explained` are the documents that the tie-out found different, by reason, `unexplained` counts those without
    one; `left_out` is what the ERP cannot tell of the book, `lacks` the streams that it does not give and, under
    NOT_COUNTED, why requests are not counted, each with the reason. `error` says why there is nothing more.
    """

    connector: str
    documents: int = 0
    balances: tuple[Balance, ...] = ()
    steps: tuple[Step, ...] = ()
    explained: tuple[Explanation, ...] = ()
    unexplained: int = 0
    left_out: tuple[LeftOut, ...] = ()
    lacks: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None


def read_through(plugins: Plugins, type: str, shape: Shape, context: Context, *, folder: Path) -> Reading:
    """Read the book through one connector. Raises what the simulator, its source and the import raise."""
    folder.mkdir()
    simulators = Simulators(plugins, type, lambda: folder)
    try:
        erp = simulators.start(**shape.options)
        settings = {**simulators.settings(erp), **erp.site_settings}
        with (
            closing(Connector(plugins, type, settings, str(folder))) as connector,
            closing(Books.open("sqlite:///books.db", folder)) as books,
        ):
            books.migrate()
            rules = ImportRules(companies=company_codes(erp), balance_drop=ANY)
            return _Read(type, erp, connector.sources(), books, context, rules).whole(shape)
    finally:
        simulators.stop()


@dataclass
class _Read:
    """What one connector's reading works at."""

    type: str
    erp: SimulatedErp
    sources: Sequence[Source]
    books: Books
    context: Context
    rules: ImportRules
    steps: list[Step] = field(default_factory=list)

    def whole(self, shape: Shape) -> Reading:
        """Read, let the days pass, read again, and tie out."""
        self._import("first reading")
        if shape.days:
            self.erp.advance_to(shape.ends_on)
            self._import(f"{shape.days} days later")
        found = self._tied_out()
        told = {*ORDER, NOT_COUNTED}
        kept = getattr(self.erp, "as_normal", ())  # documents that are there, without their class
        return Reading(
            self.type,
            documents=sum(part.documents for part in found),
            balances=tuple(_balances(found)),
            steps=tuple(self.steps),
            explained=tuple(each for part in found for each in part.explanations),
            unexplained=sum(len(part.unexplained) for part in found),
            left_out=left_out(self.erp.book, {name: why for name, why in self.erp.lacks.items() if name not in kept}),
            lacks={name: why for name, why in self.erp.lacks.items() if name in told},
        )

    def _import(self, name: str) -> None:
        before = self._requests()
        report = import_connection(
            self.books, self.type, self.sources, self.context, as_of=self.erp.book.day, rules=self.rules
        )
        self._note(name, before, sum(part.read for part in report.streams.values()))

    def _tied_out(self) -> list[TieOut]:
        before, day = self._requests(), self.erp.book.day
        report = ImportReport(self.type, "tie_out", day)
        session = Session(self.books, self.type, self.context, day, self.rules, report)
        items = next(source for source in self.sources if "item" in source.streams)
        found = tie_out_connection(session, items, companies=sorted({*self.rules.companies.values()}))
        self._note("tie-out", before, 0)
        return found

    def _requests(self) -> int | None:
        count: Any = None if NOT_COUNTED in self.erp.lacks else getattr(self.erp, "request_count", None)
        return None if count is None else int(count)

    def _note(self, name: str, before: int | None, rows: int) -> None:
        now = self._requests()
        self.steps.append(Step(name, rows, None if now is None or before is None else now - before))


def _balances(found: Sequence[TieOut]) -> list[Balance]:
    return [
        Balance(part.company, heading.item_class, heading.currency, heading.ours)
        for part in found
        for heading in part.headings
        if heading.ours
    ]
