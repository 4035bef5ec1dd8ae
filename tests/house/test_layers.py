"""Who may import whom: the layers of docs/design, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"core", "plugins", "rules", "templates", "tests", "bench", "demo", "duehook"}
DRIVERS = {"pyodbc", "zeep", "msal", "openpyxl", "paramiko"}

PURE = {
    *("errors", "context", "money", "calendar", "records", "policy", "collect"),
    *("redaction", "yaml_source", "field_mapping", "table_mapping"),
}
OUTER = {"hookspecs", "plugins", "plugin_loading", "plugin_watch", "settings", "wire"}
# What a room of core may import beside itself and `duehook.core`'s own names.
MAY_IMPORT = {
    **dict.fromkeys(PURE, PURE),
    "hookspecs": PURE,
    "wire": PURE,
    "settings": PURE | {"hookspecs"},
    "connecting": PURE | {"hookspecs", "wire"},
    "plugins": PURE | {"hookspecs", "plugin_loading", "plugin_watch"},
    "plugin_loading": PURE | {"hookspecs", "plugin_watch"},
    "plugin_watch": PURE | {"hookspecs"},
    "plugin_probe": PURE | {"hookspecs", "plugin_loading", "plugin_watch"},
    "books": PURE,
    "deliver": PURE | {"hookspecs"},
    "ops": PURE | {"books"},
    "testing": PURE | {"hookspecs", "wire", "plugins", "settings"},
    "scaffold": PURE | {"hookspecs", "wire", "testing"},
    "runs": PURE | OUTER | {"books", "deliver", "ops", "plugin_probe", "scaffold", "testing"},
    "cli": PURE | {"plugins", "settings", "ops", "runs"},
    "__init__": {"errors", "records", "hookspecs"},
}
CLOSED_TO_PLUGINS = {"books", "runs", "ops", "cli"}
# The room that the plugins of a family share; each is a plugin of its own all the same.
FAMILIES = {
    "sap_lines": {"sap", "sap_ecc"},
    "sql_ledgers": {"infor_lx", "infor_xa", "jde_world", "oracle_ebs", "peoplesoft"},
}
# Outside the books a transaction or a query is handed on, never spoken to or written.
SQL_NAMES_FOR_ALL = {"Connection", "Engine", "Row", "RowMapping", "Select"}


def imports(tree: ast.AST, package: str) -> Iterator[tuple[ast.stmt, str, str]]:
    """Yield each import as (statement, module, name); a relative one as its full module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node, module, alias.name


def sins(path: str, source: str) -> list[str]:
    """Return what a file imports and should not; `path` counts from the root."""
    tree = ast.parse(source)
    package = ".".join(("duehook", *Path(path).parent.parts))
    found = [
        f"{path}:{statement.lineno} imports {module or '.'} {name}".rstrip()
        for statement, module, name in imports(tree, package)
        if not allowed(path, statement, module, name)
    ]
    return found + [f"{path}:{line} imports a driver at once" for line in eager_drivers(path, tree)]


def allowed(path: str, statement: ast.stmt, module: str, name: str) -> bool:
    """Say whether the file may have this import."""
    here = Path(path).parts
    if isinstance(statement, ast.ImportFrom) and statement.level > 1:
        return False
    if module.split(".")[0] in OURS - {"duehook"} and here[0] in {"core", "plugins", "rules", "templates"}:
        return False
    if module.split(".")[0] == "sqlalchemy" and here[0] == "core" and here[1] != "books":
        return module == "sqlalchemy.exc" or name in SQL_NAMES_FOR_ALL
    if module.split(".")[0] in DRIVERS and here[0] in {"core", "plugins"}:
        return here[:2] == ("core", "wire") or any(part in {"client", "client.py"} for part in here[1:])
    if module.split(".")[0] != "duehook":
        return True
    if here[0] in {"tests", "bench", "demo"}:
        return True
    if here[0] == "core":
        return may_import(here, module, name)
    return here[0] == "plugins" and plugin_may_import(here, module, name)


def room_of(module: str, name: str) -> str:
    """Return the room of core that an import reaches: `errors`, `books`…; empty for core itself."""
    parts = module.split(".")
    if len(parts) > 2:
        return parts[2]
    is_room = (ROOT / "core" / name).is_dir() or (ROOT / "core" / f"{name}.py").is_file()
    return name if is_room else ""


def may_import(here: tuple[str, ...], module: str, name: str) -> bool:
    """Say whether a file of core may import this part of Duehook."""
    own = here[1].removesuffix(".py")
    if module.split(".")[:2] != ["duehook", "core"] or own not in MAY_IMPORT:
        return False
    room = room_of(module, name)
    if not room:
        return own not in PURE or name == "__version__"
    return room == own or room in MAY_IMPORT[own]


def plugin_may_import(here: tuple[str, ...], module: str, name: str) -> bool:
    """Say whether a file of a plugin may import this part of Duehook."""
    if module.split(".")[:2] == ["duehook", "core"]:
        return room_of(module, name) not in CLOSED_TO_PLUGINS
    own = {here[1], *(family for family, types in FAMILIES.items() if here[1] in types)}
    return len(here) > 2 and any(f"{module}.{name}.".startswith(f"duehook.plugins.{room}.") for room in own)


