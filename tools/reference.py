"""Write docs/reference from the code: the hooks, duehook.yaml, the command line and the tables of the books.

`python tools/reference.py` writes the pages; with `--check` it changes nothing and ends with 1
when one of them is not what the code says.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import sys
import typing
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from duehook.core import hookspecs
from duehook.core.books import tables
from duehook.core.cli.app import build
from duehook.core.plugins import Plugins
from duehook.core.runs.connectors import connectors
from duehook.core.settings import Settings
from duehook.core.testing.contract.grading.grades import in_tests
from duehook.core.testing.contract.grading.others import OtherServer, others_of
from duehook.core.yaml_source import parts

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
MADE = "<!-- Made by tools/reference.py from the code; do not edit. -->\n"


def hooks() -> Iterator[str]:
    """Yield the page of the hooks and of the objects that plugins hand over."""
    tree = ast.parse(inspect.getsource(hookspecs))
    specs = [node for node in tree.body if isinstance(node, ast.FunctionDef) and _is_spec(node)]
    objects = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    yield f"# Hooks\n\n{MADE}\n{ast.get_docstring(tree)}\n\n"
    yield "A plugin is a module with functions marked `@hookimpl`, named by an entry point in the group `duehook`:\n\n"
    yield "```python\nfrom duehook.core import hookimpl\n\nduehook_api = 1\n\n\n"
    yield '@hookimpl\ndef connection_settings(type):\n    return MySettings if type == "mine" else None\n```\n\n'
    yield "One file in `plugins/` beside duehook.yaml will do as well. `duehook plugins` says what became of each.\n\n"
    for spec in specs:
        yield f"## {spec.name}\n\n```python\n{signature(spec)}\n```\n\n{ast.get_docstring(spec)}\n\n"
    yield "# What the hooks speak of\n\n"
    for node in objects:
        yield from _object(node)


def signature(node: ast.FunctionDef) -> str:
    """Return a function's signature as its source has it, without self."""
    arguments = ast.unparse(node.args).removeprefix("self, ").removeprefix("self")
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({arguments}){returns}"


def _is_spec(node: ast.FunctionDef) -> bool:
    return any(isinstance(mark, ast.Name) and mark.id == "hookspec" for mark in node.decorator_list)


def _object(node: ast.ClassDef) -> Iterator[str]:
    yield f"## {node.name}\n\n{ast.get_docstring(node)}\n\n"
    fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
    if fields:
        yield "```python\n" + "".join(f"{ast.unparse(each)}\n" for each in fields) + "```\n\n"
    for method in node.body:
        if isinstance(method, ast.FunctionDef):
            yield f"### `{signature(method)}`\n\n{ast.get_docstring(method)}\n\n"


def config() -> Iterator[str]:
    """Yield the page of duehook.yaml."""
    yield f"# duehook.yaml\n\n{MADE}\n"
    yield "Every fault is told as file:line:col, all at once, by `duehook config check`; an unknown key is a fault.\n"
    yield "Paths count from the file's own folder. Where a secret belongs, write where it is instead:\n\n"
    yield "```yaml\npassword: {env: NAME}          # an environment variable, or a line of .env beside the file\n"
    yield "password: {file: path}\npassword: {credential: name}   # a systemd credential\n```\n\n"
    yield "A connection has `type` (its plugin), `serves` (what it is used for: "
    yield "`customers`, `contacts`, `invoices`, `payments`, `write_back`; all by default), and its plugin's keys.\n\n"
    yield from _section("The file", Settings, seen=set())


