"""`duehook import`, `quarantine` and `tie-out`, as they are typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.store.imports import import_runs as store
from duehook.core.books.tables.imports import dunning_lock
from duehook.core.cli import main
from duehook.core.context import Actor, Context
from duehook.core.runs.imports.site import connections_of, import_company
from duehook.core.runs.site import Site
from tests.rigs.imported import allocation
from tests.rigs.literal_source import AS_OF, SHARED, LiteralSource, context, customer, item, write_site

Out = pytest.CaptureFixture[str]
Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> LiteralSource:
    made = LiteralSource(2, customer=[customer("A")], item=[item("1", "70"), item("2", "20"), item("3", "10")])
    monkeypatch.setitem(SHARED, "erp", made)
    return made


@pytest.fixture
def config(tmp_path: Path, books: Books, database_url: str) -> Path:
    return write_site(tmp_path, database_url)


@pytest.fixture
def typed(config: Path, source: LiteralSource, capsys: Out) -> Typed:
    def type_(*words: str) -> tuple[int, str, str]:
        code = main(["--config", str(config), "--actor", "ann", *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return type_


def as_json(typed: Typed, *words: str) -> tuple[int, Any]:
    code, out, err = typed(*words, "--json")
    assert err == ""
    return code, json.loads(out)


def test_import_tells_what_it_read(typed: Typed) -> None:
    code, out, _ = typed("import")
    assert code == 0
    assert "erp: run 1, generation 1 up to 2026-03-01 00:00 UTC" in out
    assert ["item", "3", "3", "0", "0", "0"] in [line.split() for line in out.splitlines()]


def test_a_dry_import_says_so_and_writes_nothing(typed: Typed, books: Books) -> None:
    code, out, _ = typed("import", "erp", "--dry-run")
    assert code == 0
    assert "erp: dry run, nothing was written" in out
    assert "would be new" in out
    with books.read() as tx:
        assert store.last_run(tx, "erp") is None


def test_a_stopped_import_names_the_way_on(typed: Typed, source: LiteralSource) -> None:
    typed("import")
    source.drop("item", ("01", "1"))
    code, _, err = typed("import", "erp")
    assert code == 1
    assert "from 100.00 EUR to 30.00 EUR" in err
    assert "run `duehook import erp --accept-drop`." in err
    code, out, _ = typed("import", "erp", "--accept-drop")
    assert code == 0
    assert "1 open items are no longer listed: 1 deleted or purged." in out


def test_a_dry_import_that_would_be_stopped_ends_with_1(typed: Typed, source: LiteralSource) -> None:
    source.put("item", *(item(key, "0.001") for key in "abcdef"))
    code, out, _ = typed("import", "--dry-run")
    assert code == 1
    assert "A run would be stopped: 6 of 9 item rows" in out


def test_a_dry_import_says_how_many_items_are_gone_and_asks_nobody_what_became_of_them(
    typed: Typed, source: LiteralSource
) -> None:
    typed("import")
    source.drop("item", ("01", "3"))
    code, out, _ = typed("import", "--dry-run")
    assert (code, out.splitlines()[-1]) == (0, "1 open items are no longer listed.")
    assert source.lookups == []


def test_an_import_that_was_interrupted_is_finished_by_the_next_one_and_that_is_said(
    typed: Typed, source: LiteralSource
) -> None:
    def interrupt(stream: str, page: int) -> None:
        if (stream, page) == ("item", 1):
            raise KeyboardInterrupt

    source.before_page = interrupt
    code, _, err = typed("import")
    assert (code, err) == (130, "Interrupted.\n")
    source.before_page = lambda stream, page: None
    code, out, _ = typed("import")
    assert code == 0
    assert "A run that had been broken off was finished first." in out.splitlines()
    assert "finished first" not in typed("import")[1]


def test_items_of_a_customer_that_is_missing_are_loaded_and_that_is_said(typed: Typed, source: LiteralSource) -> None:
    source.put("item", item("4", "5", customer="Z"))
    code, out, _ = typed("import")
    assert code == 0
    told = "1 customer is missing in the source; its items are loaded and not dunned."
    assert told in out.splitlines()


def test_an_item_that_does_not_add_up_with_its_allocations_is_named(
    typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = LiteralSource(
        customer=[customer("A")],
        item=[item("1", "100", "60"), item("3", "30", "10")],
        allocation=[allocation("a", "1", "40"), allocation("b", "3", "15")],
    )
    monkeypatch.setitem(SHARED, "erp", paid)
    code, out, _ = typed("import")
    assert code == 0
    assert out.splitlines()[-1] == (
        "1 items do not add up with their allocations, the first 3: open 10.00 EUR, by allocations 15.00."
    )


def test_parked_rows_that_the_source_does_not_have_any_more_leave_by_a_full_import(
    typed: Typed, source: LiteralSource
) -> None:
    source.put("item", item("8", "1.001"))
    typed("import")
    source.drop("item", ("01", "8"))
    code, out, _ = typed("import", "--full")
    assert (code, out.splitlines()[-1]) == (
        0,
        "1 rows left quarantine: the source does not have them any more.",
    )


def test_parked_rows_that_all_load_when_they_are_read_again_end_with_0(typed: Typed, source: LiteralSource) -> None:
    source.put("item", item("8", "1.001"))
    typed("import")
    source.put("item", item("8", "1.00"))
    code, out, _ = typed("quarantine", "retry", "erp")
    assert (code, out.splitlines()[-1].split()) == (0, ["erp", "1", "0"])


def test_an_unknown_connection_is_told(typed: Typed) -> None:
    code, _, err = typed("import", "sap")
    assert code == 2
    assert "there is no connection 'sap'" in err


def test_a_busy_connection_names_its_holder(typed: Typed, books: Books) -> None:
    calls = Context(Actor("person", "ann", "test"), lambda: datetime.now(UTC), "c")
    with books.write() as tx:
        number = store.begin_run(tx, "erp", calls, mode="full", as_of=AS_OF)
        store.lock(tx, "erp", run_id=number, name="elsewhere:7", until=calls.now() + timedelta(minutes=9))
    code, _, err = typed("import", "erp")
    assert code == 1
    assert "erp is being imported by elsewhere:7 (run 1)" in err


def test_bad_rows_are_listed_shown_retried_and_set_aside(typed: Typed, source: LiteralSource) -> None:
    source.put("item", item("8", "1.001"), item("9", "1.002"))
    code, out, _ = typed("import")
    assert code == 5
    assert "2 rows wait in quarantine; see `duehook quarantine list`." in out
    code, listed = as_json(typed, "quarantine", "list", "--connection", "erp")
    assert code == 0
    eight, nine = sorted(listed["rows"], key=lambda row: str(row["key"]))
    assert [(row["key"], row["stream"]) for row in (eight, nine)] == [("8", "item"), ("9", "item")]
    assert "Quarantine: erp 2." in typed("status")[1].splitlines()
    code, out, _ = typed("quarantine", "show", str(eight["id"]))
    assert code == 0
    assert ["amount", "1.001"] in [line.split() for line in out.splitlines()]
    source.put("item", item("8", "1.00"), at=source.rows["item"]["01", "8"][0])
    code, out, _ = typed("quarantine", "retry")
    assert (code, out.splitlines()[-1].split()) == (5, ["erp", "1", "1"])
    assert typed("quarantine", "discard", str(nine["id"]), "--why", "a test")[0] == 0
    assert as_json(typed, "quarantine", "list")[1]["rows"] == []
    assert typed("quarantine", "show", "99")[0] == 2


def test_tie_out_shows_both_sides_and_ends_with_0_when_equal(typed: Typed) -> None:
    typed("import")
    code, out, _ = typed("tie-out")
    assert code == 0
    assert "01 with erp: balanced, 3 documents" in out
    assert ["normal", "EUR", "100.00", "100.00", "0.00"] in [line.split() for line in out.splitlines()]


def test_tie_out_names_what_is_unexplained_and_locks(typed: Typed, source: LiteralSource, books: Books) -> None:
    typed("import")
    (page,) = source.totals(source.upper_bound())
    source.total_rows = [each for each in page if each.document != "2"]
    code, out, _ = typed("tie-out", "--company", "01")
    assert code == 1
    assert ["2", "normal", "EUR", "20.00", "0.00", "UNEXPLAINED"] in [line.split() for line in out.splitlines()]
    assert "Dunning of 01 is locked until a later tie-out is clean." in out
    with books.read() as tx:
        assert tx.execute(select(dunning_lock.c.company)).scalars().all() == ["01"]
    assert "LOCKED: " in typed("status")[1]
    code, told = as_json(typed, "tie-out", "--company", "01")
    (part,) = told["companies"][0]["parts"]
    assert (part["state"], Decimal(part["differences"][0]["ours"])) == ("differs", Decimal("20"))


def test_of_many_differences_the_first_twenty_are_shown_and_json_has_all(typed: Typed, source: LiteralSource) -> None:
    source.put("item", *(item(f"9{number:02}", "1") for number in range(22)))
    typed("import")
    (page,) = source.totals(source.upper_bound())
    source.total_rows = [each for each in page if not each.document.startswith("9")]
    code, out, _ = typed("tie-out")
    assert code == 1
    assert "22 documents differ" in out.splitlines()
    assert sum("UNEXPLAINED" in line for line in out.splitlines()) == 20
    assert "… and 2 more; see them all with --json." in out.splitlines()
    _, told = as_json(typed, "tie-out")
    assert len(told["companies"][0]["parts"][0]["differences"]) == 22


def test_tie_out_of_an_unknown_company_is_told(typed: Typed) -> None:
    assert typed("tie-out", "--company", "09")[0] == 2


def test_a_company_is_imported_once_for_those_who_ask_again(config: Path, books: Books, source: LiteralSource) -> None:
    with Site.open(config) as site:
        assert connections_of(site, "01") == ["erp"]
        (report,) = import_company(site, context(), "01", as_of=AS_OF)
        assert report.bound_at is not None
        assert import_company(site, context(), "01", as_of=AS_OF, since=report.bound_at) == []
        later = report.bound_at + timedelta(seconds=1)
        assert len(import_company(site, context(), "01", as_of=AS_OF, since=later)) == 1


def test_tie_out_sums_what_is_left_in_company_currency_of_settled_items(typed: Typed, source: LiteralSource) -> None:
    for key, left in (("7", "0.02"), ("8", "0.03")):
        money = {"company_currency": "USD", "company_amount": Decimal("9"), "company_open_amount": Decimal(left)}
        source.put("item", item(key, "8", "0", **money))
    typed("import")
    code, out, _ = typed("tie-out")
    lines = [line.split() for line in out.splitlines()]
    assert code == 0
    assert "01 with erp: explained, 5 documents" in out
    assert ["normal", "EUR", "in", "USD", "0.00", "0.05", "-0.05"] in lines
    why = "settled in its own currency, a rest in company currency is left"
    assert ["2", *why.split(), "0.00", "EUR", "-0.05", "USD"] in lines
    assert ["7", "normal", "EUR", "0.00", "0.00", "-0.02", "USD", *why.split()] in lines


def test_an_empty_quarantine_is_told_in_a_sentence(typed: Typed) -> None:
    _, out, _ = typed("quarantine", "list")
    assert out.splitlines()[-1] == "No row waits in quarantine."
    _, out, _ = typed("quarantine", "list", "--connection", "erp")
    assert out.splitlines()[-1] == "No row of erp waits in quarantine."
    assert as_json(typed, "quarantine", "list")[1]["rows"] == []
