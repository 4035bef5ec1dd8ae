"""Plugins load one by one; a broken one is named and stops nobody."""

from __future__ import annotations

import importlib.metadata
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from duehook.core import hookimpl, plugin_loading
from duehook.core.context import Actor, Context
from duehook.core.errors import ConfigError, ConnectorRefused, NotFound
from duehook.core.hookspecs import ConnectionConfig, NoticeIssued
from duehook.core.plugins import HoldReason, PluginFailed, Plugins

AS_OF = date(2026, 3, 2)
NOTICE = NoticeIssued("N1", "1", "C1", "EUR", 1, Decimal(10), AS_OF)
CONTEXT = Context(Actor("engine", "test", "test"), lambda: datetime(2026, 3, 2, tzinfo=UTC), "id-1")


class Nothing(BaseModel):
    """Settings without keys."""


class Claims:
    """A plugin that claims one type and gives what it was made with."""

    def __init__(self, type: str, given: object = None) -> None:
        self.type, self.given = type, given

    @hookimpl
    def connection_settings(self, type: str) -> Any:
        return Nothing if type == self.type else None

    @hookimpl
    def invoice_source(self, connection: ConnectionConfig) -> Any:
        if isinstance(self.given, Exception):
            raise self.given
        return self.given


def connection(type: str) -> ConnectionConfig:
    return ConnectionConfig("main", type, Nothing(), ".")


