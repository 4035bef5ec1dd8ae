"""Promises: one row of M3's extension table (CUSEXTMI) a record of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from duehook.core.connecting.writing import Refusal, amount_of, day_of, marker, read_back
from duehook.core.hookspecs import Applied, Command
from duehook.core.wire import Stale
from duehook.plugins.infor_m3 import entities, values
from duehook.plugins.infor_m3.client.answers import Nok
from duehook.plugins.infor_m3.site import ERP, M3Site

from .invoices import Invoices, record_of

OURS: Final = "#DH-"
STATUS: Final = "PROMISED"
COMMENT: Final = 120


class PromiseWriter:
    """Writes amount and comment of a promise, then its day: with that it is whole."""

    def __init__(self, site: M3Site) -> None:
        """Take the site."""
        self._site, self._invoices = site, Invoices(site)

    def preview(self, command: Command) -> str:
        """Say what would be written."""
        place = self._place(command)
        fields = ", ".join(f"{name}={held}" for name, held in {**_values(command), **_more(command)}.items())
        return f"write into CUSEXTMI {'/'.join(place.values())}: {fields}"

    def apply(self, command: Command) -> Applied:
        """Write the row, unless it is there."""
        place = self._place(command)
        held = self._held(place)
        previous = values.text(held or {}, "A121")
        if held is not None and _is_there(command, held):
            return Applied("already", "it was there", previous=previous)
        if previous and OURS not in previous:
            raise Refusal(f"a user of M3 wrote there: {previous}", previous)
        self._write(command, place, held)
        return read_back(lambda: _is_there(command, self._held(place) or {}), ERP, previous=previous)

    def verify(self, command: Command) -> Applied:
        """Look for the row, with day, amount and mark."""
        there = _is_there(command, self._held(self._place(command)) or {})
        return Applied("done", "it is there") if there else Applied("refused", "it is not there")

    def _write(self, command: Command, place: dict[str, str], held: Mapping[str, str] | None) -> None:
        transaction = entities.CHANGE_EXTENSION if held is not None else entities.ADD_EXTENSION
        changes = [(transaction, {**place, **_values(command), "VEXI": "1"}),
                   (entities.CHANGE_MORE, {**place, **_more(command), "VEXI": "1"})]  # fmt: skip
        try:
            self._site.service.write_all(changes)
        except Nok as refused:
            if refused.is_there:
                raise Stale(refused.message) from None
            raise

    def _held(self, place: dict[str, str]) -> dict[str, str] | None:
        found = self._site.service.row(entities.EXTENSION, place)
        if found is None:
            return None
        return {**found, **(self._site.service.row(entities.EXTENSION_MORE, place) or {})}

    def _place(self, command: Command) -> dict[str, str]:
        record = record_of(self._invoices.one(command), command.company)
        keys = (record["DIVI"], record["YEA4"], record["JRNO"], record["JSNO"])
        named = {f"PK0{number}": key for number, key in enumerate(keys, 1)}
        return {"FILE": entities.LEDGER, **named}


def _values(command: Command) -> dict[str, str]:
    comment = f"{marker(command)} {' '.join(str(command.body.get('text') or '').split())}"[:COMMENT].rstrip()
    return {"N096": f"{amount_of(command.body):f}", "A030": STATUS, "A121": comment}


def _more(command: Command) -> dict[str, str]:
    return {"DAT1": values.written(day_of(command.body))}


def _is_there(command: Command, held: Mapping[str, str]) -> bool:
    is_ours = marker(command) in (held.get("A121") or "")
    if not is_ours:
        return False
    amount, on = values.sure(values.amount, held, "N096"), values.sure(values.day, held, "DAT1")
    return amount == amount_of(command.body) and on == day_of(command.body)
