"""Requests to the record API: what is read, what a PATCH may write, and what NetSuite says when it refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote

from duehook.core.testing.simulator import Reply, Request, json_reply
from duehook.plugins.netsuite.simulator.problem import Refused, no_permission
from duehook.plugins.netsuite.simulator.tables.account import Account
from duehook.plugins.netsuite.simulator.tables.codes import RECORD_OF
from duehook.plugins.netsuite.simulator.tables.schema import CUSTOM_FIELDS, SUBSIDIARY
from duehook.plugins.netsuite.simulator.tables.values import moment

from .catalog import ROOT as CATALOG
from .catalog import catalog
from .fields import CUSTOM, CUSTOMER, HOLDS, TRANSACTION, Field
from .notes import FIELDS as NOTE_FIELDS
from .notes import Notes, unknown_field, user_error

ROOT: Final = "/services/rest/record/v1/"
_TYPES: Final = {record: kind for kind, record in RECORD_OF.items()}
Displayed = Callable[[str, Any, Any], str | None]


@dataclass
class Records:
    """Answers requests to records; `keep` writes down what must survive a restart, `written` counts the writes.

    `loaded` are the counts at the time at which the request that comes next was begun, where that is known: a record
    that somebody saved since has changed under it.
    """

    account: Account
    notes: Notes
    now: Callable[[], datetime]
    keep: Callable[[], None]
    displayed: Displayed
    kept: dict[str, dict[str, Any]]
    url: str = ""
    written: Counter[tuple[str, int]] = field(default_factory=Counter)
    loaded: Mapping[tuple[str, int], int] | None = None
    locked: set[tuple[str, int]] = field(default_factory=set)

    @property
    def fields(self) -> dict[str, Sequence[Field]]:
        """Return the account's records with their fields."""
        own = CUSTOM if CUSTOM_FIELDS[0].lstrip("@") in self.account.database.schema.kinds("transaction") else ()
        transactions: dict[str, Sequence[Field]] = dict.fromkeys(_TYPES, (*TRANSACTION, *own))
        found: dict[str, Sequence[Field]] = {
            "customer": CUSTOMER,
            **transactions,
            self.notes.record: NOTE_FIELDS[self.notes.record],
        }
        if self.account.database.schema.oneworld:
            return found
        return {name: [each for each in fields if each.name != SUBSIDIARY] for name, fields in found.items()}

    def answer(self, request: Request) -> Reply:
        """Answer a request; raises Refused."""
        if request.path.startswith(CATALOG):
            return catalog(request, self.fields, self.url)
        record, _, key = request.path.removeprefix(ROOT).partition("/")
        record, key = record.lower(), unquote(key)
        if record not in self.fields:
            raise Refused(404, f"Record type '{record}' does not exist.", "INVALID_RECORD_TYPE")
        if record == self.notes.record:
            return self._note(request, key)
        row = self.row(record, key)
        if (record, row["id"]) in self.locked:
            raise user_error("This record has been locked by a user defined workflow")
        if request.method == "GET":
            return json_reply(self._shown(record, row))
        if request.method != "PATCH":
            raise Refused(405, "Method not allowed.", "METHOD_NOT_ALLOWED")
        return self._patch(record, row, _body(request))

    def write(self, record: str, key: int, cells: Mapping[str, Any]) -> None:
        """Let a client, or a user of the account, write cells of a record."""
        self.written[record, key] += 1
        if record == "customer":
            self.account.masters.say(key, cells, self.now())
        else:
            stamp = {"lastmodifieddate": moment(self.now(), self.account.zone)}
            self.kept.setdefault(str(key), {}).update({**cells, **stamp})
            self.account.ledger.refresh(key)
        self.keep()

    def _note(self, request: Request, key: str) -> Reply:
        if request.method == "GET":
            note = self.notes.found(key)
            if note is None:
                raise nonexistent()
            return json_reply(self.notes.shown(note))
        by_external_id = request.method == "PUT" and key.startswith("eid:")
        if not by_external_id and not (request.method == "POST" and not key):
            raise Refused(405, "Method not allowed.", "METHOD_NOT_ALLOWED")
        note = self.notes.written(key, _body(request))
        self.keep()
        return Reply(b"", 204, headers=[("Location", f"{self.url}{ROOT}{self.notes.record}/{note['id']}")])

    def row(self, record: str, key: str) -> dict[str, Any]:
        """Return a record's cells; raises Refused for one that there is not."""
        table = "customer" if record == "customer" else "transaction"
        if record != "customer" and key.isdigit() and int(key) in self.account.ledger.hidden:
            raise no_permission("Transactions")
        row = self.account.database.row(table, int(key)) if key.isdigit() else None
        if row is None or (record != "customer" and row["type"] != _TYPES[record]):
            raise nonexistent()
        return row | (self._of_customer(row) if record == "customer" else self._of_transaction(row))

    def _of_customer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        statement = "SELECT subsidiary FROM customersubsidiaryrelationship WHERE entity = ? AND isprimarysub = 'T'"
        open_of = (
            "SELECT SUM(COALESCE(l.foreignamountunpaid, 0) - COALESCE(l.foreignpaymentamountunused, 0)) AS balance "
            "FROM `transaction` t JOIN transactionline l ON l.`transaction` = t.id AND l.id = 0 "
            "WHERE t.entity = ? AND t.posting = 'T'"
        )
        found = self.account.rows(statement, row["id"]) + self.account.rows(open_of, row["id"])
        return {name: held for each in found for name, held in each.items()}

    def _of_transaction(self, row: Mapping[str, Any]) -> dict[str, Any]:
        statement = (
            "SELECT subsidiary, COALESCE(foreignamountunpaid, foreignpaymentamountunused) AS amountremaining "
            "FROM transactionline WHERE `transaction` = ? AND id = 0"
        )
        return self.account.rows(statement, row["id"])[0]

    def _shown(self, record: str, row: Mapping[str, Any]) -> dict[str, Any]:
        def displayed(column: str, held: Any) -> str | None:
            return self.displayed("entity" if column == "parent" else column, held, row.get("type"))

        found = {each.name: each.shown(row, self.account.zone, displayed) for each in self.fields[record]}
        links = [{"rel": "self", "href": f"{self.url}{ROOT}{record}/{row['id']}"}]
        return {"links": links, **{name: value for name, value in found.items() if value is not None}}

    def _patch(self, record: str, row: Mapping[str, Any], body: Mapping[str, Any]) -> Reply:
        known = {each.name: each for each in self.fields[record]}
        cells: dict[str, Any] = {}
        for name, value in body.items():
            if name not in known:
                raise unknown_field(name)
            if known[name].writable:
                cells[known[name].held_in] = known[name].read(value)
        self.save(record, int(row["id"]), cells)
        return Reply(b"", 204)

    def save(self, record: str, key: int, cells: Mapping[str, Any]) -> None:
        """Write what a client says; raises Refused for what is no value, and where the record has changed meanwhile."""
        self._look(cells)
        place, loaded = (record, key), self.loaded
        self.loaded = None
        if loaded is not None and loaded.get(place, 0) != self.written[place]:
            raise Refused(400, "Error while accessing a resource. Record has been changed.", "RCRD_HAS_BEEN_CHANGED")
        self.write(record, key, cells)

    def _look(self, cells: Mapping[str, Any]) -> None:
        """Refuse what is no value of a list."""
        wrong = "creditholdoverride" in cells and cells["creditholdoverride"] not in HOLDS
        unknown = cells.get("terms") is not None and self.account.database.row("term", cells["terms"]) is None
        if wrong or unknown:
            name = "creditHoldOverride" if wrong else "terms"
            said = f"Invalid Field Value {cells[name.lower()]} for the following field: {name.lower()}"
            raise Refused(400, f"Error while accessing a resource. {said}", "INVALID_KEY_OR_REF", errorPath=name)


def nonexistent() -> Refused:
    """Refuse a record that there is not."""
    said = "The record instance does not exist. Provide a valid record instance ID."
    return Refused(404, said, "NONEXISTENT_ID")


def _body(request: Request) -> Mapping[str, Any]:
    if not isinstance(request.json, Mapping):
        raise Refused(400, "Invalid content in the request body.", "INVALID_CONTENT")
    return request.json
