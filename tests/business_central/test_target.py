"""Writing: each change with the version that was looked at, and a user's own value stays."""

from __future__ import annotations

from typing import Any

import pytest

from duehook.core.hookspecs import Command, CommandKind

from .literal import API, CRONUS, PAGES, Connect, Row, Wire
from .rows import BOTH, ENTRIES, entry

WRITES = {**BOTH, "promise": "Promised_Pay_Date", "dispute": "Dispute_Status", "on_hold": "DUE",
          "comments": "CommentSheet"}  # fmt: skip
CUSTOMER = f"{API}/customers?number eq '10000'"
COMMENTS = f"{PAGES}/CommentSheet?No eq '10000'"


def command(kind: CommandKind, body: dict[str, Any], item: str | None = None) -> Command:
    return Command(kind, "key", CRONUS, "10000", item, body)


def held(blocked: str) -> list[Row]:
    return [{"@odata.etag": 'W/"1"', "id": "c-1", "number": "10000", "blocked": blocked}]


class TestHolds:
    def test_a_hold_goes_with_the_version_that_was_looked_at(self, wire: Wire, connect: Connect) -> None:
        wire.rows[CUSTOMER] = held("_x0020_")
        connect().target.apply(command("set_credit_hold", {"value": "Ship"}))
        assert wire.sent == [(f"PATCH {API}/customers(c-1)", {"blocked": "Ship"}, 'W/"1"')]

    def test_a_release_writes_the_blank_as_business_central_does(self, wire: Wire, connect: Connect) -> None:
        wire.rows[CUSTOMER] = held("Ship")
        connect().target.apply(command("release_credit_hold", {"value": "Ship", "restore": None}))
        assert wire.sent == [(f"PATCH {API}/customers(c-1)", {"blocked": "_x0020_"}, 'W/"1"')]

    def test_a_users_hold_stays(self, wire: Wire, connect: Connect) -> None:
        wire.rows[CUSTOMER] = held("All")
        made = connect().target
        done = made.apply(command("set_credit_hold", {"value": "Ship"}))
        assert (done.outcome, done.previous, wire.sent) == ("refused", "All", [])
        assert made.current_hold(CRONUS, "10000") == "All"

    @pytest.mark.parametrize("status", [409, 412])
    def test_a_customer_that_was_changed_meanwhile_is_looked_at_again(
        self, status: int, wire: Wire, connect: Connect
    ) -> None:
        wire.rows[CUSTOMER] = held("_x0020_")
        told = {"error": {"code": "Request_EntityChanged", "message": "Another user has already changed the record."}}
        wire.writes[f"PATCH {API}/customers(c-1)"] = (status, told)
        done = connect().target.apply(command("set_credit_hold", {"value": "Ship"}))
        assert (done.outcome, len(wire.sent)) == ("refused", 3)
        assert done.message == "customer 10000 was changed by others while it was written, 3 times"

    def test_a_released_hold_that_is_gone_is_there_already_in_either_writing(
        self, wire: Wire, connect: Connect
    ) -> None:
        for blank in ("_x0020_", " ", ""):
            wire.rows[CUSTOMER] = held(blank)
            done = connect().target.apply(command("release_credit_hold", {"value": "Ship", "restore": None}))
            assert (done.outcome, wire.sent) == ("already", [])


