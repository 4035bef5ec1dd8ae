"""The print folder: a letter is written once, under its own name, and waits to be posted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from duehook.core.deliver.letter_file import LetterChannel, LetterSettings
from duehook.core.hookspecs import Message


def paper(identity: str = "<1@x.example>", content: bytes = b"%PDF one", name: str = "N-1.pdf") -> Message:
    return Message(identity, content, "ar@x.example", (), name)


def manifest(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines() if line[-1:] == "}"]


def test_a_letter_is_written_once_and_waits_for_its_confirmation(tmp_path: Path) -> None:
    channel = LetterChannel(LetterSettings(folder=tmp_path / "print"))
    sent = channel.send(paper())
    assert (sent.outcome, "ready to print; confirm it when it is posted" in sent.message) == ("in_doubt", True)
    again = channel.send(paper())
    assert (again.outcome, "was written before" in again.message) == ("in_doubt", True)
    channel.send(paper("<2@x.example>", b"%PDF two", "N-2.pdf"))
    channel.close()
    assert (tmp_path / "print/N-1.pdf").read_bytes() == b"%PDF one"
    assert [line["file"] for line in manifest(tmp_path / "print")] == ["N-1.pdf", "N-2.pdf"]
    assert manifest(tmp_path / "print")[0]["id"] == "<1@x.example>"


def test_a_letter_never_replaces_another_one(tmp_path: Path) -> None:
    channel = LetterChannel(LetterSettings(folder=tmp_path))
    channel.send(paper())
    assert channel.send(paper("<2@x.example>", b"%PDF two")).outcome == "failed"
    assert channel.send(paper(content=b"%PDF two", name="N-3.pdf")).outcome == "failed"
    assert (tmp_path / "N-1.pdf").read_bytes() == b"%PDF one"
    assert len(manifest(tmp_path)) == 1


def test_a_crash_between_the_file_and_its_line_is_made_good(tmp_path: Path) -> None:
    (tmp_path / "N-1.pdf").write_bytes(b"%PDF one")
    (tmp_path / "manifest.jsonl").write_bytes(b'{"id": "<0@x.example>", "fi')
    channel = LetterChannel(LetterSettings(folder=tmp_path))
    assert channel.send(paper()).outcome == "in_doubt"
    assert [line["id"] for line in manifest(tmp_path)] == ["<1@x.example>"]


@pytest.mark.parametrize("name", ["../N-1.pdf", "/tmp/N-1.pdf", ".hidden.pdf", "manifest.jsonl", "a\n.pdf", ""])
def test_a_letter_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    channel = LetterChannel(LetterSettings(folder=tmp_path / "print"))
    assert channel.send(paper(name=name)).outcome == "failed"
    assert not (tmp_path / "N-1.pdf").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    channel = LetterChannel(LetterSettings(folder=tmp_path / "file"))
    assert channel.send(paper()).outcome == "retry"
    (finding,) = channel.check()
    assert (finding.ok, finding.advice) == (False, "make the folder writable for the user that runs Duehook.")
    (fine,) = LetterChannel(LetterSettings(folder=tmp_path / "print")).check()
    assert fine.ok
