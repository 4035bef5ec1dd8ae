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
from duehook.core.plugins import Plugins
from duehook.core.runs.dunning.dun import DunReport, dun
from duehook.core.runs.dunning.explain import explain
from tests.delivery_site import Rig, due, rigged


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
