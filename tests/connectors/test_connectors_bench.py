"""The bench of the connectors: what it measures is the whole import, and the engine's part is the same import."""

from __future__ import annotations

from bench.connectors import figures
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
