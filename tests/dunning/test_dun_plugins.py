"""A plugin that keeps debtors back: the run names it, says why, and its counts agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from duehook.core import hookimpl
from duehook.core.books import Books
from duehook.core.deliver import letter_file, mail
from duehook.core.errors import RunStopped
from duehook.core.ops import logs
from duehook.core.plugin_loading import Candidate
from duehook.core.plugins import Plugins
from duehook.core.runs.dunning.dun import DunReport, dun
from duehook.core.runs.dunning.explain import explain
from duehook.core.runs.dunning.manual import propose_manual
from duehook.core.runs.dunning.proposals import approve, proposed
from duehook.core.runs.health import machine
from tests.rigs.delivery_site import Rig, due, rigged


class Holds:
    """Keeps back the debtors it was made with, or breaks."""

    def __init__(self, held: Mapping[str, str] | Exception) -> None:
        self.held = held

    @hookimpl
    def hold_reason(self, debtors: Sequence[Mapping[str, Any]], as_of: date) -> Mapping[str, str]:
        if isinstance(self.held, Exception):
            raise self.held
        return {each["key"]: self.held[each["customer"]] for each in debtors if each["customer"] in self.held}


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        for name in ("A", "B", "C"):
            made.erp.customer(name)
            made.erp.invoice(f"{name}1", name, "100.00", due(10))
            made.erp.invoice(f"{name}2", name, "100.00", due(8))
        made.load()
        yield made


def run(rig: Rig, **plugins: Holds) -> DunReport:
    rig.site.plugins = Plugins.of(small=rig.plugin, mail=mail, letter=letter_file, **plugins)
    return dun(rig.site, rig.context, "01", as_of=rig.today)


def test_without_a_plugin_nothing_is_kept_back(rig: Rig) -> None:
    report = run(rig)
    assert (len(report.notices), report.kept_back, report.codes) == (3, (), {"rises": 6})


def test_what_a_plugin_keeps_back_is_counted_and_named(rig: Rig) -> None:
    report = run(rig, agreements=Holds({"A": "pays in May", "B": "pays in May"}))
    assert [notice.debtor for notice in report.notices] == ["C"]
    assert report.codes == {"plugin_hold": 4, "rises": 2}
    (kept,) = report.kept_back
    assert (kept.plugin, kept.reasons, kept.notices, kept.failure) == ("agreements", ("pays in May",), 2, None)
    assert "1 notices" in str(report)
    assert "2 more kept back by the plugin agreements" in str(report)
    assert "6 items decided" in str(report)


def test_a_plugin_that_fails_keeps_all_back_and_is_named_with_what_happened(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("warning")
    report = run(rig, bad=Holds(RuntimeError("no line to the claims desk")))
    assert (len(report.notices), report.codes) == (0, {"plugin_hold": 6})
    (kept,) = report.kept_back
    assert (kept.plugin, kept.notices) == ("bad", 3)
    assert kept.failure == "plugin bad failed in hold_reason: RuntimeError: no line to the claims desk."
    assert "3 more kept back by the plugin bad, which failed" in str(report)
    assert "Traceback" not in capsys.readouterr().err
    assert {said.words.partition(": ")[2] for said in explain(rig.site, "A")} == {"plugin bad failed."}


def test_the_same_hold_on_the_next_day_changes_nothing(rig: Rig) -> None:
    held = Holds({"A": "pays in May"})
    assert run(rig, agreements=held).changed == 6
    rig.clock.later(days=1)
    again = run(rig, agreements=held)
    assert (again.changed, again.codes) == (0, {"plugin_hold": 2, "rises": 4})


def broken(rig: Rig, **plugins: Any) -> Plugins:
    """Return the rig's plugins with one that is there and cannot be loaded."""
    made = Plugins.of(small=rig.plugin, mail=mail, letter=letter_file, **plugins)

    def load() -> object:
        raise ImportError("no module named claims")

    made._registry.take(Candidate("legal", "plugins/legal.py", "", load))
    return made


