"""Run the benches, all or those named, print their table and write build/bench.json.

Every module here that has a `run()` is a bench. The exit code is 1 when a bar is missed.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

import bench

from .measure import Figure

Told = Figure | dict[str, Any]
OUT: Final = Path("build/bench.json")


def benches(names: Sequence[str]) -> dict[str, Callable[[], list[Told]]]:
    """Return the benches of these names, or all."""
    found = [module.name for module in pkgutil.iter_modules(bench.__path__) if module.name != "__main__"]
    unknown = sorted(set(names) - set(found))
    if unknown:
        sys.exit(f"There is no bench {', '.join(unknown)}. Fix: name one of {', '.join(found)}.")
    modules = {name: importlib.import_module(f"bench.{name}") for name in names or found}
    return {name: module.run for name, module in modules.items() if hasattr(module, "run")}


def main(names: Sequence[str]) -> int:
    """Run them one after the other; figures of benches not run now are kept in the file."""
    console, rows = Console(), []
    for name, measure in benches(names).items():
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
    sys.exit(main([name for name in sys.argv[1:] if not name.startswith("-")]))
