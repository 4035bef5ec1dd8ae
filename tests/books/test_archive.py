"""The archive keeps what went out, byte by byte, and says when it does not."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duehook.core.deliver.archive import Archive, ArchiveDamaged
from duehook.core.errors import NotFound

LETTER = b"Dear Sir or Madam"
DIGEST = sha256(LETTER).hexdigest()


def file_of(folder: Path) -> Path:
    return folder / DIGEST[:2] / DIGEST[2:4] / DIGEST


def test_bytes_come_back_by_their_hash(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    assert archive.put(LETTER) == DIGEST
    assert archive.get(DIGEST) == LETTER
    assert DIGEST in archive
    assert sha256(b"").hexdigest() not in archive
    assert 7 not in archive


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=2000))
def test_any_bytes_come_back(tmp_path: Path, content: bytes) -> None:
    archive = Archive(tmp_path)
    assert archive.get(archive.put(content)) == content


def test_putting_twice_writes_once(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.put(LETTER)
    before = file_of(tmp_path).stat()
    archive.put(LETTER)
    after = file_of(tmp_path).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file_of(tmp_path)]


def test_a_letter_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    Archive(tmp_path).put(LETTER)
    assert stat.S_IMODE(file_of(tmp_path).stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [LETTER[:5], b"", LETTER + b"!", LETTER.swapcase()])
def test_an_altered_file_is_named_and_healed_by_putting_it_again(tmp_path: Path, content: bytes) -> None:
    archive = Archive(tmp_path)
    archive.put(LETTER)
    file_of(tmp_path).write_bytes(content)
    with pytest.raises(ArchiveDamaged, match=rf"{file_of(tmp_path)} was altered or cut off.*Fix: restore"):
        archive.get(DIGEST)
    archive.put(LETTER)
    assert archive.get(DIGEST) == LETTER


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=rf"{file_of(tmp_path)} is missing. Fix: restore"):
        Archive(tmp_path).get(DIGEST)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", DIGEST.upper(), DIGEST[:-1], f"{DIGEST}\n"])
def test_only_a_hash_is_looked_up(tmp_path: Path, digest: str) -> None:
    with pytest.raises(NotFound, match="is no SHA-256"):
        Archive(tmp_path).get(digest)


def test_a_file_half_written_by_a_crash_is_neither_found_nor_in_the_way(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.put(LETTER)
    file_of(tmp_path).rename(file_of(tmp_path).with_name(".new-crashed"))
    assert DIGEST not in archive
    assert archive.put(LETTER) == DIGEST


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.put(LETTER)
    folder = file_of(tmp_path).parent
    file_of(tmp_path).unlink()
    file_of(tmp_path).mkdir()  # the rename onto it fails
    with pytest.raises(OSError):
        archive.put(LETTER)
    assert os.listdir(folder) == [DIGEST]


def test_many_at_once_keep_one_whole_file(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    content = b"x" * 1_000_000
    with ThreadPoolExecutor(8) as threads:
        digests = set(threads.map(lambda _: archive.put(content), range(16)))
    assert digests == {sha256(content).hexdigest()}
    assert archive.get(digests.pop()) == content
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
