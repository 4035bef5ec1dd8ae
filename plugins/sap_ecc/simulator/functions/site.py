"""The site's own function modules: SAP has none for a credit block, a dunning block or a note.

What they write stands after BAPI_TRANSACTION_COMMIT in the same session. They refuse in RETURN: a customer that
there is not, a block that is none, and to touch the credit block of somebody else (a letter other than X). The
hold is looked at once more when it is committed: a user who was quicker wins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from duehook.plugins.sap_ecc.simulator.codes import DUNNING_BLOCKS, OURS
from duehook.plugins.sap_ecc.simulator.tables.masters import BLOCK, HOLD

from .module import RETURN, Call, Fields, Module, Values, done, fields, told

_ABOUT: Final = "KUNNR:C10 BUKRS:C4 TEXT:C0 MARK:C60"


def _about(act: Callable[[Call, str], Values]) -> Callable[[Call], Values]:
    """Return a module's act that is about a customer in a company, which must be there and free."""

    def acted(call: Call) -> Values:
        number, company = call.text("KUNNR"), call.text("BUKRS")
        customer = call.system.customer_in(number, company)
        if customer is None:
            return told("E", "F2", "153", f"Customer {number} is not in company code {company}")
        if customer in call.system.locked:
            return told("E", "F2", "042", f"Account {number} is currently blocked by user DIALOG")
        return act(call, customer)

    return acted


def _hold(call: Call, customer: str) -> Values:
    company, wanted = call.text("BUKRS"), call.text("CRBLB")
    if wanted not in ("", OURS):
        return told("E", "00", "058", f"Entry {wanted} does not exist for CRBLB (check entry)")
    standing = call.system.hold(customer, company)
    if standing not in (None, OURS):
        return told("E", "ZD", "010", f"Customer {customer} is blocked by another user: {standing}")

    def write() -> None:
        if call.system.hold(customer, company) in (None, OURS):
            call.system.write(HOLD, customer, company, wanted)

    call.session.waiting.append(write)
    return done("credit block set" if wanted else "credit block lifted")


def _block(call: Call, customer: str) -> Values:
    company, wanted = call.text("BUKRS"), call.text("MANSP")
    if wanted not in DUNNING_BLOCKS:
        return told("E", "00", "058", f"Entry {wanted} does not exist in T040S (check entry)")
    call.session.waiting.append(lambda: call.system.write(BLOCK, customer, company, wanted))
    return done("dunning block set" if wanted else "dunning block lifted")


def _note(call: Call, customer: str) -> Values:
    text = call.values.get("TEXT") or ""
    if not text:
        return told("E", "ZD", "020", "A note needs a text")
    mark = call.text("MARK")
    call.session.waiting.append(lambda: call.system.add_note(customer, mark, str(text)))
    return done("note written")


def _notes(call: Call) -> Values:
    found = call.system.notes(call.text("KUNNR").lstrip("0"))
    return {"NOTES": [{"MARK": mark, "TEXT": text} for mark, text in found]}


def _module(name: str, field: str, act: Callable[[Call, str], Values]) -> Module:
    imports: Fields = fields(f"{_ABOUT} {field}")
    return Module(name, imports, {"RETURN": RETURN}, {}, _about(act))


SITE: Final = (
    _module("Z_DUEHOOK_HOLD", "CRBLB:C1", _hold),
    _module("Z_DUEHOOK_BLOCK", "MANSP:C1", _block),
    _module("Z_DUEHOOK_NOTE", "", _note),
    Module("Z_DUEHOOK_NOTES", fields("KUNNR:C10"), {}, {"NOTES": fields("MARK:C60 TEXT:C0")}, _notes),
)