def eager_drivers(path: str, tree: ast.Module) -> Iterator[int]:
    """Yield the lines that import a driver outside of a function, but for types."""
    for statement in tree.body:
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
            continue
        for node in walk_outside_functions(statement):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if path.startswith(("core/", "plugins/")) and any(name.split(".")[0] in DRIVERS for name in names):
                yield node.lineno


def walk_outside_functions(node: ast.stmt) -> Iterator[ast.stmt]:
    """Yield the statements that run when the module is imported."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield from walk_outside_functions(child)


def files() -> list[Path]:
    """Return every source file of ours."""
    folders = ["core", "plugins", "rules", "templates", "tests", "bench", "demo"]
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def test_no_file_imports_what_its_layer_may_not() -> None:
    found = [sin for file in files() for sin in sins(str(file.relative_to(ROOT)), file.read_text())]
    assert found == []


def test_every_room_of_core_has_a_rule() -> None:
    rooms = {path.stem for path in (ROOT / "core").glob("*.py")}
    rooms |= {path.parent.name for path in (ROOT / "core").glob("*/__init__.py")}
    assert rooms - MAY_IMPORT.keys() == set()


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("core/money.py", "from duehook.core.books import Books"),
        ("core/collect/aging.py", "import duehook.core.books.store"),
        ("core/collect/aging.py", "from duehook.core import books"),
        ("core/collect/aging.py", "from duehook.core import hookimpl"),
        ("core/collect/aging.py", "def late():\n    from duehook.core.runs import age"),
        ("core/collect/aging.py", "from ..books import store"),
        ("core/collect/aging.py", "from core.money import Money"),
        ("core/collect/aging.py", "import plugins.jde"),
        ("core/policy/lint.py", "from duehook.core.settings import Settings"),
        ("core/settings/model.py", "from duehook.core.plugins import Plugins"),
        ("core/books/store/items.py", "from duehook.core.deliver import letters"),
        ("core/deliver/mail.py", "from duehook.core.books import Books"),
        ("core/deliver/mail.py", "from sqlalchemy import select"),
        ("core/ops/jobs.py", "from duehook.core.runs import age"),
        ("core/runs/age.py", "from duehook.core.cli import main"),
        ("core/runs/age.py", "from sqlalchemy import Connection, text"),
        ("core/cli/age.py", "from duehook.core.books import Books"),
        ("core/testing/book/book.py", "from duehook.core.runs import age"),
        ("core/plugins.py", "import duehook.plugins.jde"),
        ("core/unheard_of.py", "from duehook.core.money import Money"),
        ("core/wire/session.py", "import pyodbc"),
        ("plugins/jde/mapping.py", "from duehook.core.books import Books"),
        ("plugins/jde/mapping.py", "from duehook.core import runs"),
        ("plugins/jde/mapping.py", "from duehook.plugins.files import mapping"),
        ("plugins/jde/mapping.py", "from duehook.plugins import files"),
        ("plugins/jde/mapping.py", "from duehook.plugins.sap_lines.lines import key_of"),
        ("plugins/sap_lines/lines.py", "from duehook.plugins.sap import TYPE"),
        ("plugins/jde/mapping.py", "from duehook.plugins.sql_ledgers.site import SqlSite"),
        ("plugins/sql_ledgers/site.py", "from duehook.plugins.infor_lx import TYPE"),
        ("plugins/jde/mapping.py", "def read():\n    import pyodbc"),
        ("plugins/jde/client.py", "import pyodbc"),
        ("plugins/jde/client.py", "try:\n    from pyodbc import Error\nexcept ImportError:\n    pass"),
        ("rules/__init__.py", "from duehook.core.policy import lint"),
    ],
)
def test_a_planted_sin_is_caught(path: str, source: str) -> None:
    assert sins(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("core/collect/aging.py", "from .dunning import due_level\nfrom duehook.core.money import Money"),
        ("core/collect/aging.py", "from . import dunning\nimport datetime"),
        ("core/books/store/items.py", "from duehook.core.books.tables import item\nfrom sqlalchemy import select"),
        ("core/ops/audit.py", "from sqlalchemy import Connection\nfrom duehook.core.books import store"),
        ("core/runs/age.py", "from duehook.core.books.store import aging\nfrom duehook.core.deliver import mail"),
        ("core/cli/age.py", "from duehook.core import __version__\nfrom duehook.core.runs import age"),
        ("plugins/jde/client.py", "def connect():\n    import pyodbc"),
        ("core/wire/sql/client.py", "def connect():\n    import pyodbc"),
        ("plugins/jde/client/odbc.py", "if TYPE_CHECKING:\n    import pyodbc"),
        ("plugins/jde/mapping/item.py", "from duehook.plugins.jde.values import money\nfrom duehook.core import Page"),
        ("plugins/jde/__init__.py", "from duehook.plugins.jde import settings\nfrom . import settings"),
        ("plugins/sap_ecc/site.py", "from duehook.plugins.sap_lines.lines import key_of"),
        ("plugins/infor_lx/__init__.py", "from duehook.plugins.sql_ledgers.family import Ledger"),
        ("tests/aging/test_aging.py", "from duehook.core.books import Books\nimport pyodbc"),
    ],
)
def test_what_the_layers_allow_passes(path: str, source: str) -> None:
    assert sins(path, source) == []
