"""A drop folder of several files: what the last one says of a key holds, whichever of them is read again."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.store.imports import quarantine
from duehook.core.books.tables.ledger import contact, customer, item, payment
from duehook.core.errors import ConnectorDown, RunStopped
from duehook.core.hookspecs import Source
from duehook.core.runs.imports import ImportReport, ImportRules, import_connection, retry
from duehook.core.runs.imports.parked import discard
from duehook.core.runs.site import Site
from duehook.core.runs.tie_out import TieOut, tie_out
from tests.rigs.literal_source import AS_OF, Clock, context

MAPPING = """\
streams:
  customer:
    files: customers*.csv
    fields: {company: Company, key: No, name: Name, state: {column: Block, codes: {I: insolvent}, default: active}}
  contact:
    files: contacts*.csv
    fields: {company: Company, key: No, customer: Customer, email: Mail}
  item:
    files: items*.csv
    fields:
      company: Company
      key: No
      customer: Customer
      kind: {constant: invoice}
      currency: {constant: EUR}
      amount: Amount
      open_amount: Open
      document_on: Date
      due_on: Due
      document_no: No
  payment:
    files: payments*.csv
    fields:
      {company: Company, key: No, customer: Customer, currency: {constant: EUR}, amount: Amount, received_on: Date}
"""
TOGETHER = MAPPING.replace("files: items*.csv", "files: items*.csv\n    snapshot: together")
HEADS = {
    "items": "Company,No,Customer,Amount,Open,Date,Due\n",
    "customers": "Company,No,Name,Block\n",
    "contacts": "Company,No,Customer,Mail\n",
    "payments": "Company,No,Customer,Amount,Date\n",
}
YAML = """\
version: 1
database: {file: database.url}
companies:
  "01": {erp: {connection: sheets, code: "1000"}}
connections:
  sheets: {type: files, folder: drop, mapping: map.yaml, settle_seconds: 0}
