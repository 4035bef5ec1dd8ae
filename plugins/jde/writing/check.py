"""What `check` tries of writing: the sign-in, a marked note on the test address, and the calls without effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol

from duehook.core.errors import ConnectorError, ConnectorRefused
from duehook.core.hookspecs import Finding
from duehook.plugins.jde import tables, user_fields
from duehook.plugins.jde.ais import AisClient
from duehook.plugins.jde.reading.reader import GLOBAL_COMPANY
from duehook.plugins.jde.site import JdeSite

from .notes import ACTIVITY_LOG, Note, NotePlace, log_of, place_of
from .settings import NoteSettings

_FIXES: Final = {
    "text": "correct `ais.note_structure`, `ais.note_form` and `ais.note_version` for this release.",
    "activity": "let the call put the mark into the column of F03B31 that `notes.column` names.",
    "orchestration": "let the orchestration `notes.find` give back the texts that `notes.orchestration` added.",
}


def target(site: JdeSite, ais: AisClient, holds: Holds) -> Iterator[Finding]:
    """Try AIS: the sign-in, a marked note on the test address, and the orchestration without effect."""
    try:
        ais.sign_in()
    except ConnectorError as error:
        yield Finding("AIS sign-in", False, error.message, error.fix)
        return
    yield Finding("AIS sign-in", True, "a token was given")
    settings = site.settings.ais
    address = settings.test_address if settings else None
    if settings is None or address is None:
        yield Finding("write rights", False, "not tried: `ais.test_address` names no address",
                      "make an address in JDE for tests and name it.", "warning")  # fmt: skip
        return
    yield from _log(site)
    place = place_of(ais, site.settings.notes, site)
    yield _tried("write notes", lambda: _note(place, site.settings.notes, str(address)))
    if settings.hold_orchestration is None:
        yield Finding("write holds", False, "`ais.hold_orchestration` is not set: holds become tasks",
                      "import the orchestration that plugins/jde/README.md describes.", "info")  # fmt: skip
    else:
        yield _tried("write holds", lambda: _hold(ais, settings.hold_orchestration or "", holds, str(address)))
    yield from _columns(site)


class Holds(Protocol):
    """Who can read a hold."""

    def current_hold(self, company: str, customer: str) -> str | None:
        """Return the hold code that governs."""


def _tried(subject: str, act: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, True, act())
    except ConnectorError as error:
        return Finding(subject, False, error.message, error.fix)


def _note(place: NotePlace, notes: NoteSettings, address: str) -> str:
    """Write a marked note and read it back; the same note serves every later check."""
    mark = f"[dh:check-{address}]"
    note = Note(GLOBAL_COMPANY, address, mark, f"{mark} Duehook checked that it can write notes here.")
    if not place.has(note):
        place.add(note)
        if not place.has(note):
            raise ConnectorRefused(
                "The note that was written cannot be read back, so notes would be written twice.", fix=_FIXES[notes.by]
            )
    return f"a marked note on {place.where} {address} was written and read back"


def _log(site: JdeSite) -> Iterator[Finding]:
    """Try to read the activity log where notes go there, and its column that shows the mark."""
    notes = site.settings.notes
    if notes.by != "activity":
        return
    try:
        names = site.reader.columns(log_of(notes))
    except ConnectorError as error:
        yield Finding(f"read {ACTIVITY_LOG}", False, error.message, error.fix)
        return
    lacks = sorted({notes.column, "ZGAN8"} - names)
    told = f"it has no {', '.join(lacks)}" if lacks else f"{notes.column} shows the marks of notes"
    yield Finding(
        f"read {ACTIVITY_LOG}", not lacks, told, "name the column that shows a note's first words in `notes.column`."
    )


def _columns(site: JdeSite) -> Iterator[Finding]:
    """Say for promises and disputes whether their columns are there; their calls cannot be tried without effect."""
    try:
        absent = {problem.where: problem for problem in site.without(tables.ITEM)}
    except ConnectorError as error:
        yield Finding("read F03B11", False, error.message, error.fix)
        return
    for outer, what in (("promise", "promises"), ("dispute", "disputes")):
        names = {name: column for name, column in user_fields.named(site.settings).items() if name.startswith(outer)}
        if not names:
            yield Finding(f"write {what}", False, f"`{outer}` is not set: {what} are refused as unsupported",
                          "name the columns and the call, as plugins/jde/README.md describes.", "info")  # fmt: skip
            continue
        for name in names.keys() & absent.keys():
            yield Finding(name, False, absent[name].message, absent[name].hint)
        if not names.keys() & absent.keys():
            told = f"{', '.join(names.values())} of F03B11 are there; the call itself is tried by the first {outer}"
            yield Finding(f"write {what}", True, told, severity="info")


def _hold(ais: AisClient, name: str, holds: Holds, address: str) -> str:
    """Set the hold code that is there already, which changes nothing."""
    code = holds.current_hold(GLOBAL_COMPANY, address) or ""
    body = {"AddressNumber": address, "Company": GLOBAL_COMPANY, "HoldCode": code, "ExpectedHoldCode": code}
    answer = ais.orchestrate(name, body)
    if "HoldCode" not in answer:
        raise ConnectorRefused(
            f"The orchestration {name} answers without HoldCode.", fix="build it as plugins/jde/README.md describes."
        )
    return f"the orchestration {name} answers; it stops what this site's order hold codes (42/HC) stop"
