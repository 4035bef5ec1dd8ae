"""Writes go by the site's own functions: RETURN is believed, what was written is committed and read back."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from duehook.core.hookspecs import Command, Target
from duehook.plugins.sap_ecc.settings import EccSettings

from .answering import ABAPApplicationError, CommunicationError, Ecc

NOTE = Command("add_note", "k1", "1000", "17", body={"text": "Called,\n will pay"})
HOLD = Command("set_credit_hold", "k2", "1000", "17", body={"value": "X", "expect": None})
RELEASE = Command("release_credit_hold", "k3", "1000", "17", body={"value": "X", "restore": None})
_HOLD = {"name": "Z_HOLD", "parameters": {"customer": "KUNNR", "company": "BUKRS", "value": "CRBLB"}}
FUNCTIONS = {
    "add_note": {"name": "Z_NOTE", "parameters": {"customer": "KUNNR", "text": "TEXT", "mark": "MARK"}},
    "read_notes": {"name": "Z_NOTES", "parameters": {"customer": "KUNNR"}},
    "set_credit_hold": _HOLD, "release_credit_hold": _HOLD,
}  # fmt: skip


class Site(Ecc):
    """A system with functions of its own, which write at the commit."""

    def __init__(self) -> None:
        super().__init__(
            KNB1=[{"KUNNR": "0000000017", "BUKRS": "1000"}],
            KNKK=[{"KUNNR": "0000000017", "KKBER": "1000", "KLIMK": "0.00", "CRBLB": ""}],
        )
        self.notes: list[dict[str, str]] = []
        self.waiting: list[Any] = []
        self.functions = {
            "Z_NOTE": self._note, "Z_HOLD": self._hold, "Z_NOTES": lambda given: {"NOTES": self.notes},
            "BAPI_TRANSACTION_COMMIT": self._commit, "BAPI_TRANSACTION_ROLLBACK": lambda given: {},
        }  # fmt: skip

    def _note(self, given: dict[str, Any]) -> dict[str, Any]:
        self.waiting.append(lambda: self.notes.append({"MARK": given["MARK"], "TEXT": given["TEXT"]}))
        return {"RETURN": {"TYPE": "S", "MESSAGE": "written"}}

    def _hold(self, given: dict[str, Any]) -> dict[str, Any]:
        self.waiting.append(lambda: self.tables["KNKK"][0].update(CRBLB=given["CRBLB"]))
        return {"RETURN": {"TYPE": "S"}}

    def _commit(self, given: dict[str, Any]) -> dict[str, Any]:
        for act in self.waiting:
            act()
        self.waiting.clear()
        return {"RETURN": {"TYPE": ""}}

    def target(self, **other: Any) -> Target:
        found = self.connector(functions=FUNCTIONS, **other).target
        assert found is not None
        return found

    def names(self) -> list[str]:
        return [name for name, _ in self.called if name != "RFC_READ_TABLE"]


def test_a_note_is_written_once_committed_and_read_back() -> None:
    site = Site()
    target = site.target()
    assert target.apply(NOTE).outcome == "done"
    assert site.notes == [{"MARK": f"#DH-{NOTE.mark}", "TEXT": "Called, will pay"}]
    assert site.names() == ["Z_NOTES", "Z_NOTE", "BAPI_TRANSACTION_COMMIT", "Z_NOTES"]
    assert target.apply(NOTE).outcome == "already"
    assert len(site.notes) == 1


def test_a_return_of_type_e_is_a_refusal_though_the_call_succeeded() -> None:
    site = Site()
    site.functions["Z_NOTE"] = lambda given: {
        "RETURN": [{"TYPE": "W", "MESSAGE": "mind"}, {"TYPE": "E", "ID": "ZD", "NUMBER": "007", "MESSAGE": "locked"}]
    }
    refused = site.target().apply(NOTE)
    assert (refused.outcome, refused.message) == ("refused", "Z_NOTE: ZD 007 locked")
    assert "BAPI_TRANSACTION_COMMIT" not in site.names()


def test_a_write_whose_answer_was_lost_is_unknown_and_does_not_wait_for_the_next_commit() -> None:
    site = Site()
    write = site.functions["Z_NOTE"]

    def lost(given: dict[str, Any]) -> dict[str, Any]:
        write(given)
        raise CommunicationError("connection closed")

    site.functions["Z_NOTE"] = lost
    target = site.target()
    assert target.apply(NOTE).outcome == "unknown"
    assert site.waiting == []
    assert target.verify(NOTE).outcome == "done"


def test_an_exception_of_the_function_is_quoted() -> None:
    site = Site()

    def raises(given: dict[str, Any]) -> dict[str, Any]:
        raise ABAPApplicationError("NO_SUCH_TEXT")

    site.functions["Z_NOTE"] = raises
    refused = site.target().apply(NOTE)
    assert refused.outcome == "refused"
    assert "NO_SUCH_TEXT" in refused.message


def test_a_hold_is_set_and_released_and_looked_at_in_knkk() -> None:
    site = Site()
    target = site.target()
    assert target.apply(HOLD).outcome == "done"
    assert target.current_hold("1000", "17") == "X"
    assert target.apply(RELEASE).outcome == "done"
    assert target.current_hold("1000", "17") is None


def test_anothers_hold_is_neither_written_over_nor_released() -> None:
    site = Site()
    site.tables["KNKK"][0]["CRBLB"] = "Y"
    target = site.target()
    assert target.apply(HOLD).outcome == "refused"
    assert target.apply(RELEASE).outcome == "refused"
    assert site.tables["KNKK"][0]["CRBLB"] == "Y"
    assert site.names() == []


def test_without_commit_the_function_is_left_to_commit_itself() -> None:
    site = Site()
    assert site.target(commit=False).apply(NOTE).outcome == "unknown"  # this one does not
    assert "BAPI_TRANSACTION_COMMIT" not in site.names()


def test_what_no_function_is_named_for_is_unsupported() -> None:
    target = Ecc().connector().target
    assert target is not None
    assert target.capabilities == frozenset()
    assert "unsupported" in target.apply(NOTE).message


@pytest.mark.parametrize(
    ("functions", "told"),
    [
        ({"add_note": {"name": "Z_NOTE"}}, "needs functions.read_notes"),
        ({"set_credit_hold": {"name": "Z_HOLD"}}, "go together"),
    ],
)
def test_a_function_that_lacks_its_other_half_is_refused(functions: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        EccSettings.model_validate(
            {"base_url": "http://e", "client": "100", "user": "u", "password": "p", "functions": functions}
        )
