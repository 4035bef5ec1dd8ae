"""Dispute cases: read beside the items, and opened for them.

SAP publishes no names of its dispute service, so each is a setting. A case stamps no item: all open cases are
read with every reading, and the items of those that were open at the last one are read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import Command
from duehook.core.wire.odata import Entity, Row, Where, all_of, equal, one_of
from duehook.core.wire.odata.where import in_parts
from duehook.plugins.sap import entities
from duehook.plugins.sap.client import SapService
from duehook.plugins.sap.site import SapSite
from duehook.plugins.sap_lines.cases import Cases
from duehook.plugins.sap_lines.lines import LineKey, read


class Disputes:
    """The dispute service of a site, under the names that the settings give."""

    def __init__(self, site: SapSite, service: SapService) -> None:
        """Take the site and the service."""
        self._site, self._service = site, service
        self._names = names = site.settings.dispute
        text = (names.key, names.company, names.year, names.document, names.line, names.reason, names.status)
        self._entity = Entity.of(
            names.entity, names.key, text=" ".join((*text, names.reference)), amount=names.amount
        )  # fmt: skip
        self._open = one_of(names.status, names.open_status)

    def all(self) -> Cases:
        """Return all open cases of the company codes that are read."""
        return self._cases(
            row
            for companies in self._site.in_reach()
            for row in self._rows(one_of(self._names.company, companies), self._open)
        )

    def about(self, keys: Sequence[LineKey]) -> Cases:
        """Return the open cases about these items."""
        numbers = sorted({key[2] for key in keys})
        return self._cases(
            row for part in in_parts(numbers) for row in self._rows(one_of(self._names.document, part), self._open)
        )

    def made_by(self, command: Command) -> Row | None:
        """Return the case that a command opened, open or closed since."""
        return next(iter(self._rows(Where.field(self._names.reference, "eq", reference(command)))), None)

    def open_about(self, key: LineKey) -> Row | None:
        """Return the open case about one item."""
        names = (self._names.company, self._names.year, self._names.document, self._names.line)
        return next(iter(self._rows(equal(names, key), self._open)), None)

    def has_item(self, command: Command) -> bool:
        """Say whether the command's item is there, and its customer's."""
        key = item_of(command)
        line = equal(entities.ITEM.key, key)
        found = self._site.items.rows(entities.ITEM, self._site.lines(line, companies=[key[0]]), top=1)
        return [row.get("Customer") for row in found] == [command.customer]

    def make(self, command: Command) -> None:
        """Open a case with the command's mark as its reference."""
        names, body = self._names, command.body
        key = item_of(command)
        codes = {word: code for code, word in self._site.settings.codes.dispute_by_reason.items()}
        reason = str(body.get("reason") or "")
        values: dict[str, Any] = dict(zip((names.company, names.year, names.document, names.line), key, strict=True))
        values |= {
            names.customer: command.customer,
            names.amount: Decimal(str(body["amount"])),
            names.reason: codes.get(reason, reason),
            names.title: str(body.get("text") or reason)[: names.title_length],
            names.reference: reference(command),
        }
        self._service.post(self._entity, values)

    def _rows(self, *where: Where) -> list[Row]:
        return self._site.all_rows(self._service, self._entity, all_of(*where))

    def _cases(self, rows: Iterable[Row]) -> Cases:
        names = self._names
        found: dict[LineKey, Row] = {}
        for row in rows:
            company, year, document, line = (
                str(row.get(name) or "") for name in (names.company, names.year, names.document, names.line)
            )
            found[company, year, document, line] = row
        return Cases(found, names.amount, names.reason, self._site.settings.codes.dispute_by_reason)


def reference(command: Command) -> str:
    """Return what a case bears so that it is found again."""
    return f"DH-{command.mark}"


def item_of(command: Command) -> LineKey:
    """Return the item that a command is about; ConnectorRefused where it names none."""
    key = read(command.item or "")
    if key is None or key[0] != command.company:
        told = f"{command.item!r} is no item of company code {command.company}; nothing was written."
        raise ConnectorRefused(told, fix="name an item of that company code.")
    return key
