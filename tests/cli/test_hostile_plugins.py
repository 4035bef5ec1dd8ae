"""Installed plugins that break, hang, leave or talk: the doctor names each, and the site goes on with the others."""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from duehook.core import plugin_loading
from duehook.core.runs.health import probe
from tests.rigs.mail_catcher import Catcher

from .typed import asked, run

Out = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
Install = Callable[..., None]
HOOK = "from duehook.core import hookimpl\n@hookimpl\n"


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory, monkeypatch: Patch) -> Iterator[Install]:
    """Give a function that installs a package with one module and an entry point, as pip would leave it."""
    site = tmp_path_factory.mktemp("site-packages")
    monkeypatch.syspath_prepend(site)

    def one(name: str, code: str, *, value: str = "") -> None:
        (site / f"hostile_{name}.py").write_text(code)
        info = site / f"hostile_{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: hostile-{name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[duehook]\n{name} = {value or f'hostile_{name}'}\n")

    yield one
    for name in [name for name in sys.modules if name.startswith("hostile_")]:
        del sys.modules[name]


def signs(capsys: Out, *codes: str, ends: int = 1) -> list[tuple[str, str]]:
    """Return what the doctor says under these codes, as (severity, text)."""
    found = asked(capsys, "doctor", ends=ends)["signs"]
    return [(sign["severity"], sign["text"]) for sign in found if sign["code"] in codes]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("raise RuntimeError('no licence')", "failed: RuntimeError: no licence"),
        ("import no_driver_of_this_name", "failed: ModuleNotFoundError: No module named 'no_driver_of_this_name'"),
        ("raise SystemExit(3)", "failed: SystemExit: 3"),
        ("import os; os._exit(7)", "failed: it ended the process with 7 while it was loaded; every other command"),
        (
            "import os; os.kill(os.getpid(), 36)",
            "failed: it crashed the process (signal 36) while it was loaded; every",
        ),
        ("import os; os.abort()", "failed: it crashed the process (SIGABRT) while it was loaded; every other"),
        ("held = [bytes(2**30) for _ in range(8)]", "failed: it wants more than 4 GiB of memory to be loaded"),
        ("duehook_api = 9", "is too new: it is made for hooks 9, this Duehook offers 1 to 1"),
    ],
)
def test_one_that_cannot_be_loaded_is_named_by_the_doctor(
    code: str, told: str, catcher: Catcher, install: Install, capsys: Out
) -> None:
    install("bad", code)
    ((severity, text), (fine, others)) = signs(capsys, "plugins")
    assert (severity, fine) == ("error", "ok")
    assert text.startswith(f"bad {told}")
    assert text.endswith("every letter is kept back, for it may hold some")
    assert "small" in others


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("hostile_gone_away", "bad failed: ModuleNotFoundError: No module named 'hostile_gone_away'"),
        ("hostile_bad:plugin", "bad failed: AttributeError: module 'hostile_bad' has no attribute 'plugin'"),
    ],
)
def test_an_entry_point_that_leads_nowhere_is_named(
    value: str, told: str, catcher: Catcher, install: Install, capsys: Out
) -> None:
    install("bad", "", value=value)
    assert signs(capsys, "plugins")[0][1].startswith(told)


@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.sleep(600)",
        "import time\nwhile True:\n    try:\n        time.sleep(600)\n    except BaseException:\n        pass",
    ],
)
def test_one_that_never_comes_to_an_end_is_named_and_the_doctor_comes_to_its_own(
    code: str, catcher: Catcher, install: Install, capsys: Out, monkeypatch: Patch
) -> None:
    install("bad", code)
    monkeypatch.setattr(probe, "SECONDS", 3.0)
    assert signs(capsys, "plugins")[0][1].startswith("bad failed: it did not come to an end within 3 s while it was")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sessions of processes")