def write(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def states(plugins: Plugins) -> dict[str, str]:
    return {each.name: each.state for each in plugins.report}


def reason(plugins: Plugins, name: str) -> str:
    return next(each.reason for each in plugins.report if each.name == name)


def test_files_in_the_folder_are_plugins_and_broken_ones_stop_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    write(folder, "a_broken.py", "import no_such_module\n")
    write(folder, "b_leaves.py", "raise SystemExit(3)\n")
    write(folder, "c_syntax.py", "def (:\n")
    write(folder, "d_new.py", "duehook_api = 2\n")
    write(folder, "e_old.py", "duehook_api = 0\n")
    write(folder, "f_odd.py", "duehook_api = 'one'\n")
    hook = "from duehook.core import hookimpl\n@hookimpl\n"
    write(folder, "g_misspelt.py", f"{hook}def custmer_source(connection): ...\n")
    write(folder, "h_misfit.py", f"{hook}def customer_source(conection): ...\n")
    write(folder, "i_good.py", f"{hook}def connection_settings(type): ...\n")
    write(folder, "_part_of_another.py", "raise ValueError\n")
    plugins = Plugins.load(folder)
    found = {name: state for name, state in states(plugins).items() if name[1] == "_"}
    assert found == {
        "a_broken": "failed",
        "b_leaves": "failed",
        "c_syntax": "failed",
        "d_new": "too new",
        "e_old": "too old",
        "f_odd": "failed",
        "g_misspelt": "failed",
        "h_misfit": "failed",
        "i_good": "ok",
    }
    assert reason(plugins, "a_broken") == "ModuleNotFoundError: No module named 'no_such_module'"
    assert reason(plugins, "b_leaves") == "SystemExit: 3"
    assert reason(plugins, "d_new") == "it is made for hooks 2, this Duehook offers 1 to 1"
    assert reason(plugins, "g_misspelt") == "there is no hook custmer_source (did you mean customer_source?)"
    assert "conection" in reason(plugins, "h_misfit")
    good = next(each for each in plugins.report if each.name == "i_good")
    assert good.hooks == ("connection_settings",)
    assert good.origin == str(folder / "i_good.py")


@pytest.mark.parametrize("what", [".", "mine.py"])
def test_code_that_everybody_may_write_is_not_run(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "plugins"
    write(folder, "mine.py", f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    (folder / what).chmod(0o777)
    path = folder / what
    assert reason(Plugins.load(folder), "mine") == (
        f"it is not run: {path} may be written by everybody; chmod o-w {path}"
    )
    assert not (tmp_path / "ran").exists()
    (folder / what).chmod(0o755)
    assert ("mine", "ok") in states(Plugins.load(folder)).items()


def test_code_of_another_user_is_not_run_that_of_root_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "plugins"
    write(folder, "mine.py", "duehook_api = 1\n")
    owner = folder.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    (told,) = (each for each in Plugins.load(folder).report if each.name == "mine")
    if owner == 0:
        assert told.state == "ok"
        os.chown(folder / "mine.py", 4242, -1)
        (told,) = (each for each in Plugins.load(folder).report if each.name == "mine")
    assert told.state == "failed"
    assert "belongs to user" in told.reason


def test_an_interrupt_while_plugins_load_ends_the_command(tmp_path: Path) -> None:
    write(tmp_path, "slow.py", "raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        Plugins.load(tmp_path)


def test_a_misfit_leaves_nothing_behind(tmp_path: Path) -> None:
    write(
        tmp_path,
        "half.py",
        "from duehook.core import hookimpl\n"
        "@hookimpl\ndef connection_settings(type): return 1\n"
        "@hookimpl\ndef contact_source(nonsense): ...\n",
    )
    plugins = Plugins.load(tmp_path)
    with pytest.raises(ConfigError, match="no plugin offers the type 'half': the plugin half failed"):
        plugins.connection_settings("half")


def test_installed_plugins_come_by_entry_point_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Point(SimpleNamespace):
        def load(self) -> object:
            if isinstance(self.gives, BaseException):
                raise self.gives
            return self.gives

    dist = SimpleNamespace(name="other", version="1.2")
    points = [
        Point(name="good", value="other.good", dist=dist, gives=Claims("good")),
        Point(name="bad", value="other.bad", dist=dist, gives=ImportError("no driver")),
        Point(name="good", value="twin.good", dist=None, gives=Claims("twin")),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points if group == "duehook" else [])
    found = [(each.name, each.origin, each.version, each.state, each.reason) for each in Plugins.load().report]
    assert found == [
        ("bad", "other.bad", "other 1.2", "failed", "ImportError: no driver"),
        ("good", "other.good", "other 1.2", "ok", ""),
        ("good", "twin.good", "", "failed", "another plugin of this name is loaded already"),
    ]


def test_the_plugins_that_ship_are_found_and_ok() -> None:
    shipped = {"files", "jde", "letter", "mail"}
    found = {name: state for name, state in states(Plugins.load()).items() if name in shipped}
    assert found == dict.fromkeys(shipped, "ok")


def test_two_claimants_of_a_type_are_a_config_error() -> None:
    plugins = Plugins.of(one=Claims("erp"), two=Claims("erp"))
    with pytest.raises(ConfigError, match="'erp' is claimed by the plugins one and two"):
        plugins.invoice_source(connection("erp"))


def test_an_unknown_type_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="no plugin offers the type 'jdee': did you mean jde"):
        Plugins.of(jde=Claims("jde")).connection_settings("jdee")


def test_a_plugin_that_breaks_when_asked_for_a_type_does_not_hide_another() -> None:
    class Broken:
        @hookimpl
        def connection_settings(self, type: str) -> None:
            raise KeyError("oops")

    plugins = Plugins.of(broken=Broken(), good=Claims("erp"))
    assert plugins.connection_settings("erp") is Nothing
    with pytest.raises(ConfigError, match="plugin broken failed in connection_settings: KeyError: 'oops'"):
        plugins.connection_settings("other")


def test_a_plugin_that_took_too_long_over_one_type_is_not_asked_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Slow:
        @hookimpl
        def connection_settings(self, type: str) -> None:
            asked.append(type)
            time.sleep(10)

    monkeypatch.setattr(plugin_loading, "HOOK_SECONDS", 0.2)
    plugins = Plugins.of(slow=Slow(), jde=Claims("jde"), sap=Claims("sap"))
    assert sorted(plugins.connection_types()) == ["jde", "sap"]
    assert len(asked) == 1
    with pytest.raises(ConfigError, match="no plugin offers the type 'slow': .*did not end within 0.2 s"):
        plugins.connection_settings("slow")


def test_a_type_is_known_by_its_plugins_name_and_a_broken_plugin_hides_none() -> None:
    class Broken:
        @hookimpl
        def connection_settings(self, type: str) -> Any:
            return {"host": "text"}

    plugins = Plugins.of(jde=Claims("jde"), other=Claims("erp"), broken=Broken())
    assert plugins.connection_types() == {"jde": Nothing}
    with pytest.raises(ConfigError, match="plugin broken gave .* a pydantic model class is asked for"):
        plugins.connection_settings("broken")


def test_a_type_without_a_simulator_says_so() -> None:
    with pytest.raises(ConfigError, match="the plugin erp has no simulator for 'erp'"):
        Plugins.of(erp=Claims("erp")).simulator("erp", {})


def test_only_the_claimant_is_asked_for_a_source() -> None:
    class Jealous(Claims):
        @hookimpl
        def invoice_source(self, connection: ConnectionConfig) -> Any:
            raise AssertionError("this connection is not mine")

    plugins = Plugins.of(jealous=Jealous("other"), mine=Claims("erp"))
    assert plugins.invoice_source(connection("erp")) is None


def test_a_plugins_own_error_is_named_and_ours_pass() -> None:
    with pytest.raises(
        PluginFailed, match="plugin erp failed in invoice_source: ZeroDivisionError: by nought"
    ) as caught:
        Plugins.of(erp=Claims("erp", ZeroDivisionError("by nought"))).invoice_source(connection("erp"))
    assert caught.value.exit_code == 4
    with pytest.raises(ConnectorRefused, match="no rights"):
        Plugins.of(erp=Claims("erp", ConnectorRefused("no rights"))).invoice_source(connection("erp"))


def test_an_object_that_is_no_source_is_refused_by_what_it_lacks() -> None:
    with pytest.raises(PluginFailed, match="is no Source, it lacks capabilities, check, close, discover, keys"):
        Plugins.of(erp=Claims("erp", SimpleNamespace(streams=()))).invoice_source(connection("erp"))


def test_two_channels_of_one_name_are_a_config_error_and_none_too() -> None:
    class Mails:
        @hookimpl
        def channel(self, name: str, settings: Mapping[str, Any]) -> Any:
            return object() if name == "mail" else None

    plugins = Plugins.of(one=Mails(), two=Mails())
    with pytest.raises(ConfigError, match="'mail' is claimed by the plugins one and two"):
        plugins.channel("mail", {})
    with pytest.raises(ConfigError, match="no plugin offers the channel 'fax'"):
        plugins.channel("fax", {})


def test_a_channel_that_breaks_is_named() -> None:
    class Mails:
        @hookimpl
        def channel(self, name: str, settings: Mapping[str, Any]) -> Any:
            raise OSError("no socket")

    with pytest.raises(PluginFailed, match="plugin post failed in channel: OSError: no socket"):
        Plugins.of(post=Mails()).channel("mail", {})


class Counts:
    """Holds every debtor whose key ends in 7 and remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, int]] = []

    @hookimpl
    def hold_reason(self, debtors: Sequence[Mapping[str, Any]], as_of: date) -> dict[str, str]:
        self.batches.append((debtors[0]["company"], len(debtors)))
        return {each["key"]: f"seven on {as_of}" for each in debtors if each["key"].endswith("7")}


class Answers:
    """Answers hold_reason with what it was made with."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    @hookimpl
    def hold_reason(self, debtors: Sequence[Mapping[str, Any]], as_of: date) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def debtors(company: str, numbers: Iterable[int]) -> Iterator[dict[str, Any]]:
    return ({"key": f"{company}-{number}", "company": company} for number in numbers)


def test_debtors_are_handed_over_in_batches_of_one_company() -> None:
    counts = Counts()
    held = Plugins.of(counts=counts).hold_reasons([*debtors("A", range(1001)), *debtors("B", range(5))], AS_OF)
    assert counts.batches == [("A", 1000), ("A", 1), ("B", 5)]
    assert len(held) == 100
    assert held["A-7"] == HoldReason("counts", "seven on 2026-03-02")


@pytest.mark.parametrize(
    "answer",
    [RuntimeError("down"), ["A-1"], {"A-1": None}, {"A-1": ""}, {"Z-9": "not in the batch"}],
)
def test_a_plugin_that_fails_holds_its_whole_batch_and_no_other(answer: Any) -> None:
    plugins = Plugins.of(bad=Answers(answer), counts=Counts())
    held = plugins.hold_reasons(list(debtors("A", [1, 7])), AS_OF)
    assert {key: (each.plugin, each.words) for key, each in held.items()} == dict.fromkeys(
        ["A-1", "A-7"], ("bad", "plugin bad failed")
    )
    assert all(each.failure for each in held.values())


def test_the_first_reason_counts_and_none_holds_nobody() -> None:
    plugins = Plugins.of(quiet=Answers(None), first=Answers({"A-7": "first"}), counts=Counts())
    assert plugins.hold_reasons(list(debtors("A", [1, 7])), AS_OF) == {"A-7": HoldReason("first", "first")}
    assert Plugins.of().hold_reasons(debtors("A", [1]), AS_OF) == {}


def test_nobody_is_asked_about_nobody() -> None:
    counts = Counts()
    assert Plugins.of(counts=counts).hold_reasons([], AS_OF) == {}
    assert counts.batches == []


def test_every_listener_is_told_of_a_notice_before_a_failure_is_raised() -> None:
    heard: list[str] = []

    class Listens:
        @hookimpl
        def notice_issued(self, notice: NoticeIssued, context: Context) -> None:
            heard.append(notice.number)

    class Deaf:
        @hookimpl
        def notice_issued(self, notice: NoticeIssued) -> None:
            raise OSError("no line")

    with pytest.raises(PluginFailed, match="plugin deaf failed in notice_issued: OSError: no line"):
        Plugins.of(before=Listens(), deaf=Deaf(), after=Listens()).notice_issued(NOTICE, CONTEXT)
    assert heard == ["N1", "N1"]


def test_a_plugin_without_mappings_neither_checks_nor_samples_any() -> None:
    plugins = Plugins.of(erp=Claims("erp"))
    with pytest.raises(NotFound, match="no loaded plugin 'erp' has mapping files"):
        plugins.mapping_check("erp")
    plugins.add("jde", SimpleNamespace(check_mapping=str))
    with pytest.raises(NotFound, match="no loaded plugin 'nope' has mapping files. Fix: name one that has: jde."):
        plugins.mapping_check("nope")
    with pytest.raises(NotFound, match="no loaded plugin 'erp' samples mappings.*leave --sample out"):
        plugins.mapping_sample("erp")


def test_nothing_is_loaded_at_import() -> None:
    assert Plugins().report == ()
