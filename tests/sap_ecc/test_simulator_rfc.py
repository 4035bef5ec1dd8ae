"""The stand-in for an RFC library: the same function modules, values and errors as an RFC client sees them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from duehook.core.testing.contract.scenes.acts import issue
from duehook.plugins.sap_ecc.simulator import rfc

from .simulated import Site, nobody_yet, served


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with served(tmp_path, transport="rfc", site_functions=True) as made:
        yield made


def connected(site: Site, **other: str) -> rfc.Connection:
    held = {"client": "100", "user": "DUEHOOK", "passwd": "Simulator-1", **other}
    return rfc.Connection(ashost=site.settings["host"], sysnr="00", **held)


def test_the_settings_name_the_stand_in(site: Site) -> None:
    told = {name: site.settings[name] for name in ("transport", "system_number", "rfc_library")}
    assert told == {
        "transport": "rfc", "system_number": "00", "rfc_library": "duehook.plugins.sap_ecc.simulator.rfc",
    }  # fmt: skip
    assert "base_url" not in site.settings


def test_a_table_is_read_and_all_tables_come_back(site: Site) -> None:
    with connected(site) as connection:
        told = connection.call(
            "RFC_READ_TABLE", QUERY_TABLE="T001", DELIMITER="|", ROWCOUNT=0,
            FIELDS=[{"FIELDNAME": "BUKRS"}, {"FIELDNAME": "WAERS"}], OPTIONS=[{"TEXT": "BUKRS EQ '0030'"}],
        )  # fmt: skip
    assert told["DATA"] == [{"WA": "0030|KWD"}]
    assert told["FIELDS"][1] == {
        "FIELDNAME": "WAERS", "OFFSET": "000005", "LENGTH": "000005", "TYPE": "C", "FIELDTEXT": "Waers",
    }  # fmt: skip
    assert told["OPTIONS"] == []


def test_amounts_are_decimals_and_days_are_digits(site: Site) -> None:
    customer = nobody_yet(site)
    with site.simulator.act() as book:
        issue(book, "-12.50", kind="credit_note", company="00010", customer=customer, number=900001)
    told = connected(site).call(
        "BAPI_AR_ACC_GETOPENITEMS", COMPANYCODE="0010", CUSTOMER="0000001021", KEYDATE="20260302"
    )
    line = told["LINEITEMS"][0]
    assert (line["AMT_DOCCUR"], line["DB_CR_IND"], line["DOC_DATE"]) == (Decimal("12.5000"), "H", "20260302")
    assert told["RETURN"]["TYPE"] == ""


def test_an_exception_of_a_module_is_an_application_error_with_its_key(site: Site) -> None:
    with pytest.raises(rfc.ABAPApplicationError) as told:
        connected(site).call("RFC_READ_TABLE", QUERY_TABLE="NONE")
    assert told.value.key == "TABLE_NOT_AVAILABLE"


def test_a_module_or_parameter_that_there_is_not_is_a_runtime_error(site: Site) -> None:
    connection = connected(site)
    with pytest.raises(rfc.ABAPRuntimeError) as told:
        connection.call("Z_NONE")
    assert told.value.key == "FU_NOT_FOUND"
    with pytest.raises(rfc.ABAPRuntimeError, match="field 'ORDER' not found"):
        connection.call("RFC_READ_TABLE", QUERY_TABLE="T001", ORDER="X")


def test_a_wrong_password_is_a_logon_error_at_once(site: Site) -> None:
    with pytest.raises(rfc.LogonError):
        connected(site, passwd="wrong")


def test_a_line_that_breaks_is_a_communication_error(site: Site) -> None:
    connection = connected(site)
    for kind in ("reset", "half_page", "html", "garbage", "status", "lost_reply"):
        site.simulator.faults.set(kind, "STFC_CONNECTION")
        with pytest.raises(rfc.CommunicationError):
            connection.call("STFC_CONNECTION", REQUTEXT="x")
        connection = connected(site)
    assert connection.alive
    connection.close()
    with pytest.raises(rfc.CommunicationError):
        connection.ping()


def test_a_write_is_committed_in_its_own_connection(site: Site) -> None:
    nobody_yet(site)
    mine, other = connected(site), connected(site)
    told = mine.call("Z_DUEHOOK_HOLD", KUNNR="0000001021", BUKRS="0010", CRBLB="X", MARK="#DH-1")
    assert told["RETURN"]["TYPE"] == "S"
    other.call("BAPI_TRANSACTION_COMMIT", WAIT="X")
    assert site.simulator.hold("00010", "1021") is None
    mine.call("BAPI_TRANSACTION_COMMIT", WAIT="X")
    assert site.simulator.hold("00010", "1021") == "X"


def test_a_page_may_have_lost_half_of_its_rows(site: Site) -> None:
    connection = connected(site)
    site.simulator.faults.set("shrink", "RFC_READ_TABLE")
    counts = [len(connection.call("RFC_READ_TABLE", QUERY_TABLE="T001")["DATA"]) for _ in range(2)]
    assert counts == [2, 4]