"""
RULES = ImportRules(companies={"1000": "01"}, bad_rows=Decimal(1))


def line(key: str, left: str, *, amount: str = "100.00") -> str:
    return f"1000,{key},A,{amount},{left},2026-01-05,2026-02-04"


class Sheets:
    """A site whose ledger is a drop folder of files that are news."""

    def __init__(self, at: Path, site: Site) -> None:
        self.at, self.site, self.context = at, site, context(Clock())

    def put(self, name: str, *rows: str) -> None:
        head = next(head for begin, head in HEADS.items() if name.startswith(begin))
        (self.at / "drop" / f"{name}.csv").write_text(head + "".join(f"{row}\n" for row in rows))

    @property
    def sources(self) -> list[Source]:
        return list(self.site.sources("sheets").values())

    def load(self, *, rules: ImportRules = RULES, full: bool = False, dry_run: bool = False) -> ImportReport:
        return import_connection(
            self.site.books,
            "sheets",
            self.sources,
            self.context,
            as_of=AS_OF,
            rules=rules,
            full=full,
            dry_run=dry_run,
            accept_drop=True,
        )

    def retry(self) -> ImportReport:
        return retry(self.site.books, "sheets", self.sources, self.context, as_of=AS_OF, rules=RULES)

    def tie_out(self) -> TieOut:
        return tie_out(self.site, self.context, "01").parts[0]

    def rows(self, table: Any) -> dict[str, Any]:
        with self.site.books.read() as tx:
            return {row.key: row for row in tx.execute(select(table))}

    def open(self) -> dict[str, int]:
        return {key: row.open_amount // 10_000 for key, row in self.rows(item).items()}

    def parked(self) -> dict[str, str]:
        with self.site.books.read() as tx:
            return {row.key: row.reason for row in quarantine.rows(tx, "sheets")}


@pytest.fixture
def sheets(tmp_path: Path, books: Books, database_url: str) -> Iterator[Sheets]:
    (tmp_path / "drop").mkdir()
    (tmp_path / "map.yaml").write_text(MAPPING)
    (tmp_path / "database.url").write_text(database_url)
    (tmp_path / "duehook.yaml").write_text(YAML)
    with Site.open(tmp_path / "duehook.yaml") as site:
        made = Sheets(tmp_path, site)
        made.put("customers1", "1000,A,Alpha,")
        yield made


def test_a_retry_never_settles_a_parked_row_by_an_older_file(sheets: Sheets) -> None:
    sheets.put("items1", line("R1", "100.00"))
    sheets.load()
    sheets.put("items2", line("R1", "zero"), line("R2", "5.00"))
    sheets.load()
    assert (sheets.retry().resolved, list(sheets.parked())) == (0, ["R1"])
    sheets.put("items3", line("R1", "40.00"))
    assert (sheets.retry().resolved, sheets.open()) == (1, {"R1": 40, "R2": 5})


def test_an_item_whose_last_row_is_bad_is_told_by_no_file_and_stays_as_it_is(sheets: Sheets) -> None:
    sheets.put("items1", line("R1", "100.00"), line("R2", "100.00"))
    sheets.put("items2", line("R1", "zero"))
    sheets.load()
    sheets.put("items1", line("R1", "100.00"), line("R2", "100.00"), line("R3", "1.00"))
    sheets.load()
    assert (sheets.open(), list(sheets.parked())) == ({"R2": 100, "R3": 1}, ["R1"])
    sheets.put("items3", line("R2", "zero"))
    sheets.load()
    found = sheets.tie_out()
    assert (found.state, [(one.document, one.explained_by) for one in found.differences]) == (
        "explained",
        [("R2", "in quarantine")],
    )
    assert sheets.rows(item)["R2"].state == "open"


def test_a_corrected_older_file_does_not_undo_what_newer_files_said(sheets: Sheets) -> None:
    sheets.put("items1", line("R1", "100.00"))
    sheets.put("items2", line("R1", "0.00"))
    sheets.load()
    sheets.put("items1", line("R1", "100.00"), line("R2", "50.00"))
    told = sheets.load()
    assert sheets.open() == {"R1": 0, "R2": 50}
    assert "items1.csv: 1 rows skipped: a later file tells of them" in told.streams["item"].notes


def test_a_file_that_comes_late_does_not_undo_a_newer_one(sheets: Sheets) -> None:
    sheets.put("items1", line("R1", "100.00"))
    sheets.put("items3", line("R1", "0.00"))
    sheets.load()
    sheets.put("items2", line("R1", "40.00"), line("R2", "7.00"))
    told = sheets.load()
    assert (told.streams["item"].read, sheets.open()) == (1, {"R1": 0, "R2": 7})


def test_a_row_that_a_corrected_newer_file_has_no_more_lets_the_older_one_count_again(sheets: Sheets) -> None:
    sheets.put("items1", line("R1", "100.00"))
    sheets.put("items2", line("R1", "0.00"), line("R2", "5.00"))
    sheets.load()
    sheets.put("items2", line("R2", "5.00"))
    sheets.load()
    assert sheets.open() == {"R1": 100, "R2": 5}


def test_an_older_file_of_customers_contacts_or_payments_undoes_nothing(sheets: Sheets) -> None:
    sheets.put("customers1", "1000,A,Alpha,", "1000,B,Beta,")
    sheets.put("customers2", "1000,A,Alpha,I")
    sheets.put("contacts1", "1000,C1,A,old@alpha.example")
    sheets.put("contacts2", "1000,C1,A,new@alpha.example")
    sheets.put("payments1", "1000,Z1,A,70.00,2026-01-20")
    sheets.put("payments2", "1000,Z1,A,7.00,2026-01-20")
    sheets.load()
    sheets.put("customers1", "1000,A,Alpha,", "1000,B,Beta Ltd,")
    sheets.put("contacts1", "1000,C1,A,older@alpha.example")
    sheets.put("payments1", "1000,Z1,A,700.00,2026-01-20")
    sheets.load()
    assert {key: (row.name, row.state) for key, row in sheets.rows(customer).items()} == {
        "A": ("Alpha", "insolvent"),
        "B": ("Beta Ltd", "active"),
    }
    assert sheets.rows(contact)["C1"].email == "new@alpha.example"
    assert sheets.rows(payment)["Z1"].amount == 70_000


def test_a_full_import_of_news_reopens_no_item_that_was_paid_in_part(sheets: Sheets) -> None:
    sheets.put("items1", line("R1", "100.00"))
    sheets.put("items2", line("R1", "40.00"))
    sheets.load()
    told = sheets.load(full=True)
    row = sheets.rows(item)["R1"]
    assert (row.open_amount, row.reopened_on, told.written) == (400_000, None, 0)


def test_a_reading_that_a_changing_file_broke_off_loses_no_row_of_the_older_ones(sheets: Sheets) -> None:
    sheets.put("items1", line("R1", "100.00"))
    sheets.put("items2", line("R1", "0.00"), line("R2", "5.00"))

    class Changing:
        """Takes R1 out of the newer file after the first page of items."""

        def __init__(self, inner: Source) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> Any:
            return getattr(self._inner, name)

        def read(self, stream: Any, *given: Any) -> Iterator[Any]:
            for page in self._inner.read(stream, *given):
                if stream == "item" and page.rows:
                    sheets.put("items2", line("R2", "5.00"))
                yield page

    sources: list[Any] = [Changing(source) for source in sheets.sources]
    with pytest.raises(ConnectorDown, match=r"items2.csv changed while it was read"):
        import_connection(sheets.site.books, "sheets", sources, sheets.context, as_of=AS_OF, rules=RULES)
    sheets.load()
    assert sheets.open() == {"R1": 100, "R2": 5}


def test_two_files_of_one_state_that_tell_a_key_differently_are_told_with_both_places(sheets: Sheets) -> None:
    (sheets.at / "map.yaml").write_text(TOGETHER)
    sheets.put("items_north", line("R1", "100.00"), line("R2", "9.00"), line("R3", "8.00"))
    sheets.put("items_south", line("R4", "1.00"), line("R1", "90.00"), line("R2", "9.00"))
    told = sheets.load()
    reason = "2 rows have one key, items_north.csv:2 and items_south.csv:3; only one may stand there"
    assert sheets.parked() == {"R1": f"items_south.csv:3: {reason}"}
    assert (told.streams["item"].parked, sheets.open()) == (2, {"R2": 9, "R3": 8, "R4": 1})
    assert "items_north.csv: 1 rows skipped: equal to a row of another file" in told.streams["item"].notes
    assert sheets.retry().resolved == 0
    sheets.put("items_south", line("R4", "1.00"))
    assert (sheets.load().waiting_in_quarantine, sheets.open()["R1"]) == (0, 100)


def test_a_run_that_too_many_bad_rows_stopped_stops_again_until_they_are_mended(sheets: Sheets) -> None:
    rules = ImportRules(companies={"1000": "01"})
    good, bad = [line(f"R{at}", "1.00") for at in range(50)], [line(f"R{at}", "x") for at in range(50, 100)]
    sheets.put("items1", *good, *bad)
    for _ in range(2):
        with pytest.raises(RunStopped, match=r"50 of 100 item rows of sheets are bad; 1.00% of 100 are allowed"):
            sheets.load(rules=rules)
    assert (sheets.load(rules=rules, dry_run=True).stopped or "")[:41] == "50 of 100 item rows of sheets are bad; 1."
    sheets.put("items1", *good, *(row.replace("x", "1.00") for row in bad[1:]), bad[0])
    assert sheets.load(rules=rules, dry_run=True).stopped is None
    assert sheets.load(rules=rules).waiting_in_quarantine == 1


def test_rows_that_were_set_aside_or_are_gone_from_a_full_file_stop_no_run(sheets: Sheets) -> None:
    rules = ImportRules(companies={"1000": "01"})
    sheets.put("items1", line("R1", "1.00"), line("R2", "x"))
    with pytest.raises(RunStopped, match="1 of 2 item rows"):
        sheets.load(rules=rules)
    with sheets.site.books.read() as tx:
        (row,) = quarantine.rows(tx, "sheets")
    discard(sheets.site.books, row.id, sheets.context, why="a test row")
    assert sheets.load(rules=rules).generation is not None
    sheets.put("items1", line("R1", "1.00"), line("R2", "y"))
    with pytest.raises(RunStopped, match="1 of 2 item rows"):
        sheets.load(rules=rules)
    sheets.put("items1", line("R1", "1.00"))
    assert sheets.load(rules=rules).superseded == 1
