"""What the machine must have: Python, packages, ODBC, disk, fonts, and files that only we may read."""

from __future__ import annotations

import configparser
import ctypes.util
import importlib.metadata
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

import typst
from pydantic import BaseModel, SecretStr

from duehook.core.errors import DuehookError
from duehook.core.hookspecs import Source, Target
from duehook.core.plugins import Plugins, guarded
from duehook.core.redaction import mask_secrets
from duehook.core.runs.packs import own_fonts
from duehook.core.runs.site import Site
from duehook.core.settings import Settings
from duehook.core.yaml_source import read_file

from .probe import Probed
from .sign import Sign, error, note, ok, warning

DISTRIBUTION: Final = "duehook"
OLDEST: Final = (3, 11)
TESTED: Final = ((3, 11), (3, 12), (3, 13))
FULL: Final = 200 * 2**20
NEARLY_FULL: Final = 2**30
FONTS: Final = ("Libertinus Serif", "DejaVu Sans Mono")
_REQUIRED: Final = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*([^;]*)(;.*)?\Z")
_BOUND: Final = re.compile(r"(>=|<)\s*([\d.]+)")
_DRIVER: Final = re.compile(r"driver\s*=\s*(?:\{([^}]+)\}|([^;]+))", re.IGNORECASE)
_INI: Final = "odbcinst.ini"


def python() -> Iterator[Sign]:
    """Yield whether this Python and the installed packages are ones Duehook is made for."""
    here = sys.version_info[:2]
    text = f"Python {sys.version.split()[0]}"
    if here < OLDEST:
        yield error("python", f"{text} is too old", "install Python 3.11 or later and set Duehook up again")
    elif here not in TESTED:
        yield note("python", f"{text} is newer than what Duehook is tested with (3.11 to 3.13)")
    else:
        yield ok("python", text)
    try:
        required = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        yield warning("packages", "Duehook is not installed as a package; its plugins are not found", "pip install .")
        return
    bad = [fault for each in required if (fault := _package_fault(each))]
    if bad:
        yield error("packages", "; ".join(bad), f"pip install --upgrade {DISTRIBUTION}")
    else:
        own = importlib.metadata.version(DISTRIBUTION)
        yield ok("packages", f"duehook {own} and the {len(required)} packages it needs or can use")


def _package_fault(requirement: str) -> str | None:
    """Say what is wrong with a required package; optional ones and markers are left to pip."""
    found = _REQUIRED.match(requirement.strip())
    if found is None or found[3]:
        return None
    name, bounds = found[1], found[2]
    try:
        have = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return f"{name} is missing"
    for sign, bound in _BOUND.findall(bounds):
        if (_parts(have) >= _parts(bound)) != (sign == ">="):
            return f"{name} is {have}, {bounds.strip()} is needed"
    return None


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def plugins(loaded: Plugins, *, without: Collection[str] = ()) -> Iterator[Sign]:
    """Yield the plugins that are not in use though they are there, and keep all letters back unless named."""
    for each in loaded.not_loaded():
        text = f"{each.name} {each.standing}: {each.reason}"
        if each.name in without:
            yield note("plugins", f"{text}; nothing is kept back for it", "correct it, or uninstall it")
        else:
            fix = "correct it, uninstall it, or name it in `without_plugins`"
            yield error("plugins", f"{text}; every letter is kept back, for it may hold some", fix)
    fine = [each.name for each in loaded.report if each.state == "ok"]
    yield ok("plugins", f"loaded: {', '.join(fine) or 'none'}")


def behaviour(asked: Iterable[Probed]) -> Iterator[Sign]:
    """Yield what plugins did when they were asked in a process of their own; `plugins` tells those left out."""
    for each in asked:
        if each.fault:
            yield error(
                "plugins.process", f"{each.name} ({each.origin}): {each.fault}", "ask its author, or uninstall it"
            )
        if each.printed:
            text = f"{each.name} prints while it is loaded: {each.printed}"
            yield warning("plugins.process", text, "ask its author: what a plugin has to say goes to the log")


def connections(site: Site) -> Iterator[Sign]:
    """Yield whether the plugin of each connection gives what it shall; its ERP is not asked."""
    fine = []
    for name in site.settings.connections:
        try:
            target = site.target(name)
            given: list[Source | Target] = [*site.sources(name).values(), *([target] if target else [])]
            for each in given:
                with guarded(f"plugin {site.plugins.claimant(site.settings.connection(name).type)} failed in close"):
                    each.close()
        except DuehookError as fault:
            yield error("connections", f"{name}: {mask_secrets(fault.message)}", fault.fix or f"duehook check {name}")
        else:
            fine.append(name)
    if fine:
        yield ok("connections", f"the plugins of {', '.join(fine)} give what they read and write with")


