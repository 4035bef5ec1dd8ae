"""How a connection of the simulated site says what its writes go through."""

from __future__ import annotations

from typing import Final

from . import forms
from .orchestrations import ADD_ACTIVITY, ADD_NOTE, FIND_NOTES, SET_DISPUTE, SET_PROMISE
from .user_fields import SETTINGS

_NOTES: Final[dict[str, dict[str, str]]] = {
    "text": {},
    "activity": {
        "notes.by": "activity", "notes.orchestration": ADD_ACTIVITY, "notes.inputs": "text=NoteText, mark=",
    },
    "orchestration": {
        "notes.by": "orchestration", "notes.orchestration": ADD_NOTE, "notes.find": FIND_NOTES,
    },
}  # fmt: skip
_FIELDS: Final[dict[str | None, dict[str, str]]] = {
    None: {},
    "orchestration": {**SETTINGS, "promise.orchestration": SET_PROMISE, "dispute.orchestration": SET_DISPUTE},
    "form": {
        **SETTINGS,
        **{f"promise.{name}": held for name, held in forms.PROMISE.items()},
        **{f"dispute.{name}": held for name, held in forms.DISPUTE.items()},
    },
}


def site_writes(notes: str, user_fields: str | None) -> dict[str, str]:
    """Return the settings; ValueError for a way that the simulated site does not have."""
    if notes not in _NOTES or user_fields not in _FIELDS:
        raise ValueError(f"notes are {', '.join(_NOTES)} and user_fields orchestration or form, "
                         f"not {notes!r} and {user_fields!r}")  # fmt: skip
    return {**_NOTES[notes], **_FIELDS[user_fields]}
