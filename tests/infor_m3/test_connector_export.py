"""EXPORTMI: ranges are split until each answer is whole, cut answers are noticed, and the separator is proved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from duehook.core.errors import ConnectorGarbled, ConnectorRefused
from duehook.plugins.infor_m3 import entities
from duehook.plugins.infor_m3.client.export import Range
from duehook.plugins.infor_m3.site import M3Site

from .connector_ledger import StubLedger
from .connector_stub import Asked, Rows, Stub, site_of, stubbed


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stubbed() as served:
        yield served


@pytest.fixture
def ledger(stub: Stub) -> StubLedger:
    return StubLedger(stub)


def read(site: M3Site, begun: Range | None = None) -> list[str]:
    """Return the journal numbers that come, in the order of their ranges."""
    found = site.export.ranges([["ESRECO < 9"]], entities.ITEM_COLUMNS, begun)
    return [row["JSNO"] for _, rows in found for row in rows]


def filled(ledger: StubLedger, payers: int, each: int) -> list[str]:
    for payer in range(payers):
        for number in range(each):
            ledger.add(f"{payer:02}{number:03}", "10.00", PYNO=f"1{payer:03}")
    return sorted(row["JSNO"] for row in ledger.records)


@pytest.mark.parametrize(("payers", "each"), [(1, 3), (7, 9), (1, 120), (3, 130), (40, 5)])
def test_every_row_comes_once_however_it_is_spread_over_payers(
    payers: int, each: int, stub: Stub, ledger: StubLedger
) -> None:
    wanted = filled(ledger, payers, each)
    assert sorted(read(site_of(stub, rows_at_once=50))) == wanted
    assert max(len(query) for query in ledger.queries) <= 982


@pytest.mark.parametrize("cap", [100, 150])
def test_a_server_that_cuts_answers_off_loses_no_row(cap: int, stub: Stub, ledger: StubLedger) -> None:
    wanted = filled(ledger, 30, 20)
    ledger.cap = cap
    assert sorted(read(site_of(stub))) == wanted


def test_a_range_that_was_begun_is_gone_on_with_to_the_end(stub: Stub, ledger: StubLedger) -> None:
    filled(ledger, 9, 13)
    site = site_of(stub, rows_at_once=50)
    parts = list(site.export.ranges([["ESRECO < 9"]], entities.ITEM_COLUMNS))
    assert len(parts) > 3
    for place, (part, _) in enumerate(parts):
        left = sorted(row["JSNO"] for _, rows in parts[place:] for row in rows)
        assert sorted(read(site, Range.read(part.written))) == left


def halved(stub: Stub) -> None:
    """Let every answer lose its second half."""
    whole = stub.answers["EXPORTMI/Select"]

    def half(asked: Asked) -> Rows:
        most = int(asked["maxrecs"])
        rows = whole(asked)[: most or None]
        return rows[: len(rows) // 2]

    stub.answers["EXPORTMI/Select"] = half


@pytest.mark.parametrize("rows", [0, 3, 4, 9, 60])
def test_answers_that_lose_their_second_half_are_noticed(rows: int, stub: Stub, ledger: StubLedger) -> None:
    filled(ledger, 1, rows)
    halved(stub)
    with pytest.raises(ConnectorGarbled):
        read(site_of(stub))


def test_a_separator_that_stands_in_a_value_is_exchanged_for_another(stub: Stub, ledger: StubLedger) -> None:
    ledger.add("90^01", "10.00")
    site = site_of(stub)
    rows = [row for _, found in site.export.ranges([[]], entities.ITEM_COLUMNS) for row in found]
    assert [row["CINO"] for row in rows] == ["90^01"]


def test_blanks_around_values_and_names_are_taken_off(stub: Stub) -> None:
    head = " ^ ".join(f"ES{name}" for name in entities.ROW_KEY)
    stub.answers["EXPORTMI/Select"] = lambda asked: [{"REPL": head}, {"REPL": "AAA ^2026^ 7 ^\t1"}]
    found = list(site_of(stub).export.ranges([[]], entities.ROW_KEY))
    assert [row for _, rows in found for row in rows] == [{"DIVI": "AAA", "YEA4": "2026", "JRNO": "7", "JSNO": "1"}]


@pytest.mark.parametrize("line", ["AAA^2026^7", "AAA^2026^7^1^2", ""])
def test_a_line_with_other_than_its_columns_values_is_kept_nowhere(line: str, stub: Stub) -> None:
    def answer(asked: Asked) -> Rows:
        head = asked["SEPC"].join(f"ES{name}" for name in entities.ROW_KEY)
        return [{"REPL": head}, {"REPL": asked["SEPC"].join(["AAA", "2026", "7", "1"])}, {"REPL": line}]

    stub.answers["EXPORTMI/Select"] = answer
    with pytest.raises(ConnectorGarbled, match="separator"):
        list(site_of(stub).export.ranges([[]], entities.ROW_KEY))


def test_where_every_separator_stands_in_values_a_person_is_told(stub: Stub, ledger: StubLedger) -> None:
    ledger.add("^~|§¦", "10.00")
    with pytest.raises(ConnectorGarbled, match="separator") as told:
        read(site_of(stub))
    assert told.value.fix


def test_an_answer_under_other_names_is_kept_nowhere(stub: Stub) -> None:
    stub.answers["EXPORTMI/Select"] = lambda asked: [{"REPL": "ESXXXX"}, {"REPL": "1"}]
    with pytest.raises(ConnectorGarbled, match="names of its columns"):
        read(site_of(stub))


def test_one_invoice_number_with_too_many_rows_is_told(stub: Stub, ledger: StubLedger) -> None:
    for _ in range(60):
        ledger.add("90001", "1.00")
    with pytest.raises(ConnectorRefused, match="rows_at_once|60 rows|cannot be asked"):
        read(site_of(stub, rows_at_once=50))


def test_divisions_are_found_without_order_or_count(stub: Stub, ledger: StubLedger) -> None:
    for division in ("CCC", "AAA", "BBB", "AAA"):
        ledger.add("90001", "1.00", DIVI=division)
    assert site_of(stub).divisions == ("AAA", "BBB", "CCC")
    assert site_of(stub, exportmi=False).divisions == ("AAA", "BBB", "CCC")
    assert site_of(stub, divisions="BBB,AAA").divisions == ("AAA", "BBB")
