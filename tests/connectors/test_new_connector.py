"""`duehook new-connector`: the package that it makes works, is found, and is what the page about it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

import duehook.core.testing.contract.plugin as kit
from duehook.core.cli import main
from duehook.core.plugins import Plugins
from duehook.core.runs.new_connector import NotMade, new_connector
from duehook.core.scaffold.template import package, title
from tests.house.test_docs import DOCS, blocks, said, words

Out = pytest.CaptureFixture[str]
PAGE = DOCS / "how-to" / "write-a-connector.md"
ANEW = ("simulator.py", "settings.py", "client.py", "mapping.py")

pytestmark = pytest.mark.usefixtures("own_logging")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the package of a connector whose name has two words."""
    home = tmp_path_factory.mktemp("made") / "duehook-lawson-s3"
    new_connector("lawson_s3", home, Plugins.of())
    return home


@pytest.fixture(scope="module")
def installed(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install it, without any network, into a folder of its own."""
    source, target = tmp_path_factory.mktemp("source") / made.name, tmp_path_factory.mktemp("installed")
    shutil.copytree(made, source, symlinks=True)  # building leaves files behind
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]
    done = run([sys.executable, "-m", "pip", "install", *options, str(source)], source)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def run(command: Sequence[str], folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=beside(**environ), capture_output=True, text=True, timeout=900, check=False
    )


def beside(**more: str) -> Mapping[str, str]:
    """Return this environment with our programs in reach, and nothing of the pytest that runs here."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    return {**kept, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "200", **more}


def test_the_page_leads_from_nothing_to_silver(tmp_path: Path) -> None:
    (block,) = (each for each in blocks(PAGE) if each.language == "console")
    for line in said(block):
        done = run(["bash", "-c", line.command], tmp_path)
        assert done.returncode == line.exit, done.stdout + done.stderr
        told = "\n".join(line.shown)
        assert words(told) - words(done.stdout) == set(), done.stdout
    assert "grade: silver" in done.stdout
    assert "left out on the command line: 1 test; a grade counts all of its tests" in done.stdout
    chapter = run(["pytest", "-q", "-k", "test_settings"], tmp_path / "acme")
    assert chapter.returncode == 0, chapter.stdout + chapter.stderr
    assert "missing for" not in chapter.stdout


def test_its_package_has_the_files_that_a_project_needs(made: Path) -> None:
    files = {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()}
    home = "src/duehook_lawson_s3"
    assert files == {
        *(f"{home}/{name}" for name in (*ANEW, "__init__.py", "sources.py", "py.typed", "README.md")),
        *(".github/workflows/ci.yml", ".gitignore", "CHANGELOG.md", "README.md", "pyproject.toml"),
    }
    assert (made / "README.md").read_text() == (made / home / "README.md").read_text()


def test_nothing_in_it_speaks_of_the_template_any_more(made: Path) -> None:
    texts = package("lawson_s3")
    assert [place for place, text in texts.items() if re.search("acme", place + text, re.IGNORECASE)] == []
    assert "class LawsonS3Source:" in texts["src/duehook_lawson_s3/sources.py"]
    assert [title("x"), title("sap_b1")] == ["X", "SapB1"]


def test_an_installed_one_is_found_with_its_page_and_its_typed_mark(installed: Path, tmp_path: Path) -> None:
    told = run(["duehook", "plugins", "--json", "--strict"], tmp_path, PYTHONPATH=str(installed))
    (found,) = (each for each in json.loads(told.stdout)["plugins"] if each["name"] == "lawson_s3")
    assert (found["state"], found["version"]) == ("ok", "duehook-lawson_s3 0.1.0")
    assert {"connection_settings", "customer_source", "invoice_source", "simulator"} <= set(found["hooks"])
    assert (installed / "duehook_lawson_s3" / "README.md").exists()
    assert (installed / "duehook_lawson_s3" / "py.typed").exists()


def test_an_installed_ones_simulator_is_imported_into_a_site(installed: Path, tmp_path: Path) -> None:
    environ = {"PYTHONPATH": str(installed)}
    command = ["duehook", "simulate", "lawson_s3", "--customers", "12", "--items", "40", "--folder", "sim"]
    with subprocess.Popen(command, cwd=tmp_path, env=beside(**environ), stdout=subprocess.DEVNULL) as simulator:
        try:
            settings = waited_for(tmp_path / "sim" / "connection.yaml")
            (tmp_path / "answers.yaml").write_text('erp: lawson_s3\ncompanies: "00001, 00010, 00020, 00030"\n')
            init = ["duehook", "init", "--answers", "answers.yaml", "--connection", str(settings)]
            for line in (init, ["duehook", "import"], ["duehook", "tie-out"]):
                done = run(line, tmp_path, **environ)
                assert done.returncode == 0, done.stdout + done.stderr
        finally:
            simulator.send_signal(signal.SIGINT)
        assert simulator.wait(timeout=30) == 0


def waited_for(file: Path) -> Path:
    until = time.monotonic() + 60
    while not (file.exists() and "base_url" in file.read_text()):
        assert time.monotonic() < until, f"{file.name} is not written"
        time.sleep(0.1)
    return file


@pytest.mark.parametrize("name", ["Acme", "1st", "a-b", "", "a__b", "_a", "a_", "../up", "x" * 41, "größe"])
def test_a_name_that_is_none_is_refused_with_what_one_looks_like(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotMade, match="is no name for a connector. Fix: use lower-case letters"):
        new_connector(name, tmp_path / "new", Plugins.of())
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("name", "told"), [("jde", "a plugin jde is installed already"), ("mail", "a plugin mail is")])
def test_a_name_that_a_plugin_has_is_refused(
    name: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new-connector", name]) == 2
    assert told in (error := capsys.readouterr().err)
    assert "Fix: take another name, or uninstall it." in error
    assert list(tmp_path.iterdir()) == []


def test_a_name_of_a_module_that_is_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "duehook_here.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(NotMade, match="a module duehook_here is installed already. Fix: take another name"):
        new_connector("here", tmp_path / "new", Plugins.of())


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path, capsys: Out) -> None:
    (tmp_path / "mine").mkdir()
    assert main(["new-connector", "acme", "--folder", str(tmp_path / "mine")]) == 2
    assert "is there already; nothing was written. Fix: name another with --folder." in capsys.readouterr().err
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotMade, match="cannot be written: Not a directory. Fix: name a folder with --folder"):
        new_connector("acme", tmp_path / "file" / "new", Plugins.of())


