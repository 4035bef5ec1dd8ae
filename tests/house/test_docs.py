"""The docs hold: the tutorial runs word by word, commands exist, links lead somewhere, tables are whole."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer

from duehook.core.books.tables import metadata
from duehook.core.cli.app import build, main
from duehook.core.collect.codes import Code, outcome
from duehook.core.plugins import HoldReason, Plugins
from duehook.core.policy.lint import lint

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
PROMPT = "$ "
ENOUGH = 0.7
FENCE = re.compile(r"^```(\w*) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"\bduehook( +--?[\w-]+( [^ `]+)?)*(?P<words>( [a-z][a-z-]+)+)")


@dataclass
class Block:
    """A fenced block: its language, what stands behind it, and its text."""

    language: str
    about: str
    text: str


@dataclass
class Said:
    """A command of a console block, what the page shows below it, and the exit code it names."""

    command: str
    shown: list[str] = field(default_factory=list)
    exit: int = 0


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page."""
    return [Block(*found.groups()) for found in FENCE.finditer(page.read_text(encoding="utf-8"))]


def said(block: Block) -> list[Said]:
    """Return the commands of a console block."""
    found: list[Said] = []
    for line in block.text.splitlines():
        if line.startswith(PROMPT):
            found.append(Said(line.removeprefix(PROMPT)))
        elif line.startswith("# exit "):
            found[-1].exit = int(line.removeprefix("# exit "))
        else:
            found[-1].shown.append(line)
    return found


def words(text: str) -> set[str]:
    """Return the words of an output; figures and names of files are left out."""
    return {word.lower() for word in re.findall(r"(?<![\w/.@-])[A-Za-z]{3,}(?![\w/@])", text)}


