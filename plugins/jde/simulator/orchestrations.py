"""The orchestrations that the simulated site has made for collections, as plugins/jde/README.md describes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from .codes import HOLD_CODES
from .notes import Notes
from .store import Store
from .user_fields import Item, NotTaken, UserFields, audit

ADD_ACTIVITY: Final = "CM_AddActivity"
ADD_NOTE: Final = "CM_AddNote"
FIND_NOTES: Final = "CM_FindNotes"
SET_PROMISE: Final = "CM_SetPromise"
SET_DISPUTE: Final = "CM_SetDispute"
NOTES_OF_ORCHESTRATIONS: Final = "CMNOTE"
NOTES_OF_ACTIVITIES: Final = "GT03B31"
Body = dict[str, Any]
_REMARK: Final = 30  # signs of ZGRMK


class Orchestrations:
    """Carries them out by their names; `clock` gives the book's present instant for stamps."""

    def __init__(self, store: Store, notes: Notes, clock: Callable[[], datetime], *, hold: str) -> None:
        """Take the store, where texts are kept, the clock, and how the one for holds is called."""
        self._store, self._notes, self._clock = store, notes, clock
        self.fields = UserFields(store, clock)
        self._by_name: dict[str, Callable[[Body, str], Body]] = {
            hold: self._set_hold,
            ADD_ACTIVITY: self._add_activity,
            ADD_NOTE: self._add_note,
            FIND_NOTES: self._find_notes,
            SET_PROMISE: self._set_promise,
            SET_DISPUTE: self._set_dispute,
        }

    def __contains__(self, name: str) -> bool:
        """Say whether there is one of this name."""
        return name in self._by_name

    def run(self, name: str, body: Body, user: str) -> Body:
        """Run one; NotTaken for inputs that are missing or are none."""
        try:
            return self._by_name[name](body, user)
        except (KeyError, ValueError) as wrong:
            raise NotTaken(f"Input {wrong} is missing or is no number or day") from wrong

    def _set_hold(self, body: Body, user: str) -> Body:
        """Set the hold code on the row that governs, when it still is what the caller expects."""
        number, company = int(body["AddressNumber"]), str(body["Company"])
        code = str(body["HoldCode"]).strip()
        with self._store.writing():
            row = governing_hold(self._store, company, number)
            if row is None:
                return _outcome("Error", "", "", f"Customer {number} has no master row")
            company, previous = row
            expected = body.get("ExpectedHoldCode")
            if expected is not None and str(expected).strip() != previous:
                return _outcome("Error", previous, previous, f"Hold code is {previous!r}, not {expected!r}")
            if code and code not in HOLD_CODES:
                return _outcome("Error", previous, previous, f"Hold code {code!r} is not in UDC 42/HC")
            self._store.change("F03012", {"HOLD": code, **audit(self._clock(), user)}, AN8=number, CO=company)
        return _outcome("Success", previous, code, f"Hold code set on company {company}")

    def _add_activity(self, body: Body, user: str) -> Body:
        """Add a row of the activity log, whose remark is the beginning of the text that hangs on it."""
        number, told = int(body["AddressNumber"]), str(body["NoteText"])
        with self._store.writing():
            if not self._has_customer(number):
                return _said("Error", f"Customer {number} has no master row")
            ((last,),) = self._store.query("SELECT COALESCE(MAX(ZGLNID), 0) FROM F03B31 WHERE ZGAN8 = ?", number)
            cells = {"AN8": number, "LNID": int(last) + 1000, "CO": str(body["Company"]), "RMK": told[:_REMARK]}
            self._store.add("F03B31", **cells, **audit(self._clock(), user))
            self._notes.add((NOTES_OF_ACTIVITIES, str(number)), {"inputText": told}, user)
        return _said("Success", "Activity added") | {"Reference": int(last) // 1000 + 1}

    def _add_note(self, body: Body, user: str) -> Body:
        number = int(body["AddressNumber"])
        if not self._has_customer(number):
            return _said("Error", f"Customer {number} has no master row")
        text = {"itemName": body.get("Subject"), "inputText": body["Text"]}
        added = self._notes.add((NOTES_OF_ORCHESTRATIONS, str(number)), text, user)
        return _said("Success", "Note added") | {"Reference": added["sequence"]}

    def _find_notes(self, body: Body, user: str) -> Body:
        found = self._notes.all_of((NOTES_OF_ORCHESTRATIONS, str(int(body["AddressNumber"]))))
        return {"Notes": [{"Sequence": note["sequence"], "Text": note["text"]} for note in found]}

    def _set_promise(self, body: Body, user: str) -> Body:
        item, promised = _item_of(body), date.fromisoformat(str(body["PromiseDate"]))
        return self._set(lambda: self.fields.promise(
            item, promised, str(body["Amount"]), mark=str(body["Mark"]), expected=body.get("Expected"), user=user,
        ))  # fmt: skip

    def _set_dispute(self, body: Body, user: str) -> Body:
        item, code = _item_of(body), str(body["DisputeCode"])
        return self._set(lambda: self.fields.dispute(item, code, expected=body.get("Expected"), user=user))

    @staticmethod
    def _set(act: Callable[[], None]) -> Body:
        try:
            act()
        except NotTaken as error:
            return _said("Error", str(error))
        return _said("Success", "Pay item changed")

    def _has_customer(self, number: int) -> bool:
        return bool(self._store.query("SELECT 1 FROM F03012 WHERE AIAN8 = ?", number))


def governing_hold(store: Store, company: str, number: int) -> tuple[str, str] | None:
    """Return the company of the F03012 row that governs and its hold code: the exact one, else 00000."""
    found = store.query(
        "SELECT AICO, AIHOLD FROM F03012 WHERE AIAN8 = ? AND AICO IN (?, '00000') ORDER BY AICO DESC",
        number,
        company,
    )
    return (str(found[0][0]).strip(), str(found[0][1]).strip()) if found else None


def _item_of(body: Body) -> Item:
    return (
        str(body["DocumentCompany"]), str(body["DocumentType"]), int(body["DocumentNumber"]), str(body["PayItem"]),
        int(body["AddressNumber"]),
    )  # fmt: skip


def _said(status: str, message: str) -> Body:
    return {"Status": status, "Message": message}


def _outcome(status: str, previous: str, now: str, message: str) -> dict[str, str]:
    return {"Status": status, "PreviousHoldCode": previous, "HoldCode": now, "Message": message}
