"""`duehook deliver`, `outbox`, `task`, `hold`, `go-live` and `audit`, as they are typed."""

from __future__ import annotations

import os
import signal
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from duehook.core.deliver.mail import MailChannel
from duehook.core.hookspecs import Message, Sent
from tests.rigs.mail_catcher import Catcher, breaking
from tests.rigs.small_erp import SmallErp

from .typed import Out, asked, run


def test_the_way_of_a_notice_by_commands(approved: Catcher, erp: SmallErp, capsys: Out) -> None:
    (would, *_) = asked(capsys, "deliver", "--dry-run")["would"]
    assert (would["what"], would["debtor"], approved.mails) == ("would send", "A", [])
    done = asked(capsys, "deliver")
    assert (done["sent"], done["notes"], done["holds_set"]) == (1, 1, 1)
    assert len(approved.mails) == 1
    effects = asked(capsys, "outbox", "list", "--state", "sent")["effects"]
    assert sorted(effect["kind"] for effect in effects) == ["add_note", "notice", "notice_issued", "set_credit_hold"]
    (hold,) = asked(capsys, "hold", "list")["holds"]
    assert (hold["state"], hold["customer"], hold["value"]) == ("set", "A", "D")
    assert asked(capsys, "task", "list")["tasks"] == []
    assert asked(capsys, "audit", "verify")["holds"]


