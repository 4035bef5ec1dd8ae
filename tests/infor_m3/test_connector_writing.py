"""Writing: each change is one GET sent once, guarded by the change number, found again by its mark, and read back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from duehook.core.hookspecs import Applied, Command, CommandKind
from duehook.core.testing.simulator import Reply, Request
from duehook.plugins.infor_m3.target import M3Target
from duehook.plugins.infor_m3.writing.texts import broken, joined

from .connector_ledger import StubLedger
from .connector_stub import Asked, Refused, Rows, Stub, settings_of, stubbed

INVOICE = "1001|1001|90001|2026"


class Customer:
    """One customer with its financial data and its text, as M3 keeps them."""

    def __init__(self, stub: Stub) -> None:
        self.stop, self.change, self.text = "0", 7, 0
        self.blocks: dict[str, list[str]] = {}
        stub.answers |= {
            "CRS610MI/GetFinancial": self.financial,
            "CRS610MI/ChgFinancial": self.changed,
            "CRS610MI/GetBasicData": self.basic,
            "CRS610MI/AddText": self.added,
            "CRS980MI/LstTxtBlocks": lambda asked: [{"TXVR": name, "LNCD": "GB"} for name in self.blocks],
            "CRS980MI/SltTxtBlock": self.lines,
            "CRS980MI/RtvNewTextID": lambda asked: [{"TXID": "555"}],
            "CRS980MI/SetTextID": self.set_text,
            "CRS980MI/AddTxtBlockHead": self.add_block,
            "CRS980MI/AddTxtBlockLine": self.add_line,
        }

    def financial(self, asked: Asked) -> Rows:
        self.known(asked)
        return [{"CUNO": "1001", "BLCD": self.stop, "CHNO": str(self.change)}]

    def known(self, asked: Asked) -> None:
        if asked["CUNO"] != "1001":
            raise Refused("WCU0103", f"Customer number {asked['CUNO']} does not exist", "CUNO")

    def changed(self, asked: Asked) -> Rows:
        if asked["CHNO"] != str(self.change):
            raise Refused("XRE0103", "The record has been changed by user ANNA", "CHNO")
        self.stop, self.change = asked["BLCD"], self.change + 1
        return []

    def basic(self, asked: Asked) -> Rows:
        self.known(asked)
        return [{"CUNO": "1001", "TXID": str(self.text)}]

    def added(self, asked: Asked) -> Rows:
        self.text = self.text or 99
        text = asked["PARM"]
        assert len(text) <= 240
        self.blocks.setdefault("", []).extend(text[at : at + 60] for at in range(0, len(text), 60))
        return []

    def lines(self, asked: Asked) -> Rows:
        return [{"TX60": line, "LINO": str(at)} for at, line in enumerate(self.blocks[asked.get("TXVR", "")])]

    def set_text(self, asked: Asked) -> Rows:
        assert (asked["KV01"], asked["KV02"]) == ("100", "1001")
        self.text = int(asked["TXID"])
        return []

    def add_block(self, asked: Asked) -> Rows:
        self.blocks[asked["TXVR"]] = []
        return []

    def add_line(self, asked: Asked) -> Rows:
        self.blocks[asked["TXVR"]].append(asked["TX60"])
        return []


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stubbed() as served:
        yield served


@pytest.fixture
def customer(stub: Stub) -> Customer:
    return Customer(stub)


@pytest.fixture
def ledger(stub: Stub) -> StubLedger:
    made = StubLedger(stub)
    made.add("90001", "100.00")
    return made


def command(kind: CommandKind, item: str | None = None, whom: str = "1001", **body: Any) -> Command:
    return Command(kind, f"key-of-{kind}", "AAA", whom, item, body)


def target(stub: Stub, **more: Any) -> M3Target:
    return M3Target(settings_of(stub, **more))


SET = command("set_credit_hold", value="1", expect=None)
RELEASE = command("release_credit_hold", value="1", restore=None)


def test_a_stop_is_set_and_lifted_and_what_was_there_is_kept(stub: Stub, customer: Customer) -> None:
    writes = target(stub)
    assert writes.apply(SET) == Applied("done", "written and read back")
    assert (customer.stop, writes.current_hold("AAA", "1001")) == ("1", "1")
    assert writes.apply(SET).outcome == "already"
    assert writes.apply(RELEASE) == Applied("done", "written and read back", previous="1")
    assert (customer.stop, stub.count("CRS610MI/ChgFinancial")) == ("0", 2)


@pytest.mark.parametrize("wanted", [SET, RELEASE], ids=lambda each: each.kind)
def test_anothers_stop_stays(wanted: Command, stub: Stub, customer: Customer) -> None:
    customer.stop = "3"
    refused = target(stub).apply(wanted)
    assert (refused.outcome, refused.previous, customer.stop) == ("refused", "3", "3")
    assert stub.count("CRS610MI/ChgFinancial") == 0


def test_a_user_who_was_quicker_wins(stub: Stub, customer: Customer) -> None:
    def quicker(request: Request) -> Reply | None:
        if "ChgFinancial" in request.path and customer.stop == "0":
            customer.stop, customer.change = "3", 8
        return None

    stub.before = quicker
    refused = target(stub).apply(SET)
    assert (refused.outcome, refused.previous, customer.stop) == ("refused", "3", "3")


def test_a_stop_that_the_connection_may_not_set_is_refused(stub: Stub, customer: Customer) -> None:
    assert target(stub).apply(command("set_credit_hold", value="2")).outcome == "refused"
    assert "set_credit_hold" not in target(stub, stop_code=None).capabilities


@pytest.mark.parametrize("broken_off", [500, 503, 504])
def test_a_change_whose_answer_is_lost_is_sent_once_and_told_as_unknown(
    broken_off: int, stub: Stub, customer: Customer
) -> None:
    sent: list[str] = []

    def lose(request: Request) -> Reply | None:
        if "ChgFinancial" not in request.path:
            return None
        sent.append(request.path)
        return Reply(b"{}", broken_off)

    stub.before = lose
    assert target(stub).apply(SET).outcome == "unknown"
    assert len(sent) == 1


@pytest.mark.parametrize("mode", ["AddText", "CRS980MI"])
def test_a_note_is_written_once_and_found_by_its_mark(mode: str, stub: Stub, customer: Customer) -> None:
    writes, note = target(stub, note_mode=mode), command("add_note", text="O'Neil: pays 50 % & more\non Friday")
    assert writes.verify(note).outcome == "refused"
    assert [writes.apply(note).outcome for _ in range(3)] == ["done", "already", "already"]
    assert writes.verify(note).outcome == "done"
    told = " ".join(line for lines in customer.blocks.values() for line in lines).split()
    assert " ".join(told) == f"#DH-{note.mark} O'Neil: pays 50 % & more on Friday"


@pytest.mark.parametrize("mode", ["AddText", "CRS980MI"])
def test_a_long_note_comes_over_to_the_last_word(mode: str, stub: Stub, customer: Customer) -> None:
    words = " ".join(f"word{number}" for number in range(150)) + " " + "x" * 300
    note = command("add_note", text=words)
    assert target(stub, note_mode=mode).apply(note).outcome == "done"
    held = [line.strip() for lines in customer.blocks.values() for line in lines]
    assert max(map(len, held)) <= 60
    told = [word for line in held for word in line.split() if not word.startswith("#DH-")]
    assert "".join(told) == words.replace(" ", "")
    assert target(stub, note_mode=mode).apply(note).outcome == "already"


def test_a_long_note_that_broke_off_is_gone_on_with_where_it_ended(stub: Stub, customer: Customer) -> None:
    note = command("add_note", text=" ".join(f"word{number}" for number in range(100)))
    sent = 0

    def lose_the_second(request: Request) -> Reply | None:
        nonlocal sent
        sent += "AddText" in request.path
        return Reply(b"{}", 503) if "AddText" in request.path and sent == 2 else None

    stub.before = lose_the_second
    writes = target(stub)
    assert writes.apply(note).outcome == "unknown"
    assert writes.verify(note).outcome == "refused"
    assert writes.apply(note).outcome == "done"
    held = " ".join(line for line in customer.blocks[""])
    assert [held.count(f"word{number} ") for number in range(99)] == [1] * 99


def test_a_note_whose_second_part_is_refused_says_that_the_first_is_there(stub: Stub, customer: Customer) -> None:
    note = command("add_note", text=" ".join(f"word{number}" for number in range(100)))
    taken, sent = stub.answers["CRS610MI/AddText"], 0

    def refuse_the_second(asked: Asked) -> Rows:
        nonlocal sent
        sent += 1
        if sent == 2:
            raise Refused("XXX0001", "The text is full")
        return taken(asked)

    stub.answers["CRS610MI/AddText"] = refuse_the_second
    told = target(stub).apply(note)
    assert (told.outcome, "1 of" in told.message) == ("refused", True)


@pytest.mark.parametrize("kind", ["add_note", "set_credit_hold"])
def test_a_customer_that_there_is_not_is_refused(kind: CommandKind, stub: Stub, customer: Customer) -> None:
    told = target(stub).apply(command(kind, whom="9999", text="x", value="1"))
    assert (told.outcome, told.message) == ("refused", "M3 has no customer 9999")


def test_a_text_falls_into_the_lines_it_was_broken_into() -> None:
    lines = broken("a " * 40 + "b" * 70)
    assert [len(line) for line in lines] == [59, 19, 60, 10]
    whole = joined(lines)
    assert [whole[at : at + 60].rstrip() for at in range(0, len(whole), 60)] == lines


class Invoice:
    """The reminders, the extension and the information of the ledger's first record."""

    def __init__(self, stub: Stub, ledger: StubLedger) -> None:
        self.held = {"RMBL": "0", "BLBY": "", "RMQT": "0", "LRDT": "0"}
        self.extension: dict[str, str] = {}
        self.information: list[str] = []
        total = stub.answers["ARS200MI/GetInvTotInfo"]
        stub.answers |= {
            "ARS200MI/GetInvTotInfo": lambda asked: [total(asked)[0] | self.held],
            "ARS201MI/UpdPmtReminStop": self.update,
            "ARS201MI/UpdCustInv": self.update,
            "CUSEXTMI/GetFieldValue": self.get,
            "CUSEXTMI/GetFieldValueEx": self.get,
            "CUSEXTMI/AddFieldValue": self.extend,
            "CUSEXTMI/ChgFieldValue": self.extend,
            "CUSEXTMI/ChgFieldValueEx": self.extend,
            "ARS251MI/LstInfo": lambda asked: [{"SEXN": "900", "SEXI": each} for each in self.information],
            "ARS251MI/AddInfoCat": self.add_information,
        }

    def update(self, asked: Asked) -> Rows:
        assert [asked[name] for name in ("PYNO", "CINO", "INYR", "DIVI")] == ["1001", "90001", "2026", "AAA"]
        self.held |= {name: held for name, held in asked.items() if name in {"RMBL", "BLBY", "RMQT", "LRDT"}}
        return []

    def get(self, asked: Asked) -> Rows:
        if not self.extension:
            raise Refused("XCU0003", "Record does not exist")
        assert [asked[f"PK0{number}"] for number in range(1, 5)] == ["AAA", "2026", "7", "1"]
        return [dict(self.extension)]

    def extend(self, asked: Asked) -> Rows:
        assert (asked["FILE"], asked["VEXI"]) == ("FSLEDG", "1")
        self.extension |= {name: held for name, held in asked.items() if name in {"N096", "A030", "A121", "DAT1"}}
        return []

    def add_information(self, asked: Asked) -> Rows:
        assert (asked["SEXN"], len(asked["SEXI"]) <= 45) == ("900", True)
        self.information.append(asked["SEXI"])
        return []


