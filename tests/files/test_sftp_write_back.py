"""What an ERP imports from an SFTP server: laid there whole, shown once, and looked for before it is sent again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from duehook.core.errors import ConnectorDown
from duehook.core.hookspecs import Applied, ConnectionConfig, Target
from duehook.plugins.files import write_back_target
from duehook.plugins.files.settings import FilesSettings, SftpSettings

from .drop_folder import SNAPSHOT
from .sftp_server import PASSWORD, USER, Server, serving
from .test_write_back import ANSWERS, COMMANDS, NOTE_FILE, command, told

LINES = "Key;Customer;Note\r\nk1;1000/4711;Notice N-1: Dunning level 2 (firm): noti\r\n"


class Far:
    """A server with a folder of exports and one that the ERP imports from."""

    def __init__(self, at: Path, server: Server) -> None:
        self.at, self.server = at, server
        self.outbox, self.drop = server.folder / "in", server.folder / "out"
        self.outbox.mkdir()
        self.drop.mkdir()
        (at / "known_hosts").write_text(server.known())
        self.mapped(COMMANDS + SNAPSHOT)

    def mapped(self, text: str) -> None:
        (self.at / "map.yaml").write_text(text.replace("folder: outbox", "folder: in"))

    def target(self) -> Target:
        sftp = SftpSettings(
            host="127.0.0.1", port=self.server.port, user=USER, password=SecretStr(PASSWORD), known_hosts="known_hosts",
            folder="out",
        )  # fmt: skip
        settings = FilesSettings(folder="copies", mapping="map.yaml", settle_seconds=0, sftp=sftp)
        found = write_back_target(ConnectionConfig("tims", "files", settings, str(self.at)))
        assert found is not None
        return found

    def applied(self, wanted: Any = None) -> Applied:
        target = self.target()
        try:
            return target.apply(wanted or command())
        finally:
            target.close()

    def verified(self) -> Applied:
        target = self.target()
        try:
            return target.verify(command())
        finally:
            target.close()

    def shown(self) -> dict[str, str]:
        return {path.name: path.read_bytes().decode("cp1252") for path in self.outbox.iterdir() if path.is_file()}


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Far]:
    (tmp_path / "far").mkdir()
    with serving(tmp_path / "far") as server:
        yield Far(tmp_path, server)


def test_a_command_is_laid_there_as_part_and_renamed_once(far: Far) -> None:
    assert far.applied() == Applied("done", "written as add_note-k1.csv", reference=NOTE_FILE)
    assert far.shown() == {NOTE_FILE: LINES}
    assert far.server.asked == ["write add_note-k1.csv.part", "write add_note-k1.csv", "rename add_note-k1.csv"]
    assert told(far.applied()) == ("already", "written as add_note-k1.csv")
    (far.outbox / NOTE_FILE).unlink()
    assert told(far.applied()) == ("already", "written as add_note-k1.csv")
    assert told(far.verified()) == ("done", "written as add_note-k1.csv")
    assert far.shown() == {}


def test_one_sign_in_serves_many_commands(far: Far) -> None:
    target = far.target()
    for key in ("k1", "k2", "k3"):
        assert target.apply(command(key=key)).outcome == "done"
    target.close()
    assert len(far.shown()) == 3
    assert far.server.signed_in == 1


def test_the_outbox_may_stay_on_this_machine(far: Far) -> None:
    (far.at / "in").mkdir()
    far.mapped(COMMANDS.replace("folder: outbox", "folder: outbox\n  here: true") + SNAPSHOT)
    assert far.applied().outcome == "done"
    assert [path.name for path in (far.at / "in").glob("*.csv")] == [NOTE_FILE]
    assert (far.shown(), far.server.asked) == ({}, [])


def test_answers_are_read_from_the_server_too(far: Far) -> None:
    far.mapped(COMMANDS + ANSWERS + SNAPSHOT)
    waiting = Applied(
        "unknown", "written as add_note-k1.csv, which the ERP has not answered yet", wait=timedelta(hours=48)
    )
    assert far.applied() == waiting
    (far.drop / "answer1.csv").write_text("Key,Result,Why\nk1,ERR,customer is closed\n")
    assert told(far.verified()) == ("refused", "answer1.csv:2: ERR, customer is closed")


def test_a_line_that_breaks_while_a_file_is_written_shows_nothing_and_it_is_sent_again(far: Far) -> None:
    far.server.before = lambda done, path: far.server.hang_up() if done == "write" else None
    with pytest.raises(
        ConnectorDown, match=r"in cannot be written to: 127.0.0.1 broke off while .*Nothing was written"
    ):
        far.applied()
    assert far.shown().get(NOTE_FILE) is None
    far.server.before = lambda done, path: None
    assert told(far.verified()) == ("refused", "add_note-k1.csv was not written")
    assert far.applied().outcome == "done"
    assert far.shown() == {NOTE_FILE: LINES}


def test_a_rename_whose_end_nobody_knows_is_looked_for_by_its_name(far: Far) -> None:
    far.server.after = lambda done, path: far.server.hang_up()
    assert told(far.applied()) == ("done", "written as add_note-k1.csv")
    assert [asked for asked in far.server.asked if asked.startswith("rename")] == ["rename add_note-k1.csv"]
    assert far.shown() == {NOTE_FILE: LINES}


def test_a_rename_that_did_not_happen_is_no_doubt_but_waits(far: Far) -> None:
    def broke(done: str, path: str) -> None:
        if done == "rename":
            far.server.hang_up()
            raise OSError("the disk went")

    far.server.before = broke
    with pytest.raises(ConnectorDown, match=r"broke off, and add_note-k1.csv was not shown to the ERP"):
        far.applied()
    far.server.before = lambda done, path: None
    assert far.applied().outcome == "done"
    assert far.shown() == {NOTE_FILE: LINES}


def test_where_nobody_can_look_it_is_in_doubt_and_then_found(far: Far) -> None:
    port = far.server.port

    def away(done: str, path: str) -> None:
        (far.outbox / NOTE_FILE).unlink()  # the ERP takes it at once
        (far.at / "known_hosts").write_text("")
        far.server.hang_up()

    far.server.after = away
    outcome, why = told(far.applied())
    assert outcome == "unknown"
    assert why.endswith("Nobody knows whether add_note-k1.csv was shown to the ERP.")
    assert told(far.verified())[0] == "unknown"
    far.server.after = lambda done, path: None
    assert far.server.port == port
    (far.at / "known_hosts").write_text(far.server.known())
    assert told(far.verified()) == ("done", "written as add_note-k1.csv")
    assert told(far.applied())[0] == "already"
    assert far.shown() == {}


def test_a_folder_that_is_not_there_keeps_the_command_waiting(far: Far) -> None:
    far.outbox.rmdir()
    with pytest.raises(ConnectorDown, match=r"127.0.0.1:in cannot be looked at: .*has no folder in that may be opened"):
        far.applied()
    (found,) = far.target().check()
    assert (found.subject, found.ok) == ("outbox", False)


def test_check_counts_what_waits_there(far: Far) -> None:
    far.applied()
    (far.outbox / "add_note-k9.csv.part").write_text("")
    target = far.target()
    (found,) = target.check()
    target.close()
    assert found.message == "1 files wait for the ERP in 127.0.0.1:in"
