"""One odd row of JD Edwards stops neither an import nor a sweep, and never makes a row vanish."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.tables import metadata
from duehook.core.context import Actor, Context
from duehook.core.runs.imports import ImportReport, ImportRules, import_connection, retry
from duehook.plugins.jde import tables
from duehook.plugins.jde.sources import JdeContacts, JdeCustomers, JdeInvoices, JdePayments, JdeSource
from tests.rigs.imported import OPEN

from .ledger import STAMP, Ledger

ANN = Context(Actor("person", "ann", "test"), lambda: datetime.now(UTC), "c-1")
TODAY = datetime.now(UTC).date()
RULES = ImportRules(bad_rows=OPEN, balance_drop=OPEN)
NO_DATE = 126000  # the day 0 of 2026
KINDS: tuple[type[JdeSource], ...] = (JdeCustomers, JdeContacts, JdeInvoices, JdePayments)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Give two rows of each kind; receipt 77 is void, and contact 4242|1 has two mail addresses."""
    today = (TODAY.year - 1900) * 1000 + 1
    with closing(Ledger(tmp_path / "jde.db")) as made:
        made.add(tables.COMPANY, CO="00002", NAME="Südwerk", CRCD="EUR")
        made.customer(5000, company="00001")
        made.add(tables.WHO, AN8=4242, IDLN=0, MLNM="Customer 4242", **STAMP)
        made.add(tables.WHO, AN8=4242, IDLN=1, MLNM="Ms Jensen", **STAMP)
        made.add(tables.EMAIL, AN8=4242, IDLN=1, RCK7=1, ETP="E", EMAL="ap@example.com", **STAMP)
        made.add(tables.EMAIL, AN8=4242, IDLN=1, RCK7=2, ETP="E", EMAL="ap2@example.com", **STAMP)
        for number in (1, 2):
            made.item(DOC=number)
        for number, void in ((77, today), (78, 0)):
            made.add(tables.PAYMENT, PYID=number, AN8=4242, CO="00001", DMTJ=today, DGJ=today, CKAM=100_000,
                     BCRC="EUR", CRCD="EUR", VDGJ=void, **STAMP)  # fmt: skip
            made.add(tables.ALLOCATION, PYID=number, RC5=1, KCO="00001", DCT="RI", DOC=1, SFX="001", CO="00001",
                     DMTJ=today, DGJ=today, BCRC="EUR", CRCD="EUR", CRRM="D", PAAP=-90_000, ADSA=-10_000,
                     **STAMP)  # fmt: skip
        yield made


def load(books: Books, ledger: Ledger, *, again: bool = False, page_size: int = 1000, **how: Any) -> ImportReport:
    """Import the ledger, or with `again` retry what is parked."""
    sources = [kind(ledger.settings(f03b14_sign="negative", page_size=page_size)) for kind in KINDS]
    try:
        if again:
            return retry(books, "jde", sources, ANN, as_of=TODAY, rules=RULES)
        return import_connection(books, "jde", sources, ANN, as_of=TODAY, rules=RULES, **how)
    finally:
        for source in sources:
            source.close()


def held(books: Books, stream: str, *more: str) -> list[tuple[Any, ...]]:
    table = metadata.tables[stream]
    wanted = select(*(table.c[name] for name in ("company", "key", *more))).order_by(table.c.company, table.c.key)
    with books.read() as tx:
        return [tuple(row) for row in tx.execute(wanted)]


def parked(books: Books) -> list[tuple[Any, ...]]:
    table = metadata.tables["quarantine"]
    with books.read() as tx:
        wanted = select(table.c.stream, table.c.company, table.c.key).where(table.c.state == "parked")
        return [tuple(row) for row in tx.execute(wanted)]


ODD = [
    (tables.CUSTOMER, "AIAN8 = 5000", ("customer", "00001", "5000"), ["placeholder"]),
    (tables.WHO, "WWIDLN = 1", ("contact", "", "4242|1"), ["email"]),
    (tables.ITEM, "RPDOC = 2", ("item", "00001", "00001|RI|2|001"), ["state"]),
    (tables.PAYMENT, "RYPYID = 77", ("payment", "00001", "77"), ["amount"]),
    (tables.ALLOCATION, "RZPYID = 77", ("allocation", "00001", "77|1|cash"), ["amount"]),
]


@pytest.mark.parametrize(("table", "where", "told", "more"), ODD, ids=[told[0] for _, _, told, _ in ODD])
def test_a_row_that_cannot_be_read_any_more_is_parked_and_kept_by_a_full_import(
    books: Books, ledger: Ledger, table: tables.Table, where: str, told: tuple[str, str, str], more: list[str]
) -> None:
    load(books, ledger)
    before = held(books, told[0], *more)
    stamp = f'UPDATE "{table.name}" SET "{table.prefix}UPMJ" = ? WHERE {where}'
    ledger.database.execute(stamp, [NO_DATE])
    report = load(books, ledger, full=True)
    assert report.generation == 2
    assert parked(books) == [told]
    assert held(books, told[0], *more) == before
    ledger.database.execute(stamp, [126090])
    assert load(books, ledger, again=True).waiting_in_quarantine == 0


