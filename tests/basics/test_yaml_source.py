"""YAML is read so that each fault has its place."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from duehook.core.errors import ConfigError
from duehook.core.yaml_source import BadFile, check, read_file, read_text


class Server(BaseModel):
    model_config = ConfigDict(extra="forbid")
    port: int
    name: str = "x"


class Site(BaseModel):
    model_config = ConfigDict(extra="forbid")
    mail: Server
    others: tuple[Server, ...] = ()
    by_name: dict[str, Server] = {}
    spare: Server | None = None


def test_every_fault_is_told_at_once_with_place_and_hint() -> None:
    document = read_text(
        "mail: {port: x, nam: 1}\nmial: 3\nothers:\n  - name: first\nby_name:\n  a: {prt: 3}\n  a: {port: 3}\n"
        "? [x, y]\n: 1\nspare: {port: 1, nmae: b}\n",
        "site.yaml",
    )
    assert check(document, Site) is None
    with pytest.raises(BadFile) as caught:
        document.raise_problems()
    assert str(caught.value).splitlines() == [
        "site.yaml:1:14: `mail.port`: input should be a valid integer, unable to parse string as an integer",
        "site.yaml:1:17: unknown key 'nam' (did you mean name?)",
        "site.yaml:2:1: unknown key 'mial' (did you mean mail?)",
        "site.yaml:4:5: `others.0.port` is missing (write port: …)",
        "site.yaml:6:3: `by_name.a.port` is missing (write port: …)",
        "site.yaml:6:7: unknown key 'prt' (did you mean port?)",
        "site.yaml:7:3: the key 'a' stands here twice",
        "site.yaml:8:3: a key must be plain text",
        "site.yaml:10:18: unknown key 'nmae' (did you mean name?)",
    ]
    assert caught.value.where == "site.yaml:1:14"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("00001", "00001"),
        ("42", 42),
        ("-7", -7),
        ("12.50", Decimal("12.50")),
        ("1e5", "1e5"),
        ("no", "no"),
        ("true", True),
        ("~", None),
        ("2026-01-31", "2026-01-31"),
        ("05:30", "05:30"),
        ('"42"', "42"),
        ("1 %", "1 %"),
    ],
)
def test_scalars_keep_what_was_meant(text: str, value: object) -> None:
    assert read_text(f"a: {text}", "x").data == {"a": value}
    assert type(read_text(f"a: {text}", "x").data["a"]) is type(value)


def test_decimals_keep_their_digits() -> None:
    assert str(read_text("a: 12.50", "x").data["a"]) == "12.50"


@pytest.mark.parametrize(
    ("text", "where"),
    [("a: [1", "y:1:6"), ("a: b: c", "y:1:5"), ("a: 1\n\tb: 2", "y:2:1"), ("a: &a [*a]", "y:1:4")],
)
def test_what_is_no_yaml_says_where(text: str, where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_text(text, "y")
    assert caught.value.where == where


def test_aliases_that_multiply_are_refused() -> None:
    text = "a: &a [x,x,x,x,x,x,x,x,x]\n"
    for last, name in zip("abcdefgh", "bcdefghi", strict=True):
        text += f"{name}: &{name} [{','.join([f'*{last}'] * 9)}]\n"
    with pytest.raises(ConfigError, match="aliases"):
        read_text(text, "bomb.yaml")


def test_an_empty_file_is_checked_as_one_without_keys() -> None:
    document = read_text("", "empty.yaml")
    assert check(document, Site) is None
    assert [str(each) for each in document.problems] == ["empty.yaml:1:1: `mail` is missing (write mail: …)"]


def test_a_missing_file_names_the_fix(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Fix: run this"):
        read_file(tmp_path / "none.yaml", missing="run this.")


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes(b"a: \xfc\n")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_file(file)


def test_a_sign_that_yaml_does_not_allow_is_told() -> None:
    with pytest.raises(ConfigError, match="this is no YAML: .*#x0007"):
        read_text("a: rings \a twice\n", "y")


def test_a_folder_in_a_files_place_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"duehook\.yaml cannot be read: Is a directory\."):
        (tmp_path / "duehook.yaml").mkdir()
        read_file(tmp_path / "duehook.yaml")