def test_one_that_leaves_a_process_behind_does_not_keep_the_doctor_waiting(
    catcher: Catcher, install: Install, capsys: Out, monkeypatch: Patch
) -> None:
    command = "[sys.executable, '-c', 'import time; print(1, flush=True); time.sleep(40)']"
    install("bad", f"import subprocess, sys\nsubprocess.Popen({command}, start_new_session=True)")
    monkeypatch.setattr(probe, "SECONDS", 10.0)
    begun = time.monotonic()
    (bad,) = (each for each in probe.probed(Path("duehook.yaml")) if each.name == "bad")
    assert (bad.unfit, time.monotonic() - begun < 30) == ("", True)


def test_of_one_that_prints_without_end_only_the_beginning_is_kept(
    catcher: Catcher, install: Install, capsys: Out, monkeypatch: Patch
) -> None:
    install("bad", "import os\nmany = b'x' * 2**20\nwhile True:\n    os.write(1, many)")
    monkeypatch.setattr(probe, "SECONDS", 3.0)
    tracemalloc.start()
    try:
        told = signs(capsys, "plugins", "plugins.process")
        assert tracemalloc.get_traced_memory()[1] < 100 * 2**20
    finally:
        tracemalloc.stop()
    assert told[0] == ("warning", f"bad prints while it is loaded: {'x' * 200}")
    assert told[1][1].startswith("bad failed: it did not come to an end within 3 s while it was loaded")


def test_a_command_gives_up_on_one_that_hangs_and_does_its_own_work(
    catcher: Catcher, install: Install, capsys: Out, monkeypatch: Patch
) -> None:
    install("bad", "import time\ntime.sleep(600)")
    monkeypatch.setattr(plugin_loading, "LOAD_SECONDS", 0.5)
    begun = time.monotonic()
    assert asked(capsys, "import", "small")["failed"] == []
    (bad,) = (each for each in asked(capsys, "plugins")["plugins"] if each["name"] == "bad")
    assert bad["reason"].startswith("loading: it did not end within 0.5 s and was interrupted.")
    assert time.monotonic() - begun < 300


def test_a_hook_that_raises_leaves_or_gives_another_kind_is_named(
    catcher: Catcher, install: Install, capsys: Out
) -> None:
    install("raises", f"{HOOK}def connection_settings(type):\n    raise KeyError('host')")
    install("leaves", f"{HOOK}def connection_settings(type):\n    raise SystemExit(0)")
    install("odd", f"{HOOK}def connection_settings(type):\n    return {{'host': 'text'}}")
    told = signs(capsys, "plugins.process")
    assert told == [
        ("error", "leaves (hostile_leaves): plugin leaves failed in connection_settings: SystemExit: 0."),
        (
            "error",
            "odd (hostile_odd): plugin odd gave {'host': 'text'} for connection_settings; a pydantic model class is"
            " asked for.",
        ),
        ("error", "raises (hostile_raises): plugin raises failed in connection_settings: KeyError: 'host'."),
    ]
    assert asked(capsys, "import", "small")["failed"] == []


def test_one_that_prints_is_named_without_its_secrets_and_spoils_no_result(
    catcher: Catcher, install: Install, capsys: Out
) -> None:
    capsys.readouterr()
    install("talks", "print('connected, password=hunter2hunter2')")
    run("plugins", "--json")
    shown = capsys.readouterr()
    assert shown.out.startswith("{")
    assert "connected, password=[hidden]\n" in shown.err
    assert "hunter2" not in shown.out + shown.err
    assert signs(capsys, "plugins.process", ends=0) == [
        ("warning", "talks prints while it is loaded: connected, password=[hidden]")
    ]


def test_a_hook_that_is_asked_for_too_long_holds_its_batch(
    catcher: Catcher, install: Install, capsys: Out, monkeypatch: Patch
) -> None:
    install("slow", f"import time\n{HOOK}def hold_reason(debtors, as_of):\n    time.sleep(600)")
    monkeypatch.setitem(plugin_loading.LONGER, "hold_reason", 0.5)
    run("go-live", "--yes", "--first-run-notices", "5")
    run("import", "small")
    found: dict[str, Any] = asked(capsys, "dun", ends=5)
    assert "plugin slow failed in hold_reason: it did not end within 0.5 s and was interrupted." in str(found)