class Terminals:
    """A shell in a fresh folder, and the programs that stay beside it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.staying: list[subprocess.Popen[bytes]] = []
        self.environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "200"}

    def here(self, text: str) -> str:
        """Return a text of the page with a port of our own."""
        return text.replace("8025", str(self.port))

    def run(self, line: Said) -> tuple[int, str]:
        """Run a command and return its exit code and what it printed; a plain one of ours in this process."""
        parts = shlex.split(self.here(line.command))
        if parts[0] == "duehook" and not set("|$><&") & set(line.command):
            told = io.StringIO()
            with contextlib.chdir(self.folder), contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
                return main(parts[1:]), told.getvalue()
        done = subprocess.run(
            ["bash", "-c", self.here(line.command)], cwd=self.folder, env=self.environ, capture_output=True, text=True,
            timeout=180, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def stay(self, line: Said) -> None:
        """Start a program and wait until it says what the page shows, or until its port answers."""
        log = self.folder / f"terminal-{len(self.staying)}.log"
        with log.open("wb") as out:
            program = shlex.split(self.here(line.command))
            self.staying.append(subprocess.Popen(program, cwd=self.folder, env=self.environ, stdout=out, stderr=out))
        last = next((shown for shown in reversed(line.shown) if shown), "")
        until = time.monotonic() + 120
        while not (last in log.read_text() if last else self._answers()):
            assert time.monotonic() < until, f"{line.command} does not stand: {log.read_text()}"
            time.sleep(0.2)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self) -> None:
        """End the programs that stayed."""
        for program in self.staying:
            program.send_signal(signal.SIGINT)
        for program in self.staying:
            program.wait(timeout=30)


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Terminals]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    opened = Terminals(tmp_path, port)
    yield opened
    opened.close()


def test_the_tutorial_runs_word_by_word(terminals: Terminals) -> None:
    wrong = []
    for block in blocks(DOCS / "tutorial.md"):
        if block.language == "yaml" and block.about:
            (terminals.folder / block.about).write_text(terminals.here(block.text))
        elif (block.language, block.about) == ("console", "background"):
            terminals.stay(said(block)[0])
        elif block.language == "console":
            wrong += [fault for line in said(block) if (fault := fault_of(terminals, line))]
    assert wrong == []
    assert len(list((terminals.folder / "mails" / "new").iterdir())) > 5


def fault_of(terminals: Terminals, line: Said) -> str | None:
    """Run a command; say how its end or its words differ from what the page shows."""
    code, told = terminals.run(line)
    if code != line.exit:
        return f"{line.command} ends with {code}, not {line.exit}: {told}"
    shown = words("\n".join(line.shown))
    missing = shown - words(told)
    if len(missing) > len(shown) * (1 - ENOUGH):
        return f"{line.command} lacks {sorted(missing)}: {told}"
    return None


def test_the_plugin_of_the_how_to_holds_who_is_on_its_list(tmp_path: Path) -> None:
    (block,) = (each for each in blocks(DOCS / "how-to" / "write-a-plugin.md") if each.about.endswith(".py"))
    file = tmp_path / block.about
    file.parent.mkdir()
    file.write_text(block.text)
    (tmp_path / "agreements.txt").write_text("01/C2\n")
    plugins = Plugins.load(tmp_path / "plugins")
    assert [(each.state, each.hooks) for each in plugins.report if each.name == "agreements"] == [
        ("ok", ("hold_reason",))
    ]
    debtors = [{"key": f"k{number}", "company": "01", "customer": f"C{number}"} for number in (1, 2, 3)]
    held = plugins.hold_reasons(debtors, date(2026, 3, 2))
    assert held == {"k2": HoldReason("agreements", "sales has an agreement")}


def test_the_policy_of_the_how_to_is_a_policy(tmp_path: Path) -> None:
    (block,) = (each for each in blocks(DOCS / "how-to" / "write-a-policy.md") if each.text.startswith("policy:"))
    file = tmp_path / "ours.yaml"
    file.write_text(block.text)
    assert lint(file, {"EUR", "USD"}) == []
    assert [problem.message for problem in lint(file, {"EUR", "JPY"})] != []


def commands() -> dict[str, set[str]]:
    """Return the options of every command and group, by its words behind `duehook`."""
    found: dict[str, set[str]] = {}

    def walk(group: Any, path: tuple[str, ...]) -> None:
        options = {option for each in getattr(group, "params", ()) for option in (*each.opts, *each.secondary_opts)}
        found[" ".join(path)] = options | {"--help", "-h"}
        for name in group.list_commands(None) if hasattr(group, "list_commands") else ():
            walk(group.get_command(None, name), (*path, name))

    walk(typer.main.get_command(build()), ())
    return found


def named_commands(page: Path) -> Iterator[str]:
    """Yield every `duehook …` of a page: in fenced blocks a line each, in text within backquotes."""
    text = page.read_text(encoding="utf-8")
    for block in blocks(page):
        if block.language in {"sh", "console", ""}:
            for line in block.text.splitlines():
                stripped = line.removeprefix(PROMPT).strip()
                if stripped.startswith("duehook "):
                    yield stripped
    yield from re.findall(r"`(duehook [^`]+)`", FENCE.sub("", text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_names_exists_with_its_options(page: Path) -> None:
    known = commands()
    wrong = [named for named in named_commands(page) if fault_in(named, known)]
    assert wrong == []


def fault_in(named: str, known: dict[str, set[str]]) -> bool:
    """Say whether a command line names a command or an option that does not exist."""
    parts = [part for part in re.split(r"[\s\[\]|]+", named.split(" && ")[0].split(" #")[0]) if part][1:]
    path: tuple[str, ...] = ()
    allowed = set(known[""])
    for part in parts:
        if part.startswith("-"):
            if part.split("=")[0] not in allowed:
                return True
        elif " ".join((*path, part)) in known:
            path = (*path, part)
            allowed |= known[" ".join(path)]
    return not path and bool(parts) and parts[0].islower() and not parts[0].startswith("-")


@pytest.mark.parametrize("named", ["duehook dunn", "duehook dun --as-if 2026", "duehook outbox list --stat new"])
def test_a_command_that_does_not_exist_is_seen(named: str) -> None:
    assert fault_in(named, commands())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_of_a_page_leads_somewhere(page: Path) -> None:
    targets = [link.split("#")[0] for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8")))]
    relative = [target for target in targets if target and "://" not in target and not target.startswith("mailto:")]
    assert [target for target in relative if not (page.parent / target).exists()] == []


def test_the_index_names_every_page() -> None:
    listed = {(DOCS / link).resolve() for link in LINK.findall((DOCS / "README.md").read_text(encoding="utf-8"))}
    assert [page.name for page in sorted(DOCS.rglob("*.md")) if page not in listed and page.name != "README.md"] == []


def rows(page: str) -> dict[str, list[str]]:
    """Return the tables' rows of a design page by their first cell's code word."""
    found = {}
    for line in (DOCS / "design" / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `"):
            found[cells[0].strip("`")] = cells[1:]
    return found


def test_the_page_of_decisions_has_every_code_with_its_outcome() -> None:
    told = {code: cells[0] for code, cells in rows("decisions.md").items()}
    assert told == {str(code): outcome(code) for code in Code}


@pytest.mark.parametrize("table", ["outbox", "notice", "hold"])
def test_the_page_of_states_has_every_state_of_the_tables(table: str) -> None:
    source = next(path for path in (ROOT / "core/books/tables").glob("*.py") if f"\n{table} = " in path.read_text())
    above = source.read_text().split(f"\n{table} = ")[0].splitlines()
    comment = " ".join(line.lstrip("# ") for line in above[-8:] if line.startswith("#"))
    states = re.findall(r"\w+", re.sub(r"\([^)]*\)", "", comment.partition("state: ")[2].partition(".")[0]))
    assert len(states) > 5
    assert set(states) - rows("states.md").keys() == set()


def test_every_room_of_the_core_stands_on_the_page_of_the_architecture() -> None:
    text = (DOCS / "design" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (ROOT / "core").glob("*/__init__.py")}
    assert sorted(room for room in rooms if f"`core/{room}`" not in text and f"`{room}`" not in text) == []


def test_the_reference_of_the_books_lists_every_table_once() -> None:
    text = (DOCS / "reference" / "books.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    kept = [name for name in metadata.tables if name.removesuffix("_version") not in metadata.tables.keys() - {name}]
    assert sorted(told) == sorted(kept)
