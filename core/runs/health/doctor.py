"""Look at everything that can be wrong on this side, each with what to do; the ERPs are asked by `check`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from duehook.core.context import Context
from duehook.core.errors import DuehookError
from duehook.core.plugins import Plugins
from duehook.core.redaction import mask_secrets
from duehook.core.runs.site import Site, load_plugins
from duehook.core.settings import Settings, load

from . import letters, machine, records, work
from .probe import probed
from .sign import Sign, error, ok


def examine_alone(config: Path, context: Context) -> list[Sign]:
    """Return every sign, having asked each plugin in a process of its own before it is loaded in this one."""
    asked = probed(config)
    unfit = {(each.name, each.origin): each.unfit for each in asked if each.unfit}
    return [*machine.behaviour(asked), *doctor(config, load_plugins(config, unfit=unfit), context)]


def doctor(config: Path, plugins: Plugins, context: Context) -> list[Sign]:
    """Return every sign there is; what cannot be looked at is a sign itself, never an exception."""
    return list(_signs(config, plugins, context.now()))


def _signs(config: Path, plugins: Plugins, now: datetime) -> Iterator[Sign]:
    yield from machine.python()
    try:
        settings = load(config, plugins)
    except DuehookError as fault:
        yield from machine.plugins(plugins)
        yield _sign("config", fault, "duehook config check")
        return
    yield ok("config", f"{config} is well; mode {settings.mode}")
    yield from machine.plugins(plugins, without=settings.without_plugins)
    yield from machine.secrets(config)
    yield from machine.odbc(settings)
    yield from machine.fonts(settings)
    try:
        site = Site.open(config, plugins=plugins)
    except DuehookError as fault:
        yield from machine.disk(settings, {"archive": settings.path(settings.archive)})
        yield _sign("books", fault, "duehook migrate")
        return
    with site:
        yield from machine.disk(settings, _places(site, settings))
        yield from _of_books(site, now)


def _of_books(site: Site, now: datetime) -> Iterator[Sign]:
    looks: dict[str, Callable[[], Iterable[Sign]]] = {
        "connections": lambda: machine.connections(site),
        "books": lambda: records.books(site, now),
        "books.write": lambda: records.writable(site),
        "archive.files": lambda: records.archive(site),
        "audit": lambda: records.audit(site, now),
        "import": lambda: work.data(site, now),
        "outbox": lambda: work.outbox(site, now),
        "jobs": lambda: work.loop(site, now),
        "policy": lambda: work.policies(site),
        "fonts.names": lambda: letters.names(site),
        "live": lambda: work.live(site),
    }
    for code, look in looks.items():
        try:
            yield from look()
        except (DuehookError, SQLAlchemyError, OSError) as fault:
            yield _sign(code, fault, "duehook migrate; then look at the database's own log")


def _places(site: Site, settings: Settings) -> dict[str, Path]:
    file = records.sqlite_file(site.books)
    return ({"books": file.parent} if file else {}) | {"archive": settings.path(settings.archive)}


def _sign(code: str, fault: Exception, fix: str) -> Sign:
    text = fault.message if isinstance(fault, DuehookError) else " ".join(str(fault).split())[:300]
    return error(code, mask_secrets(text), (fault.fix if isinstance(fault, DuehookError) else None) or fix)
