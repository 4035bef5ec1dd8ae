"""The bench of the connectors: what it measures is the whole import, and the engine's part is the same import."""

from __future__ import annotations

import pytest

from bench.__main__ import benches
from bench.connectors import PARTS, TYPES, WHOLE, figures
from bench.measure import Figure

TEMPLATE = "duehook.core.scaffold.connector"


def test_a_connector_is_measured_beside_the_engine_on_the_rows_that_it_gave() -> None:
    told = figures("acme", items=200, modules=[TEMPLATE])
    rows = {
        (row["name"], row["unit"]): row for row in (each.row() if isinstance(each, Figure) else each for each in told)
    }
    name = "acme, 200 open items"
    ratio = rows[f"{name}: client CPU", "× the import engine alone"]
    assert (ratio["bar"], ratio["figure"] > 0.5) == ("≤ 4", True)
    assert rows[f"{name}: rows by the clock", "rows/s"]["figure"] > 0
    most = rows[f"{name}: unchanged, the entity asked most by a stream", "requests"]
    assert (most["figure"] in {1, 2}, most["bar"], most["held"]) == (True, "≤ 2", True)
    assert rows[f"{name}: unchanged, the key sweep", "requests"]["figure"] >= 1
    assert rows[f"{name}: peak memory", "× that of a tenth"]["bar"] == "≤ 1.25"


def test_statements_are_the_requests_of_an_erp_that_is_asked_by_odbc() -> None:
    told = figures("infor_lx", items=200)
    rows = {row["name"]: row for row in (each.row() if isinstance(each, Figure) else each for each in told)}
    most = rows["infor_lx, 200 open items: unchanged, the entity asked most by a stream"]
    assert (most["figure"], most["held"]) == (2, True)
    assert rows["infor_lx, 200 open items: unchanged, the key sweep"]["figure"] >= 1


def test_what_an_erp_cannot_stamp_is_told_beside_the_bar() -> None:
    told = figures("infor_xa", items=200)
    rows = {row["name"]: row for row in (each.row() if isinstance(each, Figure) else each for each in told)}
    whole = rows["infor_xa, 200 open items: unchanged, streams that come whole"]
    assert (whole["figure"], whole["bar"]) == (6, "none")  # customers, payments, allocations: a page and a look behind
    assert rows["infor_xa, 200 open items: unchanged, the entity asked most by a stream"]["figure"] == 1
    assert WHOLE.keys() < {*TYPES}


def test_one_type_can_be_measured_alone() -> None:
    assert list(benches((), ["sap_ecc", "jde"])) == ["connectors"]
    assert {"sap_ecc", "jde_world", "netsuite_by_soap"} <= PARTS.keys()
    with pytest.raises(SystemExit, match=r"The bench connectors has no sap_ebs\. Fix: name one of jde, sap, "):
        benches(["connectors"], ["sap_ebs"])
    with pytest.raises(SystemExit, match=r"The bench aging has no jde\. Fix: name one of none\."):
        benches(["aging"], ["jde"])
