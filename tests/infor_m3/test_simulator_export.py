"""EXPORTMI: a query's grammar, its rows as texts, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from duehook.core.testing.contract.scenes.acts import issue, pay
from duehook.plugins.infor_m3.simulator.query import Condition, Query, parse

from .simulated import M3, running


def rows(m3: M3, query: str, **more: str) -> list[str]:
    return [each["REPL"] for each in m3.records("EXPORTMI/Select", QERY=query, **{"SEPC": "^", **more})]


def test_a_query_is_columns_from_a_table_where_conditions_hold() -> None:
    text = "ESDIVI,ESCINO from FSLEDG where ESCONO = 100 and ESPYNO > 'Y30000' and ESRECO < 9"
    assert parse(text) == Query(
        ("ESDIVI", "ESCINO"),
        "FSLEDG",
        (
            Condition("ESCONO", "=", (Decimal(100),)),
            Condition("ESPYNO", ">", ("Y30000",)),
            Condition("ESRECO", "<", (Decimal(9),)),
        ),
    )
    assert parse("ESCINO from FSLEDG where ESIVDT between 20260101 and 20260131 and ESCINO in ('1','O''2')").where == (
        Condition("ESIVDT", "between", (Decimal(20260101), Decimal(20260131))),
        Condition("ESCINO", "in", ("1", "O'2")),
    )


def test_the_ledger_is_read_with_its_prefix_and_a_separator(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "100.00", "EUR", company="00010")
        pay(book, invoice, "40.00")
    query = (
        f"ESDIVI,ESCINO,ESTRCD,ESCUCD,ESCUAM,ESRECO from FSLEDG where ESCONO = 100 and ESCINO = '{invoice.document_no}'"
    )
    assert rows(m3, query) == [
        f"BBB^{invoice.document_no}^10^EUR^100.00^0",
        f"BBB^{invoice.document_no}^20^EUR^-40.00^0",
    ]


def test_the_first_row_is_the_names_where_they_are_wished(m3: M3) -> None:
    query = "OKCUNO,OKCUCD from OCUSMA where OKCUNO = '1001'"
    assert rows(m3, query, HDRS="1") == ["OKCUNO^OKCUCD", "1001^USD"]


def test_without_a_separator_columns_are_as_wide_as_they_are(m3: M3) -> None:
    assert rows(m3, "OKCUNO,OKCUCD from OCUSMA where OKCUNO = '1001'", SEPC="") == ["1001      USD"]


def test_a_range_of_payers_comes_whole_but_in_no_order(m3: M3) -> None:
    with m3.erp.act() as book:
        for number in ("1003", "1004", "1005"):
            issue(book, "10.00", customer=book.customers[number])
    found = rows(m3, "ESPYNO from FSLEDG where ESPYNO >= '1003' and ESPYNO < '1006' and ESRECO < 9")
    assert {"1003", "1004", "1005"} <= set(found) <= {"1003", "1004", "1005"}
    assert found != sorted(found)


def test_only_rows_with_a_later_stamp_are_read(m3: M3) -> None:
    m3.erp.advance_to(m3.erp.book.day.replace(day=10))
    with m3.erp.act() as book:
        invoice = issue(book, "10.00")
    stamp = int(invoice.changed_at.timestamp() * 1000)
    found = rows(m3, f"ESCINO,ESLMTS from FSLEDG where ESLMTS >= {stamp}")
    assert f"{invoice.document_no}^{stamp}" in found
    assert min(int(each.partition("^")[2]) for each in found) >= stamp


def test_a_settled_invoice_is_found_by_its_new_stamp_and_no_more_by_the_old(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "10.00")
    m3.erp.advance_to(m3.erp.book.day.replace(day=10))
    with m3.erp.act() as book:
        pay(book, invoice, "10.00")
    query = f"ESTRCD,ESRECO from FSLEDG where ESLMTS >= 1773100000000 and ESCUNO = '{invoice.customer}'"
    assert {"10^9", "20^9"} <= set(rows(m3, query))


def test_rows_are_found_by_their_journal(m3: M3) -> None:
    with m3.erp.act() as book:
        invoice = issue(book, "10.00")
    found = m3.total(invoice)
    query = f"ESCINO from FSLEDG where ESYEA4 = 2026 and ESJRNO = {found['JRNO']} and ESJSNO = {found['JSNO']}"
    assert rows(m3, query) == [str(invoice.document_no)]
    assert rows(m3, f"ESCINO from FSLEDG where ESYEA4 = 2025 and ESJRNO = {found['JRNO']}") == []


def test_payment_terms_stand_in_the_system_table_with_their_text(m3: M3) -> None:
    found = rows(m3, "CTSTKY,CTTX15 from CSYTAB where CTCONO = 100 and CTSTCO = 'TEPY'")
    assert "N30^Net 30 days" in found


def test_what_is_read_may_be_cut_by_maxrecs(m3: M3) -> None:
    assert len(rows(m3, "OKCUNO from OCUSMA", maxrecs="3")) == 3


@pytest.mark.parametrize(
    "query",
    [
        f"OKCUNO from OCUSMA where OKCUNO in ({','.join(['1001'] * 200)})",
        "CUNO from OCUSMA",
        "OKCUNO from OXHEAD",
        "OKCUNO from OCUSMA where OKCUNO = '1001' or OKCUNO = '1002'",
        "OKCUNO from OCUSMA where",
        "delete from OCUSMA",
    ],
)
def test_a_query_that_is_too_long_or_cannot_be_carried_out_is_refused(query: str, m3: M3) -> None:
    assert m3.result("EXPORTMI/Select", QERY=query, SEPC="^")["errorField"] == "QERY"


def test_the_columns_of_a_table_are_listed(m3: M3) -> None:
    found = {each["FLDN"]: each for each in m3.records("EXPORTMI/LstFields", FILE="FSLEDG")}
    assert {"ESDIVI", "ESPYNO", "ESCUNO", "ESCINO", "ESINYR", "ESTRCD", "ESYEA4", "ESJRNO", "ESJSNO"} <= set(found)
    assert {"ESCUCD", "ESCUAM", "ESACAM", "ESIVDT", "ESDUDT", "ESRECO", "ESLMTS"} <= set(found)
    assert {"ESOCUA", "ESLOCD"} & set(found) == set()
    assert (found["ESCINO"]["FLTY"], found["ESCINO"]["FLLE"]) == ("A", "15")


def test_where_it_is_switched_off_the_program_is_not_there(tmp_path: pytest.TempPathFactory) -> None:
    with running(tmp_path, exportmi=False) as m3:  # type: ignore[arg-type]
        assert m3.get("/v2/execute/EXPORTMI/Select?QERY=x").status_code == 400
        assert "EXPORTMI" not in {each["MINM"] for each in m3.records("MRS001MI/LstPrograms")}
