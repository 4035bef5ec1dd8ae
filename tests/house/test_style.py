"""How the code looks, where no linter holds it: sizes, clocks, and nothing left for later."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("core", "plugins", "rules", "templates", "tests", "bench", "demo", "tools")
FILE_LINES = 500
FUNCTION_LINES = 50
POSITIONAL = 4
# A migration is one list of columns; it is never changed again, so nothing in it is worth a name.
LISTS = "core/books/migrations/versions/"
# A command's options are arguments by place to Python, never to its user.
NOT_COUNTED = ("core/cli/", "tests/", "bench/", "demo/")

LATER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")
CLOCKS = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.localtime",
    "time.time",
    "time.time_ns",
    "sqlalchemy.func.current_date",
    "sqlalchemy.func.current_timestamp",
    "sqlalchemy.func.now",
}
MAY_READ_THE_CLOCK = ("core/cli/", "core/wire/", "core/testing/", "core/ops/schedule", "demo/", "bench/", "tests/")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(*kinds: str) -> list[Path]:
    """Return our files of these kinds."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in kinds]
    return sorted(path for path in found if "__pycache__" not in path.parts)


def told(path: Path) -> str:
    """Return a file's name as it is told."""
    return str(path.relative_to(ROOT))


def functions(tree: ast.AST) -> Iterator[Function]:
    """Yield every function, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def all_functions() -> Iterator[tuple[str, Function]]:
    """Yield each of our functions behind the place it stands."""
    for path in sources(".py"):
        for function in functions(ast.parse(path.read_text())):
            yield f"{told(path)}:{function.lineno} {function.name}", function


def length(function: Function) -> int:
    """Return a function's lines from `def` to its end, without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def positional(function: Function) -> int:
    """Return how many arguments may be given by place, without self and cls."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def clocks(source: str) -> list[int]:
    """Return the lines that read a clock, or hand on one to read, under whatever name it was imported."""
    tree = ast.parse(source)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.expr) and full_name(node, names) in CLOCKS]


def clocks_in_decorators(source: str) -> list[int]:
    """Return the lines that read a clock while a test is collected: its name would differ from process to process."""
    over = [decorator for function in functions(ast.parse(source)) for decorator in function.decorator_list]
    spans = [range(decorator.lineno, (decorator.end_lineno or decorator.lineno) + 1) for decorator in over]
    return [line for line in clocks(source) if any(line in span for span in spans)]


def full_name(node: ast.expr, names: dict[str, str]) -> str:
    """Return a dotted expression's full name; empty for any other."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        base = full_name(node.value, names)
        return f"{base}.{node.attr}" if base else ""
    return ""


def test_every_file_is_short() -> None:
    lengths = {told(path): len(path.read_text().splitlines()) for path in sources(".py", ".sh", ".j2", ".typ")}
    assert {path: lines for path, lines in lengths.items() if lines > FILE_LINES} == {}


def test_nothing_is_left_for_later() -> None:
    found = [
        f"{told(path)}:{number}: {line.strip()}"
        for path in sources(".py", ".sh", ".yaml", ".j2", ".typ")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if LATER.search(line)
    ]
    assert found == []


def test_no_key_lies_at_the_root() -> None:
    """Where a test leaves one when it forgets to say in which folder."""
    assert [file.name for kind in ("*.pem", "*.key", "*.p12") for file in ROOT.glob(kind)] == []


def test_every_function_is_short() -> None:
    lengths = {where: length(function) for where, function in all_functions() if not where.startswith(LISTS)}
    assert {where: lines for where, lines in lengths.items() if lines > FUNCTION_LINES} == {}


def test_functions_take_few_arguments_by_place() -> None:
    counts = {where: positional(function) for where, function in all_functions() if not where.startswith(NOT_COUNTED)}
    assert {where: count for where, count in counts.items() if count > POSITIONAL} == {}


def test_the_day_and_the_clock_are_arguments() -> None:
    found = [
        f"{told(path)}:{line} reads the clock"
        for path in sources(".py")
        if not told(path).startswith(MAY_READ_THE_CLOCK)
        for line in clocks(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import date\ndate.today()",
        "import datetime\ndatetime.datetime.now(datetime.UTC)",
        "from datetime import datetime as moment\nmoment.utcnow()",
        "import datetime as dt\nclock = dt.datetime.now",
        "from time import time\ntime()",
        "import time\ntime.time()",
        "from sqlalchemy import func\nfunc.now()",
        "import sqlalchemy as sa\nsa.func.current_date()",
    ],
)
def test_a_planted_clock_is_caught(source: str) -> None:
    assert clocks(source)[-1:] == [2]


def test_no_test_is_named_by_the_clock() -> None:
    found = [
        f"{told(path)}:{line}"
        for path in sources(".py")
        if told(path).startswith("tests/")
        for line in clocks_in_decorators(path.read_text())
    ]
    assert found == []


def test_a_clock_among_a_tests_parameters_is_caught() -> None:
    source = "import time\n@mark.parametrize('at', [\n    1,\n    time.time(),\n])\ndef test(at):\n    time.time()\n"
    assert clocks_in_decorators(source) == [4]


def test_monotonic_time_and_our_own_now_are_no_clocks() -> None:
    assert clocks("import time\nfrom .context import Context\ntime.monotonic()\nContext.now\nself.now()") == []


def test_a_docstring_does_not_count_as_length() -> None:
    (function,) = functions(ast.parse('def pay(self, a, b, *, c):\n    """Pay.\n\n    Now.\n    """\n    return a\n'))
    assert (length(function), positional(function)) == (2, 2)