@pytest.mark.parametrize(
    ("table", "where", "made"),
    [
        (tables.ALLOCATION, "RZPYID = 77", ["77|1|cash", "77|1|discount"]),
        (tables.PAYMENT, "RYPYID = 77", ["77", "77|void"]),
        (tables.WHO, "WWIDLN = 1", ["4242|1", "4242|1|2"]),
    ],
    ids=["allocation", "payment", "contact"],
)
def test_a_retry_loads_all_that_a_parked_row_makes(
    books: Books, ledger: Ledger, table: tables.Table, where: str, made: list[str]
) -> None:
    stamp = f'UPDATE "{table.name}" SET "{table.prefix}UPMJ" = ? WHERE {where}'
    ledger.database.execute(stamp, [NO_DATE])
    load(books, ledger)
    ((stream, _, key),) = parked(books)
    assert {each for _, each in held(books, stream)}.isdisjoint(made)
    ledger.database.execute(stamp, [126090])
    assert load(books, ledger, again=True).waiting_in_quarantine == 0
    assert key in made
    assert {each for _, each in held(books, stream)} >= {*made}


@pytest.mark.parametrize(
    ("change", "stream"),
    [
        ("""UPDATE "F03B13" SET "RYCO" = '     ' WHERE "RYPYID" = 77""", "payment"),
        ("""UPDATE "F03B14" SET "RZCO" = '     ' WHERE "RZPYID" = 77""", "allocation"),
        ("""UPDATE "F03B11" SET "RPCO" = '     ' WHERE "RPDOC" = 2""", "item"),
        ("""UPDATE "F03B11" SET "RPCO" = NULL WHERE "RPDOC" = 2""", "item"),
    ],
)
@pytest.mark.parametrize("full", [False, True])
def test_a_row_that_lost_its_company_is_kept_as_it_was(
    books: Books, ledger: Ledger, change: str, stream: str, full: bool
) -> None:
    load(books, ledger)
    before = held(books, stream)
    ledger.database.execute(change)
    assert load(books, ledger, full=full).generation == 2
    assert held(books, stream) == before
    assert {state for *_, state in held(books, "item", "state")} == {"open"}


@pytest.mark.parametrize("full", [False, True])
def test_an_item_that_moved_to_another_company_is_closed_here_and_open_there(
    books: Books, ledger: Ledger, full: bool
) -> None:
    load(books, ledger)
    ledger.database.execute("""UPDATE "F03B11" SET "RPCO" = '00002' WHERE "RPDOC" = 2""")
    report = load(books, ledger, full=full)
    assert report.generation == 2
    assert held(books, "item", "state") == [
        ("00001", "00001|RI|1|001", "open"),
        ("00001", "00001|RI|2|001", "deleted_or_purged"),
        ("00002", "00001|RI|2|001", "open"),
    ]


def test_a_row_that_is_stamped_ahead_of_the_clock_is_listed(books: Books, ledger: Ledger) -> None:
    load(books, ledger)
    before = held(books, "payment")
    ledger.database.execute('UPDATE "F03B13" SET "RYUPMJ" = 199001 WHERE "RYPYID" = 78')
    load(books, ledger, full=True)
    assert held(books, "payment") == before


def test_a_currency_without_decimals_parks_its_own_rows_only(books: Books, ledger: Ledger) -> None:
    ledger.database.execute("""UPDATE "F0013" SET "CVCDEC" = NULL WHERE "CVCRCD" = 'KWD'""")
    ledger.item(DOC=3, BCRC="KWD", CRCD="KWD")
    assert load(books, ledger).generation == 1
    assert parked(books) == [("item", "00001", "00001|RI|3|001")]


@pytest.mark.parametrize(
    ("stream", "change", "key"),
    [
        ("item", 'UPDATE "F03B11" SET "RPDOC" = NULL WHERE "RPDOC" = 2', "00001|RI|None|001"),
        ("item", 'UPDATE "F03B11" SET "RPDCT" = NULL WHERE "RPDOC" = 2', "00001|None|2|001"),
        ("payment", 'UPDATE "F03B13" SET "RYPYID" = NULL WHERE "RYPYID" = 78', "None"),
        ("allocation", 'UPDATE "F03B14" SET "RZRC5" = NULL WHERE "RZPYID" = 78', "78|None|cash"),
        ("contact", 'UPDATE "F0111" SET "WWIDLN" = NULL WHERE "WWIDLN" = 1', "4242|None"),
    ],
)
@pytest.mark.parametrize("page_size", [2, 100])
def test_a_row_without_a_whole_key_is_parked_and_the_others_are_read(
    books: Books, ledger: Ledger, stream: str, change: str, key: str, page_size: int
) -> None:
    ledger.item(DOC=3)
    ledger.database.execute(change)
    assert load(books, ledger, page_size=page_size).generation == 1
    assert [(each, name) for each, _, name in parked(books)] == [(stream, key)]
    assert [name for _, name in held(books, "item")][-1] == "00001|RI|3|001"
    assert len(held(books, stream)) > 0
    assert load(books, ledger, page_size=page_size, full=True).generation == 2
    assert len(parked(books)) == 1
