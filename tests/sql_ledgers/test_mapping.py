"""The template and a site: what is called otherwise, what a site does not have, and faults told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from duehook.core.errors import ConfigError, ConnectorRefused
from duehook.plugins import infor_lx

from .library import Library

TEMPLATE = Path(infor_lx.__file__).with_name("ledger.yaml")


def copied(library: Library, *changes: tuple[str, str]) -> str:
    """Copy the template beside duehook.yaml, some of its words being others."""
    text = TEMPLATE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (library.folder / "own.yaml").write_text(text, encoding="utf-8")
    return "own.yaml"


def test_a_missing_column_is_told_at_once_with_those_that_may_be_meant(library: Library) -> None:
    library.run("INSERT INTO SYSCOLUMNS VALUES ('main', 'RCM', 'CHOLD', 'Customer on hold?', 'CHAR', 1, NULL)")
    with pytest.raises(ConnectorRefused) as raised:
        library.read("customer", columns={"hold": "CCRHD"})
    assert raised.value.message == (
        "mapping incomplete: RCM has no column CCRHD (`columns.hold`; CHOLD (Customer on hold?) may be meant)."
    )
    assert "`columns` of connection lx" in (raised.value.fix or "")


def test_a_column_that_the_site_does_not_have_is_left_out(library: Library) -> None:
    (_, row) = library.read("customer", columns={"hold": "", "credit_limit": ""})
    assert {"hold", "credit_limit"}.isdisjoint(row)
    assert row["terms"] == "N30"


def test_a_table_that_the_site_does_not_have_leaves_its_stream_out(library: Library) -> None:
    assert "payment_term" in library.source("customer").streams
    assert library.source("customer", tables={"terms": ""}).streams == ("company", "customer")


def test_a_name_that_the_template_does_not_know_is_a_fault(library: Library) -> None:
    with pytest.raises(ConfigError, match=r"`columns.holds` of the connection names nothing of this template"):
        library.source("customer", columns={"holds": "CHOLD"})
    with pytest.raises(ConfigError, match=r"`codes.kinds` of the connection is no list of this template"):
        library.source("customer", codes={"kinds": {"1": "invoice"}})


def test_a_site_reads_by_its_own_copy(library: Library) -> None:
    own = copied(library, ("name: C.CNME", "name: C.CAD1"))
    assert library.read("customer", template=own)[1]["name"] == "1 High St"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("name: C.CNME", "nome: C.CNME", "customer has no field 'nome'"),
        ("name: C.CNME", "name: CNME", "'CNME' is no ALIAS.COLUMN"),
        ("name: C.CNME", "name: X.CNME", "'X.CNME' is no ALIAS.COLUMN"),
        ('history: "(A.RDATE', 'histori: "(A.RDATE', "unknown key 'histori'"),
        ("{constant: main}", "{constant: mane}", "purposes cannot be 'mane'"),
    ],
)
def test_a_fault_of_the_template_is_told_with_its_place(library: Library, old: str, new: str, told: str) -> None:
    own = copied(library, (old, new))
    with pytest.raises(ConfigError) as raised:
        library.source("customer", template=own)
    assert told in str(raised.value)
    assert "own.yaml:" in str(raised.value)


def test_the_shipped_template_is_checked_like_a_sites(library: Library) -> None:
    assert infor_lx.check_mapping(TEMPLATE).startswith("payment_term (5 fields), customer (")


def test_check_names_each_table_and_what_is_missing_in_it(library: Library) -> None:
    library.run("ALTER TABLE RCM RENAME COLUMN CNME TO CNAME; DROP TABLE RTM")
    found = {each.subject: each for each in library.source("customer").check()}
    assert not found["read RCM"].ok
    assert "mapping incomplete: RCM has no column CNME" in found["read RCM"].message
    assert (found["read RTM"].ok, "grant SELECT on RTM" in str(found["read RTM"].advice)) == (False, True)


def test_check_asks_for_the_companies_that_no_table_names(library: Library) -> None:
    found = {each.subject: each for each in library.source("customer", companies=[]).check()}
    assert "companies: [{code:" in str(found["companies"].advice)


def test_check_warns_of_a_database_that_the_template_was_not_written_for(library: Library) -> None:
    own = copied(library, ("dialects: [db2i, sqlite]", "dialects: [db2i]"))
    found = {each.subject: each for each in library.source("customer", template=own).check()}
    assert (found["dialect"].severity, found["dialect"].message) == (
        "warning", "the template was written for db2i, not for sqlite",
    )  # fmt: skip


def test_check_holds_movements_against_what_is_open(library: Library) -> None:
    library.document(1, "100.00", rest="60.00")
    library.document(9, "-40.00", rest="0", ARDTYP=0, RSEQ=1, RINVC=1)
    assert {each.subject: each.ok for each in library.source("item").check()}["sum of movements"]
    library.document(2, "50.00", rest="-50.00")
    wrong = {each.subject: each for each in library.source("item").check()}["sum of movements"]
    assert (wrong.severity, "1 customers owe another sum" in wrong.message) == ("warning", True)


def test_discover_lists_companies_and_columns_that_may_be_meant(library: Library) -> None:
    library.run("INSERT INTO SYSCOLUMNS VALUES ('main', 'RCM', 'CCOUN', 'E-mail of the customer', 'CHAR', 2, NULL)")
    found = list(library.source("customer").discover())
    assert ("company", "10", "GBP") in {(each.kind, each.name, each.text) for each in found}
    told = [each for each in found if each.kind == "column"]
    assert [(each.name, each.suggests) for each in told] == [("RCM.CCOUN", "columns: {email: CCOUN}")]