def test_a_delivery_that_is_told_to_end_finishes_the_letter_at_hand_and_leaves_nothing_behind(
    approved: Catcher, erp: SmallErp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    for key in "BC":
        erp.customer(key)
        erp.invoice(f"{key}1", key, "100.00", datetime.now(UTC).date() - timedelta(days=40), dunning_level=2)
    run("import", "small")
    run("dun")
    run("proposal", "approve", "--all", "--yes")
    folder, send = tmp_path / "temporary", MailChannel.send
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    def told(self: MailChannel, message: Message) -> Sent:
        os.kill(os.getpid(), signal.SIGTERM)
        assert [made.name[:14] for made in folder.iterdir()] == ["duehook-press-"]
        return send(self, message)

    monkeypatch.setattr(MailChannel, "send", told)
    run("deliver", ends=5)
    assert len(approved.mails) == 1
    assert list(folder.iterdir()) == []
    states = [effect["state"] for effect in asked(capsys, "outbox", "list")["effects"] if effect["kind"] == "notice"]
    assert sorted(states) == ["new", "new", "sent"]
    monkeypatch.setattr(MailChannel, "send", send)
    run("deliver")
    assert len(approved.mails) == 3


def test_any_other_command_that_is_told_to_end_closes_what_it_opened(
    approved: Catcher, erp: SmallErp, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    before, now = signal.getsignal(signal.SIGTERM), SmallErp.now
    monkeypatch.setattr(SmallErp, "now", lambda self: os.kill(os.getpid(), signal.SIGTERM))
    run("import", "small", ends=143)
    assert "Told to end." in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) == before
    monkeypatch.setattr(SmallErp, "now", now)
    run("import", "small")  # its lock was given back


def test_tables_are_told_in_words(approved: Catcher, capsys: Out) -> None:
    run("deliver")
    run("outbox", "list")
    run("hold", "list")
    run("task", "list")
    run("audit", "seal")
    run("audit", "verify")
    told = capsys.readouterr().out
    for words in ("1 sent", "4 effects", "1 holds", "0 tasks", "The chain holds"):
        assert words in told


def test_what_failed_ends_with_5_and_leaves_a_task(approved: Catcher, capsys: Out) -> None:
    approved.answers = ["554 no"]
    assert asked(capsys, "deliver", ends=5)["failed"] == 1
    (task,) = asked(capsys, "task", "list")["tasks"]
    assert task["kind"] == "notice_failed"
    run("task", "done", str(task["id"]), "--outcome", "called")
    assert asked(capsys, "task", "list")["tasks"] == []
    run("task", "done", str(task["id"]), ends=2)


def test_a_doubt_is_settled_by_command(approved: Catcher, tmp_path: Path, capsys: Out) -> None:
    file = tmp_path / "duehook.yaml"
    written = file.read_text()
    with breaking("reply") as server:
        file.write_text(written.replace(f"port: {approved.port}", f"port: {server.port}"))
        assert asked(capsys, "deliver", ends=5)["in_doubt"] == 1
    file.write_text(written)
    (effect,) = asked(capsys, "outbox", "list", "--state", "in_doubt")["effects"]
    run("outbox", "settle", effect["key"], "--why", "looked", ends=2)
    run("outbox", "settle", effect["key"], "--sent", "--not-sent", "--why", "looked", ends=2)
    assert "add --sent or --not-sent" in capsys.readouterr().err
    run("outbox", "settle", "zzz", "--sent", "--why", "looked", ends=2)
    assert asked(capsys, "outbox", "settle", effect["key"], "--sent", "--why", "they have it")["sent"] is True
    assert asked(capsys, "deliver")["notes"] == 1
    assert approved.mails == []


@pytest.mark.parametrize("group", ["outbox", "hold"])
def test_a_state_that_there_is_not_is_a_usage_error_that_names_the_states(
    catcher: Catcher, capsys: Out, group: str
) -> None:
    run(group, "list", "--state", "nonsense", ends=2)
    told = capsys.readouterr().err
    assert "there is no state 'nonsense'" in told
    assert {"outbox": "new, sending, sent, failed, in_doubt", "hold": "proposed, setting, set"}[group] in told
    run(group, "list", "--state", "superseded" if group == "outbox" else "would_be")


def test_holds_are_approved_and_dropped_by_command(approved: Catcher, erp: SmallErp, capsys: Out) -> None:
    run("deliver")
    run("hold", "approve", ends=2)
    run("hold", "approve", "1", ends=2)
    run("hold", "approve", "1", "--all", ends=2)
    erp.pay("1")
    erp.at = datetime.now(UTC) + timedelta(seconds=5)
    run("import", "small", "--accept-drop")
    run("deliver")
    run("hold", "drop", "1", "--why", "wait")
    run("deliver")
    assert asked(capsys, "hold", "approve", "--all")["approved"] == 1
    assert asked(capsys, "deliver")["holds_released"] == 1
    assert erp.holds == {}


def test_a_mail_server_that_is_down_ends_with_5_and_says_when_the_next_try_is(
    approved: Catcher, tmp_path: Path, capsys: Out
) -> None:
    file = tmp_path / "duehook.yaml"
    file.write_text(file.read_text().replace(f"port: {approved.port}", "port: 1"))  # nobody listens there
    for _ in range(2):
        capsys.readouterr()
        run("deliver", ends=5)
        assert "1 waits, next try " in capsys.readouterr().out
    assert asked(capsys, "deliver", ends=5)["waits"]["count"] == 1


def test_every_act_of_a_person_takes_its_reason_as_why(catcher: Catcher, capsys: Out) -> None:
    run("import", "small")
    run("block", "01/A", "--why", "new agreement")
    run("block", "01/1", "--item", "--why", "price query", "--until", "2099-01-01")
    run("block", "01/A", "--reason", "new agreement", ends=2)
    run("unblock", "01/A", "--why", "agreement broken")
    run("explain", "01/1", ends=2)
    assert "run `duehook dun` first" in capsys.readouterr().err
    run("dun")
    run("explain", "01/1")
    assert "price query" in capsys.readouterr().out


def test_a_debtor_is_explained_with_the_level_of_its_account(approved: Catcher, capsys: Out) -> None:
    run("deliver")
    assert asked(capsys, "explain", "01/A")["accounts"] == [
        {"company": "01", "debtor": "A", "currency": "EUR", "level": 3, "level_name": "final"}
    ]
    run("explain", "A")
    assert "01/A stands at level 3 (final) in EUR." in capsys.readouterr().out
    assert asked(capsys, "explain", "01/1")["accounts"] == []


def test_live_refuses_before_go_live(catcher: Catcher, capsys: Out) -> None:
    run("deliver", ends=1)
    assert "duehook go-live" in capsys.readouterr().err
    run("go-live", ends=2)  # nobody is there to answer
    run("go-live", "--dry-run")
    told = capsys.readouterr().out
    assert "0 notices of the rehearsal would be taken back." in told
    assert "Nothing was changed." in told
    run("go-live", "--yes")
    assert "0 notices of the rehearsal were taken back." in capsys.readouterr().out
    run("go-live", "--yes", "--first-run-notices", "9", "--dry-run")
    assert "might send 9 notices. Nothing was changed." in capsys.readouterr().out
    run("go-live", "--yes", "--first-run-notices", "7")
    assert "may send 7 notices" in capsys.readouterr().out


def test_a_tampered_audit_ends_with_1_and_names_the_row(approved: Catcher, tmp_path: Path, capsys: Out) -> None:
    run("deliver")
    engine = create_engine(f"sqlite:///{tmp_path}/books.db")
    with engine.begin() as tx:
        tx.execute(text("UPDATE audit SET actor_id = 'nobody' WHERE id = 2"))
    engine.dispose()
    faults = asked(capsys, "audit", "verify", ends=1)["faults"]
    assert faults == ["audit row 2 (place 2) was edited or moved: its digest does not follow"]
    run("audit", "verify", ends=1)
    first, last = capsys.readouterr().out.splitlines()
    assert first == f"FAULT: {faults[0]}"
    assert last.startswith("The chain does not hold: ")


def test_a_notice_is_looked_up_and_its_copy_saved(approved: Catcher, tmp_path: Path, capsys: Out) -> None:
    run("notice", "save", "1", ends=2)
    assert "notice 1 is approved and was never written" in capsys.readouterr().err
    run("deliver")
    (notice,) = asked(capsys, "notice", "list", "--debtor", "A", "--state", "sent")["notices"]
    assert (notice["id"], notice["number"], notice["demanded"]) == (1, "01-000001", "100.00")
    saved = asked(capsys, "notice", "save", "1", "copies")["saved"]
    assert saved == "copies/01-000001.eml"
    assert b"01-000001" in (tmp_path / saved).read_bytes()
    run("notice", "save", "1", "copies")  # the same copy again
    (tmp_path / saved).write_text("notes of mine")
    run("notice", "save", "1", "copies", ends=2)
    assert (tmp_path / saved).read_text() == "notes of mine"


def test_a_notice_is_cancelled_by_command(approved: Catcher, capsys: Out) -> None:
    run("deliver")
    run("notice", "cancel", "1", "--why", "a wrong bank account stood on it")
    run("notice", "list")
    told = capsys.readouterr().out
    assert "Notice 1 is cancelled." in told
    assert "a wrong bank account stood on it" in told
    run("notice", "cancel", "1", "--why", "again", ends=2)
    assert "only a queued or a sent one is cancelled. Fix: see `duehook notice list`" in capsys.readouterr().err
    run("notice", "list", "--state", "failed")
    assert "There is no such notice." in capsys.readouterr().out
    run("notice", "list", "--debtor", "nobody", ends=2)


def test_an_altered_and_a_missing_copy_of_a_notice_are_named(approved: Catcher, tmp_path: Path, capsys: Out) -> None:
    run("deliver")
    told = asked(capsys, "notice", "verify")
    assert (told["files"], told["faults"]) == (1, [])
    run("notice", "verify")
    assert capsys.readouterr().out == "1 of 1 archived notices are as they were written.\n"
    (copy,) = (path for path in (tmp_path / "archive").glob("??/??/*") if path.is_file())
    copy.write_bytes(copy.read_bytes().replace(b"100.00", b"900.00"))
    (fault,) = asked(capsys, "notice", "verify", ends=1)["faults"]
    assert fault == f"{copy} was altered or cut off: its content is not {copy.name}."
    copy.unlink()
    run("notice", "verify", ends=1)
    told = capsys.readouterr().out
    assert f"FAULT: The archive has no {copy.name}: {copy} is missing." in told
    assert "0 of 1 archived notices are as they were written." in told


def test_who_did_what_is_listed(approved: Catcher, capsys: Out) -> None:
    run("block", "A", "--why", "calls on Monday")
    capsys.readouterr()
    run("audit", "list", "--debtor", "A", "--act", "block")
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.split()[2:] == ["person:ann", "cli", "block.add", "01", "A", "calls", "on", "Monday"]
    run("level", "set", "1", "2", "--why", "agreed by phone")
    (act,) = asked(capsys, "audit", "list", "--debtor", "A", "--act", "level")["acts"]
    assert (act["subject"], act["why"]) == ("1", "agreed by phone")
    (act,) = asked(capsys, "audit", "list", "--act", "block")["acts"]
    assert (act["actor"], act["act"], act["before"]) == ("person:ann", "block.add", None)
    run("audit", "list", "--by", "nobody")
    assert capsys.readouterr().out == "There is no such act.\n"
