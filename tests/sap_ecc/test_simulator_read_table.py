"""The simulated RFC_READ_TABLE: lines, offsets, conditions in 72 characters, and how it refuses."""

from __future__ import annotations

import pytest

from duehook.core.testing.contract.scenes.acts import issue

from .simulated import Site


def test_a_line_has_each_field_in_its_whole_length_with_the_delimiter_between(site: Site) -> None:
    assert site.read("T001", "BUKRS BUTXT WAERS", "BUKRS EQ '0010'") == ["0010|Halden Europa GmbH       |EUR"]


def test_fields_tell_offset_length_and_type(site: Site) -> None:
    answer = site.post(
        "RFC_READ_TABLE",
        "<QUERY_TABLE>TCURX</QUERY_TABLE><FIELDS><item><FIELDNAME>CURRKEY</FIELDNAME></item>"
        "<item><FIELDNAME>CURRDEC</FIELDNAME></item></FIELDS><DATA/>",
    )
    assert "<FIELDNAME>CURRKEY</FIELDNAME><OFFSET>000000</OFFSET><LENGTH>000005</LENGTH><TYPE>C</TYPE>" in answer.text
    assert "<FIELDNAME>CURRDEC</FIELDNAME><OFFSET>000005</OFFSET><LENGTH>000003</LENGTH><TYPE>b</TYPE>" in answer.text
    assert "<DATA><item><WA>JPY    0</WA></item><item><WA>KWD    3</WA></item></DATA>" in answer.text


def test_a_table_that_was_not_sent_does_not_come_back(site: Site) -> None:
    answer = site.post("RFC_READ_TABLE", "<QUERY_TABLE>TCURX</QUERY_TABLE><FIELDS/>")
    assert ("<DATA>" in answer.text, "<FIELDS>" in answer.text) == (False, True)


def test_without_fields_all_columns_are_read(site: Site) -> None:
    assert site.read("TCURX", "", "CURRKEY EQ 'KWD'") == ["100|KWD  |  3"]


def test_more_than_512_characters_are_refused(site: Site) -> None:
    answer = site.post("RFC_READ_TABLE", "<QUERY_TABLE>CDPOS</QUERY_TABLE><DATA/>")
    assert site.refusal(answer) == "DATA_BUFFER_EXCEEDED"
    assert site.read("CDPOS", "OBJECTID FNAME VALUE_NEW", "OBJECTID EQ 'none'") == []


@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        ("<QUERY_TABLE>BSEG</QUERY_TABLE>", "TABLE_NOT_AVAILABLE"),
        ("<QUERY_TABLE>T001</QUERY_TABLE><FIELDS><item><FIELDNAME>NO</FIELDNAME></item></FIELDS>", "FIELD_NOT_VALID"),
        ("<QUERY_TABLE>T001</QUERY_TABLE><OPTIONS><item><TEXT>NO EQ '1'</TEXT></item></OPTIONS>", "OPTION_NOT_VALID"),
        ("<QUERY_TABLE>T001</QUERY_TABLE><OPTIONS><item><TEXT>BUKRS EQ</TEXT></item></OPTIONS>", "OPTION_NOT_VALID"),
        ("<QUERY_TABLE>T001</QUERY_TABLE><ROWCOUNT>few</ROWCOUNT>", "CONVT_NO_NUMBER"),
        ("<QUERY_TABLE>T001</QUERY_TABLE><ORDER>BUKRS</ORDER>", "CX_ST_MATCH_ELEMENT"),
    ],
)
def test_what_it_does_not_take_is_refused_by_name(sent: str, refusal: str, site: Site) -> None:
    assert site.refusal(site.post("RFC_READ_TABLE", sent)) == refusal


def test_a_table_that_the_user_may_not_read_is_refused(site: Site) -> None:
    site.simulator.deny("BSAD")
    assert site.refusal(site.post("RFC_READ_TABLE", "<QUERY_TABLE>BSAD</QUERY_TABLE>")) == "NOT_AUTHORIZED"
    site.simulator.grant("BSAD")
    assert site.read("BSAD", "BUKRS", "BUKRS EQ '0001'", ROWCOUNT=1) == ["0001"]


def test_a_module_that_the_user_may_not_call_is_refused(site: Site) -> None:
    site.simulator.deny("RFC_READ_TABLE")
    answer = site.post("RFC_READ_TABLE", "<QUERY_TABLE>T001</QUERY_TABLE>")
    assert site.refusal(answer) == "RFC_NO_AUTHORITY"


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (["BUKRS GT '0010'"], ["0020", "0030"]),
        (["BUKRS > '0010' AND", "WAERS <> 'KWD'"], ["0020"]),
        (["( BUKRS = '0001' OR BUKRS = '0010' )", "AND NOT WAERS EQ 'USD'"], ["0010"]),
        (["BUKRS BETWEEN '0010' AND '0020'"], ["0010", "0020"]),
        (["BUKRS IN ('0001', '0030')"], ["0001", "0030"]),
        (["BUTXT LIKE 'Halden E%'"], ["0010"]),
        (["BUTXT LIKE 'halden e%'"], []),
        (["WAERS EQ 'EUR  '"], ["0010"]),
        (["BUTXT EQ 'O''Neil'"], []),
        ([], ["0001", "0010", "0020", "0030"]),
    ],
)
def test_conditions_are_those_of_open_sql(options: list[str], codes: list[str], site: Site) -> None:
    assert site.read("T001", "BUKRS", *options) == codes


def test_what_stands_behind_the_72nd_character_of_a_line_is_cut_off(site: Site) -> None:
    blanks = " " * 56
    assert site.read("T001", "BUKRS", f"BUKRS EQ '0010'{blanks} AND WAERS EQ 'USD'") == ["0010"]


def test_a_literal_that_is_broken_over_two_lines_is_none(site: Site) -> None:
    sent = "<item><TEXT>BUTXT EQ 'Halden</TEXT></item><item><TEXT> Europa GmbH'</TEXT></item>"
    answer = site.post("RFC_READ_TABLE", f"<QUERY_TABLE>T001</QUERY_TABLE><OPTIONS>{sent}</OPTIONS>")
    assert site.refusal(answer) == "OPTION_NOT_VALID"


def test_rows_are_skipped_and_counted(site: Site) -> None:
    every = site.read("BSID", "BELNR BUZEI", "BUKRS EQ '0001'")
    first = site.read("BSID", "BELNR BUZEI", "BUKRS EQ '0001'", ROWCOUNT=5)
    rest = site.read("BSID", "BELNR BUZEI", "BUKRS EQ '0001'", ROWSKIPS=5)
    assert (len(first), sorted(first + rest)) == (5, every)


def test_no_data_gives_the_fields_alone(site: Site) -> None:
    sent = "<QUERY_TABLE>T001</QUERY_TABLE><NO_DATA>X</NO_DATA><DATA/><FIELDS/>"
    answer = site.post("RFC_READ_TABLE", sent)
    assert "<DATA></DATA>" in answer.text
    assert "<FIELDNAME>BUTXT</FIELDNAME>" in answer.text


def test_amounts_are_unsigned_with_room_for_a_sign_and_one_that_does_not_fit_is_an_asterisk(site: Site) -> None:
    with site.simulator.act() as book:
        item = issue(book, "-1234.50", kind="credit_note", company="00010", number=900001)
    here = ["BUKRS EQ '0010'", "AND BELNR EQ '0000900001'"]
    assert site.read("BSID", "SHKZG WRBTR", *here) == ["H|       1234.50"]
    site.simulator.spoil(item.key, "amount")
    assert site.read("BSID", "SHKZG WRBTR", *here) == ["H|              *"]
