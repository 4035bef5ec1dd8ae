"""A drop folder on an SFTP server: its files are copied whole, once, and only from a host whose key is known."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from paramiko import ECDSAKey
from pydantic import SecretStr, ValidationError

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorRefused
from duehook.core.hookspecs import ConnectionConfig, Source
from duehook.plugins.files import invoice_source
from duehook.plugins.files.settings import FilesSettings, SftpSettings

from .drop_folder import HEADER, NEWS, SNAPSHOT, line
from .sftp_server import PASSWORD, USER, Server, serving
from .test_manifest import HEAD, MANIFEST, TOGETHER

AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


class Far:
    """A drop folder on the server, and its copies here."""

    def __init__(self, at: Path, server: Server) -> None:
        self.at, self.server, self.out = at, server, server.folder / "out"
        self.copies = at / "cache"
        self.out.mkdir()
        (at / "map.yaml").write_text(SNAPSHOT)
        (at / "known_hosts").write_text(server.known())
        self.settle: float = 0
        self.sign_in: dict[str, Any] = {"password": SecretStr(PASSWORD)}

    def put(self, name: str, *lines: str, header: str = HEADER, minute: int = 0) -> None:
        (file := self.out / name).write_text(header + "".join(lines))
        os.utime(file, (AT.timestamp() + 60 * minute, AT.timestamp() + 60 * minute))

    def source(self, **more: Any) -> Source:
        given = {"host": "127.0.0.1", "port": self.server.port, "user": USER, "known_hosts": "known_hosts"}
        sftp = SftpSettings.model_validate({**given, "folder": "out", **self.sign_in, **more})
        settings = FilesSettings(folder="cache", mapping="map.yaml", settle_seconds=self.settle, sftp=sftp)
        found = invoice_source(ConnectionConfig("tims", "files", settings, str(self.at)))
        assert found is not None
        return found

    def rows(self, source: Source | None = None) -> list[str]:
        source = source or self.source()
        return [row["key"] for page in source.read("item", None, source.upper_bound()) for row in page.rows]

    def fetched(self) -> list[str]:
        found = [asked.removeprefix("fetch ") for asked in self.server.asked if asked.startswith("fetch ")]
        self.server.asked.clear()
        return found

    def copied(self) -> list[str]:
        return sorted(path.name for path in self.copies.iterdir() if not path.name.startswith("."))


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Far]:
    (tmp_path / "far").mkdir()
    with serving(tmp_path / "far") as server:
        yield Far(tmp_path, server)


def test_files_are_copied_with_their_times_and_read(far: Far) -> None:
    far.put("open1.csv", line("1"), line("2"), minute=5)
    far.put("notes.txt", header="")
    (far.out / "open_folder.csv").mkdir()
    source = far.source()
    assert source.upper_bound().at == datetime(2026, 3, 2, 6, 5, tzinfo=UTC)
    assert far.rows(source) == ["1", "2"]
    assert far.copied() == ["open1.csv"]


def test_a_file_is_fetched_once_as_long_as_it_stays(far: Far) -> None:
    far.put("open1.csv", line("1"))
    assert (far.rows(), far.rows(), far.fetched()) == (["1"], ["1"], ["open1.csv"])
    far.put("open1.csv", line("3"), minute=1)
    assert (far.rows(), far.fetched()) == (["3"], ["open1.csv"])
    (far.copies / "open1.csv").write_text("spoilt")
    assert (far.rows(), far.fetched()) == (["3"], ["open1.csv"])
    (far.copies / ".fetched.json").write_text("{")
    assert (far.rows(), far.fetched()) == (["3"], ["open1.csv"])


def test_copies_of_a_state_vanish_with_it_and_those_of_news_stay(far: Far) -> None:
    far.put("open1.csv", line("1"))
    far.put("open2.csv", line("2"))
    assert far.rows() == ["2"]
    (far.copies / "open9.csv").write_text(HEADER)  # not ours, and so nothing that we would remove
    (far.out / "open2.csv").unlink()
    far.rows()
    assert far.copied() == ["open1.csv", "open9.csv"]
    (far.copies / "open9.csv").unlink()
    assert far.rows() == ["1"]
    (far.at / "map.yaml").write_text(NEWS)
    far.put("open2.csv", line("2"))
    assert far.rows() == ["1", "2"]
    (far.out / "open1.csv").unlink()
    assert far.rows() == ["1", "2"]


def test_what_is_still_written_waits(far: Far) -> None:
    (far.at / "map.yaml").write_text(NEWS)
    for name in ("open1.csv", "open2.csv", "open2.csv.part", "open3.tmp", "~$open4.csv", ".open5.csv"):
        far.put(name, line(name[4]))
    source = far.source()
    pages = list(source.read("item", None, source.upper_bound()))
    assert [row["key"] for page in pages for row in page.rows] == ["1"]
    assert pages[-1].notes == ["open2.csv is still being written and waits"]
    assert far.copied() == ["open1.csv"]


def test_a_file_that_grows_between_two_looks_waits(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    (far.at / "map.yaml").write_text(NEWS)
    far.settle = 0.01
    far.put("open1.csv", line("1"))
    far.put("open2.csv", line("2"))
    monkeypatch.setattr("time.sleep", lambda seconds: far.put("open2.csv", line("2"), line("3")))
    assert far.rows() == ["1"]
    monkeypatch.undo()
    assert far.rows() == ["1", "2", "3"]


def test_a_file_that_changes_while_it_is_fetched_is_not_shown(far: Far) -> None:
    far.put("open1.csv", line("1"))

    def change() -> None:
        if far.server.asked[-1].startswith("fetch"):
            far.put("open1.csv", line("1"), line("2"))

    far.server.between = change
    with pytest.raises(ConnectorDown, match=r"open1.csv changed on 127.0.0.1:out while it was fetched"):
        far.rows()
    assert [path.name for path in far.copies.iterdir()] == []
    far.server.between = lambda: None
    assert far.rows() == ["1", "2"]


def test_a_line_that_breaks_leaves_nothing_half(far: Far) -> None:
    far.put("open1.csv", line("1"))
    far.server.cut = far.server.hang_up
    with pytest.raises(ConnectorDown, match=r"127.0.0.1 broke off while open1.csv was fetched: .*nothing is lost"):
        far.rows()
    assert [path.name for path in far.copies.iterdir()] == []


def test_a_host_whose_key_is_not_known_gets_no_password(far: Far) -> None:
    far.put("open1.csv", line("1"))
    (far.at / "known_hosts").write_text("")
    with pytest.raises(ConnectorRefused, match=r"host key of \[127.0.0.1\]:\d+ is not in known_hosts: ecdsa.* SHA256:"):
        far.rows()
    other = ECDSAKey.generate()
    (far.at / "known_hosts").write_text(f"[127.0.0.1]:{far.server.port} {other.get_name()} {other.get_base64()}\n")
    with pytest.raises(ConnectorRefused, match=r"127.0.0.1 shows another host key than known_hosts has"):
        far.rows()
    (far.at / "known_hosts").unlink()
    with pytest.raises(ConnectorRefused, match=r"the known hosts .*known_hosts cannot be read: No such file"):
        far.rows()
    assert far.server.asked == []


def test_a_key_signs_in_too_also_one_under_a_phrase(far: Far) -> None:
    far.put("open1.csv", line("1"))
    key: Any = far.server.door.key
    key.write_private_key_file(str(far.at / "id"), password="a phrase")
    far.sign_in = {"key_file": "id", "key_passphrase": SecretStr("a phrase")}
    assert far.rows() == ["1"]
    for phrase in (None, SecretStr("another")):
        far.sign_in["key_passphrase"] = phrase
        with pytest.raises(ConnectorRefused, match=r"the key id cannot be read: .*`sftp.key_file`"):
            far.rows()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"password": SecretStr("wrong")}, r"127.0.0.1 does not let tims in: Authentication failed.*`sftp`"),
        ({"folder": "in"}, r"127.0.0.1 has no folder in that may be opened: No such file"),
    ],
)
def test_what_the_server_refuses_is_told(far: Far, given: dict[str, Any], words: str) -> None:
    with pytest.raises(ConnectorRefused, match=words):
        far.source(**given).upper_bound()


def test_a_server_that_is_not_there_is_tried_again_later(far: Far) -> None:
    source = far.source()
    far.server.stop()
    with pytest.raises(ConnectorDown, match=r"127.0.0.1 cannot be reached: .*nothing is lost"):
        source.upper_bound()


def test_a_folder_that_may_not_hold_copies_is_told(far: Far) -> None:
    far.copies.write_text("a file")
    with pytest.raises(ConnectorRefused, match=r"copies cannot be kept in .*cache: File exists"):
        far.source().upper_bound()


def test_all_files_that_a_manifest_may_name_are_fetched(far: Far) -> None:
    (far.at / "map.yaml").write_text(MANIFEST + TOGETHER)
    far.put("open_a.csv", line("1"))
    far.put("notes.txt", header="")
    far.put("manifest.csv", "open_a.csv,1,,\n", "notes.txt,,,\n", header=HEAD)
    assert far.rows() == ["1"]
    (far.out / "notes.txt").unlink()
    far.put("manifest.csv", "open_a.csv,1,,\n", "more.txt,,,\n", header=HEAD, minute=1)
    with pytest.raises(ConnectorDown, match=r"more.txt \(manifest.csv:3\)"):
        far.rows()


def test_control_files_and_answers_come_along(far: Far) -> None:
    control = '    control: {file: "{stem}.ctl", count: Rows}\n    fields:'
    answers = "  answers: {files: answer*.csv, key: K, result: {column: R, codes: {OK: done}}}\n"
    back = "write_back:\n  folder: outbox\n  commands: {add_note: {columns: {K: '{key}'}}}\n" + answers
    (far.at / "map.yaml").write_text(back + SNAPSHOT.replace("    fields:", control))
    far.put("open1.csv", line("1"))
    far.put("open1.ctl", "1\n", header="Rows\n")
    far.put("answer1.csv", "k,OK\n", header="K,R\n")
    assert far.rows() == ["1"]
    assert far.copied() == ["answer1.csv", "open1.csv", "open1.ctl"]


def test_check_tells_what_is_wrong(far: Far) -> None:
    (far.at / "known_hosts").write_text("")
    (found,) = [finding for finding in far.source().check() if not finding.ok]
    assert (found.subject, found.message[:12]) == ("item files", "the host key")


def test_without_paramiko_the_extra_is_named(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    source = far.source()
    monkeypatch.setitem(sys.modules, "paramiko", None)
    with pytest.raises(ConnectorError, match=r"paramiko, .*, is not installed.*pip install 'duehook\[sftp\]'"):
        source.upper_bound()


@pytest.mark.parametrize("given", [{}, {"password": SecretStr("x"), "key_file": "id"}])
def test_one_way_to_sign_in_is_stated(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="say how to sign in: password, or key_file"):
        SftpSettings(host="h", user="u", known_hosts="k", **given)
