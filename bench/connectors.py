"""Each connector over its simulator: a full read and merge, measured by the import engine on the very same rows.

The simulator runs in a process of its own and so does each import, so that a client's CPU and memory are its
own; the books are in PostgreSQL, whose CPU is counted for nobody. SQLite, in which the simulators of ERPs that are
asked by ODBC keep their tables, runs inside the ODBC driver: there the ERP's database is part of the client's CPU, and
a statement is a request. `upper_bound` and the other short answers are replayed with the rows, the key sweep too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any, Final

from duehook.core.testing.contract.serve import served
from duehook.core.testing.postgres import Cluster, throw_away_cluster

from .measure import Figure

TYPES: Final = (
    "jde", "sap", "d365", "infor_m3", "netsuite", "business_central",
    "infor_lx", "infor_xa", "jde_world", "peoplesoft", "oracle_ebs", "oracle_fusion", "sap_ecc",
)  # fmt: skip
# RAR of a usual Infor LX tells no change, so that it is read whole each time: this is a site whose RAR has the columns.
OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {"infor_lx": {"changed_column": True}}
# What comes whole each time, because the ERP's tables do not tell what changed: its requests grow with its rows, and
# are told beside those that are held to the bar.
WHOLE: Final[Mapping[str, frozenset[str]]] = {
    "infor_lx": frozenset({"customer", "contact"}),
    "infor_xa": frozenset({"customer", "payment", "allocation"}),
    "jde_world": frozenset({"customer", "contact", "payment", "allocation"}),
    "peoplesoft": frozenset({"customer", "contact", "payment", "allocation"}),
    "sap_ecc": frozenset({"contact", "item", "payment", "allocation"}),
}
ITEMS: Final = 100_000
SOAP_ITEMS: Final = 20_000
ITEMS_A_CUSTOMER: Final = 5
PER_ENTITY: Final = 2  # requests that an entity may cost when nothing changed

_CLUSTER: Final = {"shared_buffers": "512MB", "max_wal_size": "4GB"}

Told = Figure | dict[str, Any]


def figures(type: str, *, items: int = ITEMS, modules: Sequence[str] = ()) -> list[Told]:
    """Measure one connector: at a tenth of the items for its memory, then at all of them."""
    with throw_away_cluster(_CLUSTER) as cluster:
        few, _ = _measured(type, cluster, items // 10, modules, engine=False)
        many, engine = _measured(type, cluster, items, modules, engine=True)
    rows, name = sum(many["rows"].values()), f"{type}, {items:,} open items"
    whole = {each: count for each, count in many["again"].items() if each.split(":")[0] in WHOLE.get(type, ())}
    stamped = {each: count for each, count in many["again"].items() if each not in whole}
    print(
        f"  {name}: {rows:,} rows in {many['wall']:.1f} s, {many['cpu']:.1f} s CPU beside {engine['cpu']:.1f} s of the "
        f"engine alone, {many['requests']} requests; unchanged {_most(many['again'])}, sweep {_most(many['sweep'])}",
        flush=True,
    )
    return [
        _without_bar(f"{name}: rows by the clock", rows / many["wall"], "rows/s"),
        _without_bar(f"{name}: rows by client CPU", rows / many["cpu"], "rows/s"),
        Figure(f"{name}: client CPU", many["cpu"] / engine["cpu"], "× the import engine alone", 4),
        _without_bar(f"{name}: peak memory", many["peak"] / 1024, "MiB"),
        Figure(f"{name}: peak memory", many["peak"] / few["peak"], "× that of a tenth", 1.25),
        Figure(
            f"{name}: unchanged, the entity asked most by a stream",
            max(stamped.values(), default=0),
            "requests",
            PER_ENTITY,
        ),
        _without_bar(f"{name}: unchanged, streams that come whole", sum(whole.values()), "requests"),
        _without_bar(f"{name}: unchanged, all entities", sum(many["again"].values()), "requests"),
        _without_bar(f"{name}: unchanged, the key sweep", sum(many["sweep"].values()), "requests"),
    ]


def _most(asked: Mapping[str, int]) -> dict[str, int]:
    """Return the entities that were asked most."""
    return dict(Counter(asked).most_common(8))


def soap(*, items: int = SOAP_ITEMS) -> list[Told]:
    """Measure NetSuite by SOAP beside SuiteQL in one run: what it costs is told, and held to no bar."""
    with throw_away_cluster(_CLUSTER) as cluster:
        suiteql, _ = _measured("netsuite", cluster, items, (), engine=False)
        by_soap, engine = _measured("netsuite", cluster, items, (), engine=True, read_by="soap")
    name = f"netsuite by SOAP, {items:,} open items"
    costs = {"requests": "requests", "wall": "s by the clock", "cpu": "s of client CPU"}
    print(
        f"  {name}: "
        + ", ".join(f"{by_soap[each]:,.1f} beside {suiteql[each]:,.1f} {unit}" for each, unit in costs.items())
    )
    return [
        _without_bar(f"{name}: client CPU", by_soap["cpu"] / engine["cpu"], "× the import engine alone"),
        _without_bar(f"{name}: client CPU", by_soap["cpu"] / suiteql["cpu"], "× by SuiteQL"),
        _without_bar(f"{name}: by the clock", by_soap["wall"] / suiteql["wall"], "× by SuiteQL"),
        _without_bar(f"{name}: requests", by_soap["requests"] / suiteql["requests"], "× by SuiteQL"),
        _without_bar(f"{name}: peak memory", by_soap["peak"] / suiteql["peak"], "× by SuiteQL"),
    ]


PARTS: Final[Mapping[str, Callable[[], list[Told]]]] = {
    **{type: partial(figures, type) for type in TYPES},
    "netsuite_by_soap": soap,
}


def run(parts: Sequence[str] = ()) -> list[Told]:
    """Measure every connector that comes with Duehook, or those named."""
    return [told for part in parts or PARTS for told in PARTS[part]()]


def _without_bar(name: str, figure: float, unit: str) -> dict[str, Any]:
    return {"name": name, "figure": figure, "unit": unit, "bar": "none", "held": True}


def _measured(
    type: str, cluster: Cluster, items: int, modules: Sequence[str], *, engine: bool, **more: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what an import through the connector cost, and the `engine` alone on what the connector gave."""
    options = {"customers": max(items // ITEMS_A_CUSTOMER, 1), "items": items, **OPTIONS.get(type, {}), **more}
    database = "_".join([type, str(items), *more.values()])
    with TemporaryDirectory(prefix="duehook-bench-") as folder:
        with served(type, {**options, "folder": folder}, modules) as erp:
            wish = {**asdict(erp), "type": type, "modules": modules, "folder": folder, "file": f"{folder}/given"}
            through = _child(wish, cluster, database, replay=False)
        alone = _child(wish, cluster, f"{database}_alone", replay=True) if engine else {}
    return through, alone


def _child(wish: Mapping[str, Any], cluster: Cluster, database: str, *, replay: bool) -> dict[str, Any]:
    asked = json.dumps({**wish, "database": cluster.create(database), "replay": replay})
    command = [sys.executable, "-m", "bench.connector_import"]
    done = subprocess.run(command, input=asked, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
