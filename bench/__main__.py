"""Run the benches, all or those named, print their table and write build/bench.json.

Every module here that has a `run()` is a bench; one that has `PARTS` too may run some of them alone:
`python -m bench connectors --only sap_ecc jde`. The exit code is 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

import bench

from .measure import Figure

Told = Figure | dict[str, Any]
OUT: Final = Path("build/bench.json")


def benches(names: Sequence[str], parts: Sequence[str] = ()) -> dict[str, Callable[[], list[Told]]]:
    """Return the benches of these names, or all; with `parts` the one that has them, for these alone."""
    found = [module.name for module in pkgutil.iter_modules(bench.__path__) if module.name != "__main__"]
    unknown = sorted(set(names) - set(found))
    if unknown:
        sys.exit(f"There is no bench {', '.join(unknown)}. Fix: name one of {', '.join(found)}.")
    modules = {name: importlib.import_module(f"bench.{name}") for name in names or found}
    if parts:
        return {
            name: _parts(name, module, parts) for name, module in modules.items() if names or hasattr(module, "PARTS")
        }
    return {name: module.run for name, module in modules.items() if hasattr(module, "run")}


def _parts(name: str, module: Any, parts: Sequence[str]) -> Callable[[], list[Told]]:
    known = getattr(module, "PARTS", {})
    unknown = [part for part in parts if part not in known]
    if unknown:
        sys.exit(f"The bench {name} has no {', '.join(unknown)}. Fix: name one of {', '.join(known) or 'none'}.")
    return partial(module.run, parts)


def main(arguments: Sequence[str]) -> int:
    """Run them one after the other; figures of benches not run now are kept in the file."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Run the benches, all or those named.")
    parser.add_argument("bench", nargs="*", help="the benches to run")
    parser.add_argument("--only", nargs="+", default=(), metavar="PART", help="what to measure of a bench with parts")
    asked = parser.parse_args(arguments)
    console, rows = Console(), []
    for name, measure in benches(asked.bench, asked.only).items():
        console.print(f"bench {name} …")
        found = [told.row() if isinstance(told, Figure) else told for told in measure()]
        _write(found)
        rows += found
    console.print(_table(rows))
    return 0 if all(row["held"] for row in rows) else 1


def _table(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table("measure", "figure", "unit", "bar", "held")
    for row in rows:
        table.add_row(row["name"], f"{row['figure']:.2f}", row["unit"], row["bar"], "yes" if row["held"] else "NO")
    return table


def _write(rows: Sequence[dict[str, Any]]) -> None:
    kept = json.loads(OUT.read_text()) if OUT.exists() else []
    names = ("name", "figure", "unit", "bar", "held")
    new = {(row["name"], row["unit"]): {name: row[name] for name in names} for row in [*kept, *rows]}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(list(new.values()), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