def test_the_command_says_what_it_wrote_and_what_is_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new-connector", "acme"]) == 0
    assert "written  acme/src/duehook_acme/mapping.py\n" in (told := capsys.readouterr().out)
    assert told.endswith("Next: cd acme && pytest\n")
    assert main(["new-connector", "acme", "--folder", "other", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["folder"] == "other"
    there = [str(path.relative_to("other")) for path in Path("other").rglob("*") if path.is_file()]
    assert sorted(found["files"]) == sorted(there)


def test_the_page_counts_the_templates_lines_as_they_are() -> None:
    texts = {place.rpartition("/")[2]: text for place, text in package("acme").items()}
    code = {name: text.count("\n") for name, text in texts.items() if name.endswith(".py")}
    page = PAGE.read_text(encoding="utf-8")
    anew = sum(code[name] for name in ANEW)
    assert f"The template has {sum(code.values())} lines of Python; {anew} of them you write anew" in page
    told = re.findall(r"^\| `(\w+\.py)` \| (\d+) \| [^|]+ \| (write anew|keep)", page, re.MULTILINE)
    assert {name: int(count) for name, count, _ in told} == code
    assert {name for name, _, does in told if does == "write anew"} == set(ANEW)


def test_the_page_names_every_chapter_of_the_kit_once() -> None:
    named = re.findall(r"\btest_\w+", " ".join(each.text for each in blocks(PAGE) if each.language == "sh"))
    chapters = [path.stem for path in kit.CASES.glob("test_*.py")]
    assert sorted(named) == sorted(set(chapters) - {"test_bulk"})