def _section(title: str, model: type[BaseModel], *, seen: set[type]) -> Iterator[str]:
    seen.add(model)
    about = inspect.getdoc(model) or ""
    yield f"## {title}\n\n{about}\n\n| key | value | default | |\n|---|---|---|---|\n"
    inner: list[tuple[str, type[BaseModel]]] = []
    for name, info in model.model_fields.items():
        if info.exclude:
            continue
        key = info.alias or name
        yield f"| `{key}` | {_kind(info)} | {_default(info)} | {info.description or ''} |\n"
        inner += [(key, each) for each in _models(info.annotation) if each not in seen]
    yield "\n"
    for key, each in inner:
        if each not in seen and each.__name__ != "Connection":
            yield from _section(f"{title}: {key}" if title != "The file" else key, each, seen=seen)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    for part in parts(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            yield part
        for argument in typing.get_args(part):
            yield from _models(argument)


def _kind(info: FieldInfo) -> str:
    return next(_described(info.metadata, info.annotation), None) or _type(info.annotation)


def _described(metadata: list[Any], annotation: Any) -> Iterator[str]:
    """Yield what the types say of themselves for editors, also inside of a union."""
    for mark in (*metadata, *getattr(annotation, "__metadata__", ())):
        described = getattr(mark, "json_schema", None)
        if isinstance(described, dict) and "description" in described:
            yield str(described["description"])
    if typing.get_origin(annotation) is not dict:
        for each in typing.get_args(annotation):
            yield from _described([], each)


def _type(annotation: Any) -> str:
    found = [part for part in parts(annotation) if part is not type(None)]
    return " or ".join(dict.fromkeys(_one_type(part) for part in found))


def _one_type(part: Any) -> str:
    origin, arguments = typing.get_origin(part), typing.get_args(part)
    if origin is typing.Literal:
        return ", ".join(f"`{each}`" for each in arguments)
    if origin is dict:
        return f"name: {_type(arguments[1])}"
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    words = {str: "text", int: "number", bool: "true or false", timedelta: "duration", Decimal: "share", Any: "any"}
    if isinstance(part, type) and issubclass(part, BaseModel):
        return "keys, see below"
    return words.get(part, getattr(part, "__name__", str(part)))


def _default(info: FieldInfo) -> str:
    value = info.default
    if info.is_required():
        return "**needed**"
    if value is None or value in ((), {}) or isinstance(value, BaseModel):
        return ""
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        length, unit = next((length, unit) for length, unit in _UNITS if seconds % length == 0)
        return f"`{seconds // length} {unit}`"
    return f"`{value * 100:f} %`".replace(".00", "").replace(".0", "") if isinstance(value, Decimal) else f"`{value}`"


def cli() -> Iterator[str]:
    """Yield the page of the command line."""
    root: Any = typer.main.get_command(build())
    yield f"# The command line\n\n{MADE}\n{root.help}\n\n"
    yield "Exit codes: 0 ok · 1 failed · 2 usage · 3 config · 4 connection · 5 partial.\n\n"
    yield "Before the command:\n\n" + "".join(_options(root))
    for path, command in _commands(root, "duehook"):
        arguments = " ".join(_placeholder(each) for each in command.params if each.param_type_name == "argument")
        yield f"\n## {path}\n\n```\n{' '.join(filter(None, (path, arguments)))} [OPTIONS]\n```\n\n"
        yield f"{inspect.cleandoc(command.help or '')}\n\n" + "".join(_options(command))


def _commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, command in sorted((each, group.get_command(None, each)) for each in group.list_commands(None)):
        if hasattr(command, "commands"):
            yield from _commands(command, f"{path} {name}")
        elif not command.hidden:
            yield f"{path} {name}", command


def _placeholder(argument: Any) -> str:
    name = (argument.metavar or argument.name).upper().strip("[].")
    many = "..." if argument.nargs != 1 or argument.multiple else ""
    return f"{name}{many}" if argument.required else f"[{name}]{many}"


def _options(command: Any) -> Iterator[str]:
    for each in command.params:
        names = ", ".join(f"`{name}`" for name in each.opts)
        if each.param_type_name == "option" and each.name not in {"help", "install_completion", "show_completion"}:
            yield f"- {names}: {each.help or ''}\n"


def books() -> Iterator[str]:
    """Yield the page of the tables, each with the comment that stands above it in the source."""
    yield f"# The tables of the books\n\n{MADE}\n"
    yield "Amounts are whole ten-thousandths; instants are UTC; `company`, `connection` and `key` lead every key of "
    yield "the ledger. A table `…_version` has the same columns, the rows as they were, and `known_to`: until when.\n\n"
    known = tables.metadata.tables
    for module in (tables.ledger, tables.dunning, tables.parties, tables.imports, tables.ops):
        lines = inspect.getsource(module).splitlines()
        yield f"## {module.__name__.rpartition('.')[2]}\n\n{inspect.getdoc(module)}\n\n"
        yield "| table | key | |\n|---|---|---|\n"
        for name, table in known.items():
            at = next((number for number, line in enumerate(lines) if line.startswith(f"{name} = ")), None)
            if at is not None and name.removesuffix("_version") not in known.keys() - {name}:
                keys = ", ".join(f"`{column.name}`" for column in table.primary_key)
                yield f"| `{name}` | {keys} | {_comment(lines[:at])} |\n"
        yield "\n"


def _comment(above: list[str]) -> str:
    """Return the comment that ends the lines, on one line."""
    kept = list(itertools.takewhile(lambda line: line.startswith("#"), reversed(above)))
    return " ".join(line.lstrip("# ").strip() for line in reversed(kept)).replace("|", "\\|")


SURE = """A grade says that a connector does what the kit asks of it over its simulator, and a simulator knows no more
than what is public of the ERP. What is not confirmed is a setting that `check` tries, and stands in the connector's
README. Three grades want a word: no file of XA's ledger is confirmed, so `infor_xa` earned its grade over a schema that
was made up, as a template; `jde_world` and the other ledgers read by SQL write only where the site has a program of its
own that carries out what is queued, and so had their simulators; `sap_ecc` writes only by function modules of the
site's own.

That a reading of nothing new asks at most twice for an entity holds where the ERP's tables bear a stamp of their last
change. Where they bear none they are read whole each time, in as many questions as that takes: what is open in ECC, and
of most ledgers read by SQL the customers, contacts, payments or applications; each README says which."""


def grades() -> Iterator[str]:
    """Yield the page of the connectors' grades, from the records that the contract kit wrote beside their code."""
    yield f"# Connectors\n\n{MADE}\n"
    yield "What each connector earned by the contract kit, `pytest --duehook-connector=TYPE`, when and against what.\n"
    yield "No ERP was at hand: a simulator is not the ERP, and a site's own `duehook check` has the last word.\n\n"
    yield "| connector | grade | earned on | against | passed | missing for the next |\n|---|---|---|---|---|---|\n"
    plugins = Plugins.load()
    found = [(each.record, each.missing) for each in connectors(plugins) if each.record]
    records = [record for record, _ in found]
    for record, missing in found:
        yield f"| `{record.connector}` | {record.grade or 'none'} | {record.earned_on} | {record.told_against} "
        yield f"| {record.passed} | {missing} |\n"
    yield f"\n{SURE}\n"
    yield from _sizes([record.connector for record in records], plugins)
    for record in records:
        yield f"\n## What does not apply to {record.connector}\n\n"
        reasons: dict[str, list[str]] = {}
        for name, reason in record.exempt.items():
            reasons.setdefault(reason.removeprefix("lacks "), []).append(name)
        yield from (f"- {reason}: {in_tests(len(names))}\n" for reason, names in reasons.items())
        for server in others_of(plugins.home(record.connector)):
            yield from _other(record.connector, server)


def _sizes(types: list[str], plugins: Plugins) -> Iterator[str]:
    """Yield how many lines each connector has: what it shares with others stands in core, or in its family's room."""
    yield "\n## How many lines\n\nLines of Python and of templates, with their comments; tests are not counted.\n\n"
    yield "| connector | its own | its simulator |\n|---|---|---|\n"
    for name in types:
        home = plugins.home(name)
        simulator = _lines(home / "simulator")
        own = _lines(home) - simulator
        yield f"| `{name}` | {own:,} | {simulator:,} |\n"


def _lines(folder: Path) -> int:
    files = [file for kind in ("*.py", "*.yaml") for file in folder.rglob(kind)]
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)


def _other(connector: str, server: OtherServer) -> Iterator[str]:
    """Yield what else a connector ran on, and what that lacks."""
    yield f"\n## What {connector} ran on besides: {server.name} {server.version}\n\n{server.about}\n\n"
    yield "| what ran there | tests |\n|---|---|\n"
    yield from (f"| {case} | {', '.join(f'`{test}`' for test in tests)} |\n" for case, tests in server.cases.items())
    yield f"\nWhat {server.name} lacks, so that it ran on the simulator alone:\n\n"
    yield from (f"- {what}: {', '.join(names)}\n" for what, names in server.lacks.items())


PAGES = {"hooks.md": hooks, "config.md": config, "cli.md": cli, "books.md": books, "connectors.md": grades}


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check say which are not current."""
    stale = []
    for name, page in PAGES.items():
        text = "".join(page()).rstrip() + "\n"
        file = FOLDER / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in arguments:
                FOLDER.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
    if stale and "--check" in arguments:
        sys.stderr.write(f"not current: {', '.join(stale)}. Fix: run `python tools/reference.py`.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
