"""The print folder's manifest grows for years: it is read once, then only what was added."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from duehook.core.deliver.letter_file import LetterChannel, LetterSettings
from duehook.core.hookspecs import Message


def paper(number: int, content: bytes = b"%PDF") -> Message:
    return Message(f"<{number}@x.example>", content, "ar@x.example", (), f"N-{number}.pdf")


def lines(count: int) -> str:
    told = ({"id": f"<old{n}@x.example>", "file": f"old{n}.pdf", "sha256": "0" * 64} for n in range(count))
    return "".join(f"{json.dumps(line)}\n" for line in told)


def test_each_line_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "manifest.jsonl").write_text(lines(100))
    channel, read, loads = LetterChannel(LetterSettings(folder=tmp_path)), [0], json.loads

    def counted(line: bytes) -> object:
        read[0] += 1
        return loads(line)

    monkeypatch.setattr("duehook.core.deliver.letter_file.json.loads", counted)
    for number in range(10):
        assert channel.send(paper(number)).outcome == "in_doubt"
    assert read[0] == 100 + 9  # its own lines, of the letters before


def test_what_another_process_added_meanwhile_is_seen(tmp_path: Path) -> None:
    one, other = (LetterChannel(LetterSettings(folder=tmp_path)) for _ in range(2))
    one.send(paper(1))
    other.send(paper(2))
    assert "was written before" in one.send(paper(2)).message
    assert one.send(paper(2, b"%PDF other")).outcome == "failed"


def test_a_manifest_that_was_emptied_or_replaced_is_read_anew(tmp_path: Path) -> None:
    channel, manifest = LetterChannel(LetterSettings(folder=tmp_path)), tmp_path / "manifest.jsonl"
    channel.send(paper(1))
    manifest.write_text("")
    assert "ready to print" in channel.send(paper(1)).message
    manifest.rename(tmp_path / "printed.jsonl")
    assert "ready to print" in channel.send(paper(1)).message
    assert len(manifest.read_text().splitlines()) == 1


def test_a_line_that_a_crash_cut_off_hides_none_behind_it(tmp_path: Path) -> None:
    channel, manifest = LetterChannel(LetterSettings(folder=tmp_path)), tmp_path / "manifest.jsonl"
    channel.send(paper(1))
    with manifest.open("a") as file:
        file.write('{"id": "<2@x.example>", "sha')
    channel.send(paper(3))
    assert "was written before" in channel.send(paper(3)).message
    assert "ready to print" in channel.send(paper(2)).message
    assert len(manifest.read_text().splitlines()) == 4