@pytest.fixture
def invoice(stub: Stub, ledger: StubLedger) -> Invoice:
    return Invoice(stub, ledger)


BLOCK = command("set_dunning_block", value="A", until=None, reason="agreed")


@pytest.mark.parametrize("item", [None, INVOICE])
def test_reminders_are_stopped_in_duehooks_name_and_let_go_again(
    item: str | None, stub: Stub, invoice: Invoice
) -> None:
    writes, stop = target(stub), command("set_dunning_block", item, value="A", reason="agreed")
    assert [writes.apply(stop).outcome for _ in range(2)] == ["done", "already"]
    assert (invoice.held["RMBL"], invoice.held["BLBY"]) == ("1", "DUEHOOK")
    assert writes.apply(command("set_dunning_block", item, value=None)).outcome == "done"
    assert invoice.held["RMBL"] == "0"


def test_a_stop_of_reminders_that_a_user_set_stays(stub: Stub, invoice: Invoice) -> None:
    invoice.held |= {"RMBL": "1", "BLBY": "ANNA"}
    refused = target(stub).apply(command("set_dunning_block", value=None))
    assert (refused.outcome, refused.previous, invoice.held["RMBL"]) == ("refused", "1", "1")


def test_the_count_of_reminders_is_set_to_a_value_and_not_counted_up(stub: Stub, invoice: Invoice) -> None:
    level = command("set_dunning_level", INVOICE, level=2, on="2026-03-02")
    assert [target(stub).apply(level).outcome for _ in range(2)] == ["done", "already"]
    assert (invoice.held["RMQT"], invoice.held["LRDT"]) == ("2", "20260302")


