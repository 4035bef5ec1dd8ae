"""Two real receivables ledgers, imported with the example mappings of docs/examples, to the cent."""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import func, select

from duehook.core.books.store import habits
from duehook.core.books.tables.ledger import customer, item
from duehook.core.context import Actor, Context
from duehook.core.hookspecs import UpperBound
from duehook.core.money import from_scaled
from duehook.core.runs.age import age, report
from duehook.core.runs.check import check_connection
from duehook.core.runs.dunning.dun import dun
from duehook.core.runs.dunning.explain import explain
from duehook.core.runs.imports import ImportReport, ImportRules, import_connection
from duehook.core.runs.packs import scheme_of
from duehook.core.runs.site import Site

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "ar"
OPEN_BOOK, IBM = DATA / "open_book", DATA / "ibm"
CODES = ("CA02", "U001", "U002", "U005", "U007", "U013")
NOTHING = dict.fromkeys(("company", "customer", "item"), (0, 0, 0))
AS_OF = date(2020, 5, 1)
CONTEXT = Context(Actor("person", "ann", "test"), lambda: datetime(2020, 5, 1, 9, 0, tzinfo=UTC), "c-1")


@dataclass
class Book:
    """A site whose only connection is a folder of real data, and the report of its first import."""

    site: Site
    first: ImportReport

    @classmethod
    def load(cls, folder: Path, database: str, name: str, companies: tuple[str, ...]) -> Book:
        """Write a duehook.yaml for a folder of data with its example mapping, open the site and import."""
        listed = "\n".join(f'  {code}: {{erp: {{connection: book, code: "{code}"}}}}' for code in companies)
        mapping = ROOT / "docs" / "examples" / f"{name}.yaml"
        (folder / "database.url").write_text(database)
        (folder / "duehook.yaml").write_text(
            f"version: 1\ndatabase: {{file: database.url}}\ncompanies:\n{listed}\nconnections:\n"
            f"  book: {{type: files, folder: {DATA / name}, mapping: {mapping}, settle_seconds: 0}}\n"
        )
        site = Site.open(folder / "duehook.yaml")
        return cls(site, imported(site))


def imported(site: Site, *, full: bool = False) -> ImportReport:
    rules = ImportRules(companies=site.settings.companies_of("book"))
    sources = list(site.sources("book").values())
    return import_connection(site.books, "book", sources, CONTEXT, as_of=AS_OF, rules=rules, full=full)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def load(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Book]:
    """Give the function that loads a real book into a fresh database, once of each kind."""

    def load(name: str, companies: tuple[str, ...]) -> Book:
        if not (DATA / name).is_dir():
            pytest.skip(f"the real book is not there: {DATA / name}")
        folder = tmp_path_factory.mktemp(name)
        if request.param == "sqlite":
            shutil.copyfile(request.getfixturevalue("migrated_file"), folder / "books.db")
            return Book.load(folder, f"sqlite:///{folder}/books.db", name, companies)
        cluster, template = (request.getfixturevalue(each) for each in ("cluster", "migrated_template"))
        return Book.load(folder, cluster.create(f"real_{name}", template=template), name, companies)

    return load


@pytest.fixture(scope="module")
def open_book(load: Callable[..., Book]) -> Iterator[Book]:
    book = load("open_book", CODES)
    with book.site:
        yield book


@pytest.fixture(scope="module")
def ibm(load: Callable[..., Book]) -> Iterator[Book]:
    book = load("ibm", ("IBM",))
    with book.site:
        yield book


def test_open_book_is_imported_to_the_cent_and_says_what_rounding_did(open_book: Book) -> None:
    told = open_book.first
    assert {name: (part.read, part.new, part.parked) for name, part in told.streams.items()} == {
        "company": (6, 6, 0),
        "customer": (694, 694, 0),
        "item": (9681, 9681, 0),
    }
    assert sum(by["USD"] for by in told.balances.values()) == Decimal("310427859.02")
    (rounding,) = [note for note in told.streams["item"].notes if " amount " in note]
    assert rounding.startswith("nulldata.csv: amount in USD (2 decimals): 631 of 9,681 are finer than the currency ")
    assert "(301 finer than four decimals); raw sum 310,427,858.97" in rounding
    assert "rounded half_up 310,427,859.02, difference +0.0460" in rounding
    assert "nulldata.csv: 27 due dates precede the posting date (kept)" in told.streams["item"].notes
    assert told.streams["customer"].notes == [
        "nulldata.csv: 384 records have other names too, kept as aliases",
    ]


def test_a_second_import_of_the_same_files_reads_and_writes_nothing(open_book: Book) -> None:
    again = imported(open_book.site)
    assert {name: (part.read, part.new, part.changed) for name, part in again.streams.items()} == dict.fromkeys(
        ("company", "customer", "item"), (0, 0, 0)
    )
    assert again.sweep is not None
    assert (again.sweep.listed, again.sweep.vanished) == (9681, 0)
    full = imported(open_book.site, full=True)
    assert (full.streams["item"].unchanged, full.written) == (9681, 0)