def test_a_plugin_that_cannot_be_loaded_keeps_every_letter_back(rig: Rig) -> None:
    rig.site.plugins = broken(rig)
    report = dun(rig.site, rig.context, "01", as_of=rig.today)
    assert (report.notices, report.codes) == ((), {"plugin_hold": 6})
    (kept,) = report.kept_back
    assert (kept.plugin, kept.failure) == ("legal", "it is not loaded (failed): ImportError: no module named claims")
    assert {said.words.partition(": ")[2] for said in explain(rig.site, "A")} == {"plugin legal is not loaded."}


def test_it_keeps_none_back_once_the_settings_do_without_it(rig: Rig) -> None:
    rig.site.plugins = broken(rig)
    rig.set(without_plugins=("legal",))
    assert len(dun(rig.site, rig.context, "01", as_of=rig.today).notices) == 3
    approve(rig.site, rig.context, [row.id for row in proposed(rig.site.books)])
    assert rig.deliver().sent == 3


def test_a_letter_that_waits_is_kept_back_too_while_a_plugin_cannot_be_loaded(rig: Rig) -> None:
    rig.approve()
    whole, rig.site.plugins = rig.site.plugins, broken(rig)
    report = rig.deliver()
    assert (report.sent, report.held) == (0, 3)
    assert "plugin legal is not loaded" in report.reasons[0]
    rig.site.plugins = whole
    rig.clock.later(hours=2)
    assert rig.deliver().sent == 3


def test_what_a_plugin_holds_by_now_is_not_sent(rig: Rig) -> None:
    rig.approve()
    seen: list[Mapping[str, Any]] = []

    class Looks(Holds):
        @hookimpl
        def hold_reason(self, debtors: Sequence[Mapping[str, Any]], as_of: date) -> Mapping[str, str]:
            seen.extend(debtors)
            return {each["key"]: "sued us" for each in debtors if each["customer"] == "B"}

    rig.site.plugins = Plugins.of(small=rig.plugin, mail=mail, letter=letter_file, legal=Looks({}))
    report = rig.deliver()
    assert (report.sent, report.cancelled) == (2, 1)
    assert {row.debtor: row.state for row in rig.notices()} == {"A": "sent", "B": "cancelled", "C": "sent"}
    assert "the plugin legal holds it: sued us" in report.reasons[0]
    assert {key: seen[0][key] for key in ("company", "customer", "currency", "level", "items")} == {
        "company": "01",
        "customer": "A",
        "currency": "EUR",
        "level": 1,
        "items": ["A1", "A2"],
    }
    assert str(seen[0]["total"]) == "200.00"


def test_a_letter_waits_for_a_plugin_that_breaks_while_it_is_asked(rig: Rig) -> None:
    rig.approve()
    rig.site.plugins = Plugins.of(small=rig.plugin, mail=mail, letter=letter_file, legal=Holds(RuntimeError("away")))
    report = rig.deliver()
    assert (report.sent, report.held) == (0, 3)
    assert {row.state for row in rig.notices()} == {"approved"}


def test_a_notice_by_hand_that_a_plugin_holds_is_refused(rig: Rig) -> None:
    rig.site.plugins = Plugins.of(small=rig.plugin, mail=mail, letter=letter_file, legal=Holds({"A": "sued us"}))
    with pytest.raises(RunStopped, match="the plugin legal holds it: sued us"):
        propose_manual(rig.site, rig.context, "A")
    assert propose_manual(rig.site, rig.context, "B")
    rig.site.plugins = broken(rig)
    with pytest.raises(RunStopped, match="plugin legal is not loaded"):
        propose_manual(rig.site, rig.context, "C")


def test_doctor_fails_for_a_plugin_that_keeps_letters_back_and_notes_one_that_does_not(rig: Rig) -> None:
    (sign, _) = machine.plugins(broken(rig), without=())
    assert (sign.severity, sign.code) == ("error", "plugins")
    assert "every letter is kept back" in sign.text
    (sign, _) = machine.plugins(broken(rig), without=("legal",))
    assert sign.severity == "note"
