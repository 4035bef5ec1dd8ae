"""What `duehook doctor` finds wrong with the machine: ODBC, packages, Python, files that others may read."""

from __future__ import annotations

import configparser
import ctypes.util
import importlib.metadata
import importlib.util
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from pydantic import BaseModel, SecretStr

from duehook.core.runs.health import machine

Patch = pytest.MonkeyPatch


class Wired(BaseModel):
    """Settings of a connection over ODBC."""

    connection_string: SecretStr


class Outer(BaseModel):
    """Settings that hold the wire's settings inside."""

    wire: Wired


class Mixed(BaseModel):
    """Settings in which the driver stands behind what names none."""

    rows: int
    host: str
    first: Wired
    second: Wired


class Used(NamedTuple):
    settings: BaseModel


class Connected(NamedTuple):
    connections: dict[str, Used]


def wired(text: str) -> Connected:
    return Connected({"jde": Used(Outer(wire=Wired(connection_string=SecretStr(text))))})


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("Driver={SQLite3};Database=x", "ok"),
        ("DRIVER=sqlite3;Database=x", "ok"),
        ("Driver={IBM i Access};System=x", "error"),
        ("Driver=/nowhere/lib.so;System=x", "error"),
        ("Driver={Broken};System=x", "error"),
    ],
)
def test_a_driver_that_a_connection_names_must_be_registered_and_there(
    tmp_path: Path, monkeypatch: Patch, text: str, severity: str
) -> None:
    registered = configparser.ConfigParser()
    registered["SQLite3"] = {"Driver": "libsqlite3odbc.so"}
    registered["Broken"] = {"Driver": "/nowhere/libbroken.so"}
    with (tmp_path / "odbcinst.ini").open("w") as file:
        registered.write(file)
    monkeypatch.setenv("ODBCSYSINI", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    found = list(machine.odbc(wired(text)))  # type: ignore[arg-type]
    assert {sign.code: sign.severity for sign in found}["odbc.driver"] == severity
    assert all("System" not in sign.text for sign in found)


def test_a_driver_is_found_behind_settings_that_name_none() -> None:
    none, driver = Wired(connection_string=SecretStr("DSN=x")), Wired(connection_string=SecretStr("Driver=/no/lib.so"))
    settings = Mixed(rows=500, host="as400", first=none, second=driver)
    found = list(machine.odbc(Connected({"jde": Used(settings)})))  # type: ignore[arg-type]
    assert found[-1].text == "jde: /no/lib.so does not exist"


@pytest.mark.parametrize(
    ("where", "what", "text", "fix"),
    [
        (ctypes.util, "find_library", "unixODBC is not installed", "apt-get install unixodbc"),
        (importlib.util, "find_spec", "the Python package pyodbc is not installed", 'pip install "duehook[odbc]"'),
    ],
)
def test_what_odbc_lacks_on_this_machine_is_named(
    monkeypatch: Patch, where: object, what: str, text: str, fix: str
) -> None:
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: "libodbc.so.2")
    monkeypatch.setattr(where, what, lambda name: None)
    signs = {sign.code: sign for sign in machine.odbc(wired("Driver={X}"))}  # type: ignore[arg-type]
    assert (signs["odbc"].severity, signs["odbc"].text, signs["odbc"].fix) == ("error", text, fix)


def test_a_site_without_odbc_is_not_asked_for_it() -> None:
    assert list(machine.odbc(Connected({}))) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(("mode", "severity"), [(0o600, "ok"), (0o640, "warning"), (0o604, "warning")])
def test_files_with_secrets_belong_to_us_alone(tmp_path: Path, mode: int, severity: str) -> None:
    (tmp_path / "key").write_text("x")
    (tmp_path / "key").chmod(mode)
    (tmp_path / "duehook.yaml").write_text("connections: {a: {type: b, password: {file: key}}}\n")
    (sign,) = machine.secrets(tmp_path / "duehook.yaml")
    assert (sign.severity, sign.fix) == (severity, None if severity == "ok" else f"chmod 600 {tmp_path / 'key'}")


def test_packages_that_are_missing_or_too_old_are_named(monkeypatch: Patch) -> None:
    required = ["pluggy>=99", "nowhere-to-be-found>=1", "rich>=14", 'pyodbc>=99; extra == "jde"', "typer<0.1,>=0.0.1"]
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: required)
    (sign,) = (each for each in machine.python() if each.code == "packages")
    assert sign.severity == "error"
    assert "pluggy is" in sign.text
    assert "nowhere-to-be-found is missing" in sign.text
    assert "typer is" in sign.text
    assert "rich" not in sign.text
    assert "pyodbc" not in sign.text


def test_a_duehook_that_is_not_installed_is_a_warning_with_the_command(monkeypatch: Patch) -> None:
    monkeypatch.setattr(machine, "DISTRIBUTION", "duehook-of-nowhere")
    (sign,) = (each for each in machine.python() if each.code == "packages")
    assert (sign.severity, sign.fix) == ("warning", "pip install .")


def test_a_python_outside_the_tested_ones_is_told(monkeypatch: Patch) -> None:
    for version, severity in (((3, 10), "error"), ((3, 11), "ok"), ((3, 14), "note")):
        monkeypatch.setattr(sys, "version_info", version)
        assert next(machine.python()).severity == severity
