"""Text media objects: the notes that AIS adds and reads, kept over a restart."""

from __future__ import annotations

from typing import Any

from .store import Store

NoteKey = tuple[str, str]


class Notes:
    """Notes by structure and key, in the sequence in which they were added."""

    def __init__(self, store: Store) -> None:
        """Keep them in that store."""
        self._store = store

    def add(self, key: NoteKey, body: dict[str, Any], user: str) -> dict[str, Any]:
        """Add a text behind those that are there."""
        structure, name = key
        with self._store.writing():
            last = self._store.query(
                "SELECT COALESCE(MAX(SEQ), 0) FROM SIM_NOTE WHERE STRUCTURE = ? AND MOKEY = ?", structure, name
            )
            sequence = int(last[0][0]) + 1
            self._store.query(
                "INSERT INTO SIM_NOTE VALUES (?, ?, ?, ?, ?, ?)",
                structure, name, sequence, str(body.get("itemName") or f"Text{sequence}"),
                str(body.get("inputText") or ""), user,
            )  # fmt: skip
        return {"addTextStatus": "Success", "sequence": sequence}

    def read(self, key: NoteKey, body: dict[str, Any]) -> dict[str, Any]:
        """Give the first text, the one asked for by `sequence`, or in multiple mode all of them."""
        found = self.all_of(key)
        wanted = body.get("sequence")
        if wanted is not None:
            found = [note for note in found if note["sequence"] == int(wanted)]
        elif body.get("multipleMode") is not True:
            found = found[:1]
        return {
            "text": found[0]["text"] if found else "",
            "isRTF": False,
            "textAttachments": [{**note, "isRTF": False} for note in found],
        }

    def all_of(self, key: NoteKey) -> list[dict[str, Any]]:
        """Return the notes of one object, oldest first."""
        rows = self._store.query(
            "SELECT SEQ, ITEM, BODY, USERID FROM SIM_NOTE WHERE STRUCTURE = ? AND MOKEY = ? ORDER BY SEQ", *key
        )
        return [
            {"sequence": int(sequence), "itemName": item, "text": text, "updateUserID": user}
            for sequence, item, text, user in rows
        ]

    def of_address(self, number: int | str) -> list[str]:
        """Return the texts on an address number, of whatever structure, oldest first."""
        rows = self._store.query("SELECT BODY FROM SIM_NOTE WHERE MOKEY = ? ORDER BY STRUCTURE, SEQ", str(number))
        return [str(text) for (text,) in rows]

    def count(self) -> int:
        """Return how many notes there are."""
        return int(self._store.query("SELECT COUNT(*) FROM SIM_NOTE")[0][0])