PROMISE = command("set_promise", INVOICE, amount="60.00", on="2026-03-09", text="by phone")
DISPUTE = command("set_dispute", INVOICE, amount="40.00", reason="price", text="wrong price")


def test_a_promise_is_a_row_beside_the_invoices_first_record(stub: Stub, invoice: Invoice) -> None:
    writes = target(stub, promise="cusextmi")
    assert [writes.apply(PROMISE).outcome for _ in range(2)] == ["done", "already"]
    assert invoice.extension == {
        "N096": "60.00", "A030": "PROMISED", "A121": f"#DH-{PROMISE.mark} by phone", "DAT1": "20260309",
    }  # fmt: skip
    assert writes.verify(PROMISE).outcome == "done"


def test_a_promise_whose_day_is_missing_is_not_there_yet(stub: Stub, invoice: Invoice) -> None:
    writes = target(stub, promise="cusextmi")
    stub.before = lambda request: Reply(b"{}", 503) if "ChgFieldValueEx" in request.path else None
    assert writes.apply(PROMISE).outcome == "unknown"
    assert writes.verify(PROMISE).outcome == "refused"
    stub.before = lambda request: None
    assert writes.apply(PROMISE).outcome == "done"


def test_what_a_user_wrote_beside_an_invoice_stays(stub: Stub, invoice: Invoice) -> None:
    invoice.extension = {"N096": "1.00", "A121": "by letter", "DAT1": "20260309"}
    refused = target(stub, promise="cusextmi").apply(PROMISE)
    assert (refused.outcome, refused.previous) == ("refused", "by letter")


def test_a_dispute_is_a_line_in_the_sites_category(stub: Stub, invoice: Invoice) -> None:
    writes = target(stub, dispute_category="900")
    assert [writes.apply(DISPUTE).outcome for _ in range(2)] == ["done", "already"]
    assert invoice.information == [f"#DH-{DISPUTE.mark} 40.00 price: wrong price"]


@pytest.mark.parametrize("wanted", [PROMISE, DISPUTE], ids=lambda each: each.kind)
def test_what_the_site_keeps_nowhere_is_unsupported(wanted: Command, stub: Stub, invoice: Invoice) -> None:
    told = target(stub).apply(wanted)
    assert (told.outcome, "unsupported" in told.message) == ("refused", True)


@pytest.mark.parametrize("item", [None, "1001|1001|99999|2026", "nonsense"])
def test_a_promise_needs_an_invoice_of_its_customer(item: str | None, stub: Stub, invoice: Invoice) -> None:
    wanted = Command("set_promise", "k", "AAA", "1001", item, PROMISE.body)
    assert target(stub, promise="cusextmi").apply(wanted).outcome == "refused"