class TestEntries:
    def test_a_promise_is_a_day_on_the_items_entry(self, wire: Wire, connect: Connect) -> None:
        wire.rows[f"{ENTRIES}?Entry_No eq 7"] = [entry(7, 100, Promised_Pay_Date="0001-01-01")]
        connect(**WRITES).target.apply(command("set_promise", {"amount": "100", "on": "2026-03-09"}, "7"))
        assert wire.sent == [(f"PATCH {ENTRIES}(7)", {"Promised_Pay_Date": "2026-03-09"}, 'W/"e7"')]

    @pytest.mark.parametrize(("stands", "outcome"), [("2026-03-20", "refused"), ("2026-02-20", "unknown")])
    def test_another_promise_stays_until_its_day_is_over(
        self, stands: str, outcome: str, wire: Wire, *, connect: Connect
    ) -> None:
        wire.rows[f"{ENTRIES}?Entry_No eq 7"] = [entry(7, 100, Promised_Pay_Date=stands)]
        done = connect(**WRITES).target.apply(command("set_promise", {"amount": "100", "on": "2026-03-09"}, "7"))
        assert (done.outcome, done.previous) == (outcome, stands)

    def test_a_dispute_is_a_status_by_its_reason(self, wire: Wire, connect: Connect) -> None:
        wire.rows[f"{ENTRIES}?Entry_No eq 7"] = [entry(7, 100, Dispute_Status="")]
        body = {"amount": "40", "reason": "price", "text": "wrong"}
        connect(**WRITES).target.apply(command("set_dispute", body, "7"))
        connect(**WRITES, codes={"status_by_reason": {"price": "PR"}}).target.apply(command("set_dispute", body, "7"))
        assert [values for _, values, _ in wire.sent] == [{"Dispute_Status": "PRICE"}, {"Dispute_Status": "PR"}]

    def test_anothers_entry_is_refused(self, wire: Wire, connect: Connect) -> None:
        wire.rows[f"{ENTRIES}?Entry_No eq 7"] = [entry(7, 100, Customer_No="20000")]
        done = connect(**WRITES).target.apply(command("set_promise", {"amount": "1", "on": "2026-03-09"}, "7"))
        assert (done.outcome, done.message) == ("refused", "Business Central has no entry 7 of customer 10000")

    def test_a_block_is_set_on_all_open_entries_but_those_that_another_holds(
        self, wire: Wire, connect: Connect
    ) -> None:
        mine = f"{ENTRIES}?(Customer_No eq '10000' and Open eq true)"
        wire.rows[mine] = [entry(7, 100), entry(8, 50, On_Hold="XYZ"), entry(9, 50, On_Hold="DUE")]
        connect(**WRITES).target.apply(command("set_dunning_block", {"value": "A"}))
        connect(**WRITES).target.apply(command("set_dunning_block", {"value": None}))
        assert [(path, values["On_Hold"]) for path, values, _ in wire.sent] == [
            (f"PATCH {ENTRIES}(7)", "DUE"), (f"PATCH {ENTRIES}(9)", "")]  # fmt: skip


class TestNotes:
    def test_a_note_is_broken_into_lines_behind_those_that_are_there(self, wire: Wire, connect: Connect) -> None:
        wire.rows[CUSTOMER] = held("")
        wire.rows[COMMENTS] = [{"Table_Name": "Customer", "No": "10000", "Line_No": 10000, "Comment": "theirs"}]
        body = {"subject": "Call", "text": f"{'word ' * 18}end\nsecond"}
        done = connect(**WRITES).target.apply(command("add_note", body))
        sent = [(values["Line_No"], values["Comment"], values["Code"]) for _, values, _ in wire.sent]
        assert done.reference == "DH2C70E12B"
        assert sent == [
            (20000, f"Call: {'word ' * 14}word", "DH2C70E12B"), (30000, "word word word end", "DH2C70E12B"),
            (40000, "second", "DH2C70E12B"),
        ]  # fmt: skip
        assert {values["Table_Name"] for _, values, _ in wire.sent} == {"Customer"}

    def test_a_note_that_broke_off_is_completed_and_one_that_is_whole_is_there(
        self, wire: Wire, connect: Connect
    ) -> None:
        wire.rows[CUSTOMER] = held("")
        line = {
            "Table_Name": "Customer",
            "No": "10000",
            "Line_No": 10000,
            "Comment": "Call: first",
            "Code": "DH2C70E12B",
        }
        wire.rows[COMMENTS] = [line]
        wanted = command("add_note", {"subject": "Call", "text": "first\nsecond"})
        made = connect(**WRITES).target
        assert made.verify(wanted).outcome == "refused"
        made.apply(wanted)
        assert [values["Comment"] for _, values, _ in wire.sent] == ["second"]
        wire.rows[COMMENTS] = [line, {**line, "Line_No": 20000, "Comment": "second"}]
        assert made.apply(wanted).outcome == "already"


def test_what_no_page_takes_is_unsupported(wire: Wire, connect: Connect) -> None:
    made = connect().target
    assert set(made.capabilities) == {"set_credit_hold", "release_credit_hold"}
    done = made.apply(command("add_note", {"text": "x"}))
    assert done.message == "unsupported: this Business Central connection cannot add note."