def test_open_book_keeps_raw_amounts_names_and_early_due_dates(open_book: Book) -> None:
    with (OPEN_BOOK / "nulldata.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with open_book.site.books.read() as tx:
        held = {row.document_no: row for row in tx.execute(select(item))}
        people = {row.key: row for row in tx.execute(select(customer))}
    for row in rows:
        raw, mine = Decimal(row["converted_usd"]), held[row["doc_id"].removesuffix(".0")]
        assert (mine.extra or {}).get("raw_amount") == (str(raw) if raw != round(raw, 2) else None)
        assert mine.due_on == date.fromisoformat(row["due_in_date"])
    assert sum("due_before_posting" in (row.extra or {}) for row in held.values()) == 27
    names = defaultdict(list)
    for row in rows:
        names[row["cust_number"]].append((row["posting_date"], float(row["doc_id"]), row["name_customer"].strip()))
    for number, told in names.items():
        assert people[number].name == max(told)[2]
        assert people[number].extra.get("aliases", []) == sorted({name for *_, name in told} - {max(told)[2]})
    assert max(len(row.extra.get("aliases", [])) for row in people.values()) == 10


def test_open_book_is_aged_as_booked_on_the_first_of_may(open_book: Book) -> None:
    site = open_book.site
    lines = report(site.books, scheme_of(site, "U001"), AS_OF, by="company")
    assert {line.currency for line in lines} == {"USD"}
    assert from_scaled(sum(line.balance for line in lines), "USD") == Decimal("283805908.89")
    assert all(sum(line.buckets) + line.unapplied == line.balance for line in lines)
    booked = select(func.count()).select_from(item).where(item.c.posted_on <= AS_OF, item.c.open_amount != 0)
    with site.books.read() as tx:
        assert tx.execute(booked).scalar_one() == 8745


def test_open_book_is_dunned_and_explained(open_book: Book) -> None:
    dry = {code: dun(open_book.site, CONTEXT, code, as_of=AS_OF, dry_run=True) for code in CODES}
    assert {code: told.gate for code, told in dry.items()} == dict.fromkeys(CODES)
    with open_book.site.books.read() as tx:
        rows = tx.execute(select(item.c.company, func.count().label("items")).group_by(item.c.company)).all()
    items: dict[str, int] = {row.company: row.items for row in rows}
    assert {code: sum(told.codes.values()) for code, told in dry.items()} == items
    wet = dun(open_book.site, CONTEXT, "U001", as_of=AS_OF)
    assert [notice.demanded for notice in wet.notices] == [notice.demanded for notice in dry["U001"].notices]
    assert len(wet.notices) > 100
    first = wet.notices[0]
    said = explain(open_book.site, first.debtor)
    rising = {line.item for line in first.lines if line.rises}
    assert {each.item for each in said if each.outcome == "sent"} == rising != set()
    assert all(each.words for each in said)


def test_the_check_of_open_book_shows_the_rounding(open_book: Book) -> None:
    found = check_connection(open_book.site, "book")
    assert [each for each in found if not each.ok] == []
    assert any("631 of 9,681" in each.message and "difference +0.0460" in each.message for each in found)


def test_the_totals_of_open_book_are_the_sum_of_its_rounded_rows(open_book: Book) -> None:
    source = open_book.site.sources("book")["invoices"]
    bound: UpperBound = source.upper_bound()
    totals = [total for page in source.totals(bound) for total in page]
    assert sum(total.open_amount for total in totals) == Decimal("310427859.02")
    assert len(totals) == len({(total.company, total.document) for total in totals}) == 9681
    assert not any(total.changed_past_bound for total in totals)


def test_ibm_is_settled_and_paid_as_its_own_columns_count(ibm: Book) -> None:
    told = ibm.first
    assert (told.streams["item"].new, told.streams["item"].parked) == (2466, 0)
    assert told.streams["customer"].new == 100
    age(ibm.site.books, CONTEXT, "IBM", scheme_of(ibm.site, "IBM"), as_of=date(2014, 1, 31))
    with ibm.site.books.read() as tx:
        assert tx.execute(select(func.sum(item.c.open_amount))).scalar_one() == 0
        found = {key[2]: (row.days_to_pay, row.days_late) for key, row in habits.stored(tx, "IBM").items()}
    assert found == by_hand()


def by_hand() -> dict[str, tuple[int, int]]:
    """Weigh the file's DaysToSettle by hand, in hundredths of a day; DaysLate never falls below 0 there."""
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    with (IBM / "WA_Fn-UseC_-Accounts-Receivable.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            amount, days = Decimal(row["InvoiceAmount"]), int(row["DaysToSettle"])
            late = days - 30  # every invoice is due after 30 days
            assert int(row["DaysLate"]) == max(0, late)
            old = sums[row["customerID"]]
            sums[row["customerID"]] = [old[0] + amount, old[1] + amount * days, old[2] + amount * late]
    return {key: (half_up(days / total), half_up(late / total)) for key, (total, days, late) in sums.items()}


def half_up(days: Decimal) -> int:
    """Round days to hundredths, a half away from zero, exactly."""
    scaled = abs(Fraction(days)) * 100 + Fraction(1, 2)
    return int(scaled) if days >= 0 else -int(scaled)