def odbc(settings: Settings) -> Iterator[Sign]:
    """Yield whether unixODBC and the driver of each connection that names one are there."""
    named = {name: found for name, each in settings.connections.items() if (found := _driver_of(each.settings))}
    if not named:
        return
    if ctypes.util.find_library("odbc") is None:
        yield error("odbc", "unixODBC is not installed", "apt-get install unixodbc")
    elif importlib.util.find_spec("pyodbc") is None:
        yield error("odbc", "the Python package pyodbc is not installed", 'pip install "duehook[odbc]"')
    else:
        yield ok("odbc", "unixODBC and pyodbc are there")
    known = _registered()
    for name, driver in named.items():
        yield _driver_sign(name, driver, known)


def _driver_of(settings: Any) -> str | None:
    """Return the ODBC driver that a connection's settings name anywhere in their texts."""
    parts = vars(settings).values() if isinstance(settings, BaseModel) else ()
    for part in parts:
        text = part.get_secret_value() if isinstance(part, SecretStr) else part
        if isinstance(text, BaseModel):
            found = _driver_of(text)
            if found:
                return found
        elif isinstance(text, str) and (match := _DRIVER.search(text)):
            return (match[1] or match[2]).strip()
    return None


def _registered() -> dict[str, str]:
    """Return {driver's name in small letters: its library} as unixODBC knows them."""
    reader = configparser.ConfigParser(strict=False, interpolation=None)
    folder = Path(os.environ.get("ODBCSYSINI", "/etc"))
    reader.read([folder / os.environ.get("ODBCINSTINI", _INI), Path.home() / f".{_INI}"], encoding="utf-8")
    return {
        name.lower(): reader[name].get("driver64") or reader[name].get("driver") or "" for name in reader.sections()
    }


def _driver_sign(connection: str, driver: str, known: Mapping[str, str]) -> Sign:
    code = "odbc.driver"
    if "/" in driver:
        there = Path(driver).exists()
        text = f"{connection}: {driver} {'is there' if there else 'does not exist'}"
        return ok(code, text) if there else error(code, text, "correct the driver's path, or install the driver")
    if driver.lower() not in known:
        text = f"{connection}: there is no ODBC driver {driver!r}; unixODBC knows {', '.join(sorted(known)) or 'none'}"
        return error(code, text, "install the driver, or name one of those that `odbcinst -q -d` lists")
    library = known[driver.lower()]
    if "/" in library and not Path(library).exists():
        return error(code, f"{connection}: the library of {driver} is missing: {library}", "install the driver again")
    return ok(code, f"{connection}: the ODBC driver {driver} is registered")


def disk(settings: Settings, places: Mapping[str, Path]) -> Iterator[Sign]:
    """Yield how much room is left where the books and the archive are."""
    for name, path in places.items():
        there = _existing(path)
        free = shutil.disk_usage(there).free
        text = f"{name}: {free / 2**30:.1f} GiB free at {there}"
        if free < FULL:
            yield error("disk", text, "make room: nothing is sent when its archive copy cannot be written")
        elif free < NEARLY_FULL:
            yield warning("disk", text, "make room soon")
        else:
            yield ok("disk", text)
    folder = _existing(settings.path(settings.archive))
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(b"duehook")
        yield ok("archive", f"{folder} can be written")
    except OSError as reason:
        fix = f"give the user that runs Duehook the right to write {folder}"
        yield error("archive", f"{folder} cannot be written: {reason.strerror}", fix)


def _existing(path: Path) -> Path:
    """Return the path, or the nearest folder above it that is there."""
    return next(each for each in (path, *path.resolve().parents) if each.exists())


def secrets(config: Path) -> Iterator[Sign]:
    """Yield the files with secrets that others on this machine may read."""
    base = config.resolve().parent
    files = {base / ".env"} if (base / ".env").exists() else set()
    with suppress(DuehookError):  # the file's own faults are told by the check of the configuration
        files |= {base / name for name in _referenced(read_file(config, missing="").data)}
    open_to_others = [file for file in sorted(files) if file.exists() and file.stat().st_mode & 0o077]
    for file in open_to_others:
        yield warning("secrets", f"others may read {file} ({file.stat().st_mode & 0o777:o})", f"chmod 600 {file}")
    if not open_to_others and files:
        yield ok("secrets", f"nobody else may read {', '.join(file.name for file in sorted(files))}")


def _referenced(data: Any) -> Iterator[str]:
    """Yield the paths of `{file: path}` anywhere in the configuration."""
    if isinstance(data, Mapping):
        if set(data) == {"file"} and isinstance(data["file"], str):
            yield data["file"]
        for part in data.values():
            yield from _referenced(part)
    elif isinstance(data, list):
        for part in data:
            yield from _referenced(part)


def fonts(settings: Settings) -> Iterator[Sign]:
    """Yield whether the letter's fonts are among those Typst has."""
    own = own_fonts(settings)
    have = typst.Fonts(include_system_fonts=False, font_paths=[own] if own else []).families()
    missing = [name for name in FONTS if name not in have]
    if missing:
        yield error(
            "fonts", f"Typst lacks {', '.join(missing)}: letters would look wrong", "pip install --upgrade typst"
        )
    else:
        yield ok("fonts", f"Typst has {', '.join(FONTS)}")
