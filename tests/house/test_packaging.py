"""What is shipped: every package and data file, in a wheel that stands on its own."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Sequence
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
SHIPPED = ("core", "plugins", "rules", "templates")
DATA = {".json", ".yaml", ".j2", ".typ", ".mako", ".template", ".typed"}

IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
drivers = {"pyodbc", "zeep", "msal", "openpyxl", "paramiko"} & sys.modules.keys()
assert not drivers, f"imported at once: {drivers}"
"""

LOAD_ENTRY_POINTS = """
from importlib.metadata import entry_points
for entry in sorted(entry_points(group="duehook")):
    entry.load()
    print(entry.name)
"""

MIGRATE = """
import sys
from duehook.core.books import Books
books = Books.open(sys.argv[1])
books.migrate()
with books.read() as tx:
    print(tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
books.close()
"""

READ_DATA = """
from importlib.resources import files
import duehook.core
print(duehook.core.__file__)
for package in ("duehook.rules", "duehook.templates"):
    print(len(list(files(package).iterdir())))
"""


def setup() -> ConfigParser:
    """Return setup.cfg, read."""
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def words(text: str) -> list[str]:
    """Return a setup.cfg list."""
    return [line for line in text.split("\n") if line]


def shipped(*kinds: str) -> set[str]:
    """Return our files of these kinds under the names a wheel gives them."""
    found = [path for folder in SHIPPED for path in (ROOT / folder).rglob("*") if path.suffix in kinds]
    return {f"duehook/{path.relative_to(ROOT)}" for path in found if "__pycache__" not in path.parts}


def modules(names: set[str]) -> list[str]:
    """Return a wheel's modules by their dotted names, less those that run when they are imported."""
    found = {name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in names}
    return sorted(name for name in found if not name.endswith(("migrations.env", "__main__")))


def test_every_package_on_disk_is_listed() -> None:
    found = {
        ".".join(("duehook", *path.parent.relative_to(ROOT).parts))
        for folder in SHIPPED
        for path in (ROOT / folder).rglob("__init__.py")
    }
    listed = words(setup()["options"]["packages"])
    assert (sorted(found - set(listed)), sorted(set(listed) - found)) == ([], [])
    assert listed == sorted(listed)


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for folder in SHIPPED for path in (ROOT / folder).rglob("*.py")}
    assert {str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()} == set()


@pytest.mark.parametrize("lock", ["duehook.lock", "dev.lock"])
def test_a_lock_pins_and_hashes_everything_and_names_no_host(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    assert "://" not in text
    entries = re.split(r"\n(?=\S)", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    assert len(entries) > 30
    assert [entry for entry in entries if not re.match(r"[\w.-]+==\S+[^\n]*\\\n    --hash=sha256:", entry)] == []


def test_the_locks_hold_what_setup_cfg_asks_for() -> None:
    asked = words(setup()["options"]["install_requires"])
    extras = {name: words(lines) for name, lines in setup()["options.extras_require"].items()}
    for lock, left_out in (("duehook.lock", {"testing"}), ("dev.lock", set[str]())):
        text = (ROOT / "requirements" / lock).read_text()
        pinned = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE))
        wanted = [line for name, lines in extras.items() if name not in left_out for line in lines]
        for requirement in map(Requirement, asked + wanted):
            assert requirement.specifier.contains(pinned[requirement.name.replace(".", "-").lower()]), requirement


def test_what_is_installed_here_is_what_the_lock_says() -> None:
    text = (ROOT / "requirements" / "dev.lock").read_text()
    for line in re.findall(r"^[\w.-]+==[^\\\n]+", text, re.MULTILINE):
        requirement = Requirement(line.strip())
        if requirement.marker is None or requirement.marker.evaluate():
            assert requirement.specifier.contains(importlib.metadata.version(requirement.name)), "run `make setup`"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build sdist and from it the wheel, from a clean copy of the tree, offline."""
    copy = tmp_path_factory.mktemp("copy") / "duehook"
    skip = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for folder in SHIPPED:
        shutil.copytree(ROOT / folder, copy / folder, ignore=skip)
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist", "."], cwd=copy)
    (built,) = (copy / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """Give the names of the files in the wheel."""
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone beside the locked packages, and return that environment's Python."""
    home = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(home, symlinks=True)
    (site,) = home.glob("lib/python*/site-packages")
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if not package.name.startswith(("duehook", "__editable__", "__pycache__")):
            (site / package.name).symlink_to(package)
    python = home / "bin" / "python"
    run([sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel], cwd=home)
    return python


def run(command: Sequence[str | Path], *, cwd: Path) -> str:
    """Run a command away from our tree and return what it prints; its failure shows its words."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.wheel
def test_the_wheel_holds_our_code_and_data_and_nothing_else(names: set[str]) -> None:
    ours = {name for name in names if ".dist-info/" not in name}
    wanted = shipped(".py", *DATA)
    assert (sorted(wanted - ours), sorted(ours - wanted)) == ([], [])
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


@pytest.mark.wheel
def test_every_module_imports_and_no_driver_with_it(installed: Path, names: set[str], tmp_path: Path) -> None:
    ours = modules({name for name in names if name.endswith(".py")})
    assert len(ours) > 40
    run([installed, "-I", "-W", "error", "-c", IMPORT_ALL, *ours], cwd=tmp_path)


@pytest.mark.wheel
def test_the_entry_points_load(installed: Path, tmp_path: Path) -> None:
    loaded = run([installed, "-I", "-W", "error", "-c", LOAD_ENTRY_POINTS], cwd=tmp_path).split()
    assert loaded == [line.split(" = ")[0] for line in words(setup()["options.entry_points"]["duehook"])]


@pytest.mark.wheel
def test_the_command_answers(installed: Path, tmp_path: Path) -> None:
    assert "Usage" in run([installed.parent / "duehook", "--help"], cwd=tmp_path)


@pytest.mark.wheel
def test_an_installed_duehook_migrates_its_books(installed: Path, tmp_path: Path) -> None:
    assert run([installed, "-I", "-c", MIGRATE, f"sqlite:///{tmp_path / 'books.db'}"], cwd=tmp_path).strip()


@pytest.mark.wheel
def test_the_data_files_are_found_beside_the_installed_code(installed: Path, tmp_path: Path) -> None:
    where, rules, templates = run([installed, "-I", "-c", READ_DATA], cwd=tmp_path).split()
    assert Path(where).is_relative_to(installed.parent.parent)
    assert int(rules) > 3
    assert int(templates) > 3


@pytest.mark.wheel
def test_what_the_wheel_requires_is_in_the_lock(installed: Path, tmp_path: Path) -> None:
    run([sys.executable, "-m", "pip", "--python", installed, "check"], cwd=tmp_path)
