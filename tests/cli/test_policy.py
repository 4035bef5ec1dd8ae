"""`duehook policy`: own packs are checked with their places, and read back in words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from duehook.core.cli import main

Out = pytest.CaptureFixture[str]
OURS = """\
policy: ours
about: One reminder
minimum: {EUR: 10}
levels:
  - {name: reminder, days: 10, interval: 14, channel: mail, template: friendly}
"""


@pytest.fixture
def rules(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of a site's own packs, with one, and stand in the site."""
    (tmp_path / "duehook.yaml").write_text("version: 1\n")
    shutil.copyfile(migrated_file, tmp_path / "duehook.db")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ours.yaml").write_text(OURS)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "rules"


def test_packs_without_a_mistake_end_with_0(rules: Path, capsys: Out) -> None:
    assert main(["policy", "check"]) == 0
    assert "0 mistakes" in capsys.readouterr().out


def test_a_mistake_is_told_with_its_place_and_ends_with_3(rules: Path, capsys: Out) -> None:
    (rules / "ours.yaml").write_text(OURS.replace("days: 10", "days: ten"))
    assert main(["policy", "check", "--json"]) == 3
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert f"{rules / 'ours.yaml'}:5:28: " in problem


def test_every_mistake_is_told_on_a_line_before_their_number(rules: Path, capsys: Out) -> None:
    (rules / "ours.yaml").write_text(OURS.replace("days: 10", "days: ten").replace("EUR", "EURO"))
    assert main(["policy", "check"]) == 3
    first, second, last = capsys.readouterr().out.splitlines()[-3:]
    assert first.startswith(f"{rules / 'ours.yaml'}:3:")
    assert second.startswith(f"{rules / 'ours.yaml'}:5:")
    assert last.endswith("rules: 2 mistakes.")


def test_a_path_that_is_not_there_is_told(rules: Path, capsys: Out) -> None:
    assert main(["policy", "check", "nowhere.yaml"]) == 2
    assert "there is no nowhere.yaml" in capsys.readouterr().err


def test_policies_are_listed_the_sites_own_beside_those_that_ship(rules: Path, capsys: Out) -> None:
    assert main(["policy", "show"]) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in ("default", "gentle", "strict", "ours"))


def test_a_policy_is_read_back_in_words(rules: Path, capsys: Out) -> None:
    assert main(["policy", "show", "ours"]) == 0
    assert "Level 1, reminder: from 10 days past due" in capsys.readouterr().out


def test_a_policy_that_does_not_exist_names_those_that_do(rules: Path, capsys: Out) -> None:
    assert main(["policy", "show", "others"]) == 2
    assert "there is no policy 'others'. Fix: name one of default, gentle" in capsys.readouterr().err


def test_a_channel_that_no_plugin_offers_fails_check_and_doctor_too(rules: Path, capsys: Out) -> None:
    (rules / "ours.yaml").write_text(OURS.replace("mail", "fax").replace("friendly", "frendly"))
    here = f"{rules / 'ours.yaml'}:5:"
    assert main(["policy", "check"]) == 3
    told = capsys.readouterr().out
    assert f"{here}55: There is no channel `fax`; there are letter, mail." in told
    assert "There is no template `frendly`; there are final, firm, formal_demand, friendly" in told
    assert "did you mean `friendly`?" in told
    assert main(["check", "--json"]) == 3
    found = [each for each in json.loads(capsys.readouterr().out)["findings"] if each["part"] == "policy"]
    assert [(each["ok"], each["severity"], each["subject"]) for each in found] == [
        (False, "error", f"{here}55"),
        (False, "error", f"{here}70"),
    ]
    assert main(["doctor", "--json"]) == 1
    signs = [each for each in json.loads(capsys.readouterr().out)["signs"] if each["code"] == "policy"]
    assert [each["severity"] for each in signs] == ["error", "error"]
    assert signs[0]["text"].startswith(f"{here}55: There is no channel `fax`")


def test_the_sites_own_template_may_be_named(rules: Path, capsys: Out) -> None:
    (rules / "ours.yaml").write_text(OURS.replace("friendly", "dear"))
    letters = rules.parent / "templates" / "letters"
    letters.mkdir(parents=True)
    (letters / "dear.en.j2").write_text("{% block subject %}x{% endblock %}")
    assert main(["policy", "check"]) == 0
    main(["check", "--json"])
    found = json.loads(capsys.readouterr().out.split("mistakes.")[1])["findings"]
    assert [each["message"] for each in found if each["part"] == "policy"] == ["1 of the site's own, without a mistake"]
