"""The audit chain: whoever edits, deletes, moves or cuts off sealed rows is seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Connection, text

from duehook.core.books import Books, migrate
from duehook.core.books.store import audit as store
from duehook.core.context import Actor, Context
from duehook.core.ops import audit

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ANN = Context(Actor("person", "ann", "cli"), lambda: NOW, "c-1")


def write(books: Books, count: int, act: str = "level.set") -> None:
    for number in range(count):
        with books.write() as tx:
            audit.record(tx, ANN, act=act, company="00001", subject=f"item {number}", before={"level": 0}, why="asked")


@pytest.fixture
def anchor(tmp_path: Path) -> Path:
    return tmp_path / "audit.anchor"


def test_a_row_says_who_did_what_when_and_why(books: Books) -> None:
    with books.write() as tx:
        audit.record(tx, ANN, act="hold.release", company="00001", subject="4242", before={"hold": "D"}, why="paid")
    with books.read() as tx:
        (row,) = store.entries(tx, subject="4242")
    assert (row.actor_kind, row.actor_id, row.actor_source, row.correlation_id) == ("person", "ann", "cli", "c-1")
    assert (row.at, row.act, row.before, row.after, row.why) == (NOW, "hold.release", {"hold": "D"}, None, "paid")


def test_contact_data_stays_out_of_the_audit(books: Books) -> None:
    with books.write() as tx:
        audit.record(
            tx, ANN, act="contact.set", subject="77", after={"email": "pat@example.com"}, why="pat@example.com"
        )
    with books.read() as tx:
        (row,) = store.entries(tx, subject="77")
    assert "example.com" not in f"{row.after}{row.why}"


def test_an_act_that_is_rolled_back_leaves_no_row(books: Books) -> None:
    with pytest.raises(RuntimeError), books.write() as tx:
        audit.record(tx, ANN, act="level.set", subject="1")
        raise RuntimeError
    with books.read() as tx:
        assert store.count_unsealed(tx) == 0


def test_sealed_rows_hold_and_later_rows_join_the_chain(books: Books, anchor: Path) -> None:
    write(books, 3)
    assert audit.seal(books, anchor, NOW) == 3
    write(books, 2)
    assert audit.verify(books, anchor).unsealed == 2
    assert audit.seal(books, anchor, NOW) == 2
    verdict = audit.verify(books, anchor)
    assert (verdict.rows, verdict.seals, verdict.anchors, verdict.unsealed, verdict.faults) == (5, 2, 2, 0, ())


def test_sealing_nothing_makes_no_seal(books: Books, anchor: Path) -> None:
    assert audit.seal(books, anchor, NOW) == 0
    assert not anchor.exists()
    assert audit.verify(books, anchor).holds


def test_a_seal_takes_its_rows_in_batches(books: Books, anchor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "BATCH", 2)
    write(books, 5)
    assert audit.seal(books, anchor, NOW) == 5
    verdict = audit.verify(books, anchor)
    assert (verdict.seals, verdict.faults) == (3, ())


def swap(tx: Connection) -> None:
    """Let rows 2 and 3 change places, digests and all."""
    tx.execute(text("CREATE TEMPORARY TABLE kept AS SELECT id, place, digest FROM audit WHERE id IN (2, 3)"))
    tx.execute(text("UPDATE audit SET place = NULL WHERE id IN (2, 3)"))
    tx.execute(text("UPDATE audit SET place = 3, digest = (SELECT digest FROM kept WHERE id = 3) WHERE id = 2"))
    tx.execute(text("UPDATE audit SET place = 2, digest = (SELECT digest FROM kept WHERE id = 2) WHERE id = 3"))


def run(statement: str) -> Callable[[Connection], None]:
    def tamper(tx: Connection) -> None:
        tx.execute(text(statement))

    return tamper


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (run("UPDATE audit SET why = 'nobody asked' WHERE id = 2"), "audit row 2 (place 2) was edited or moved"),
        (run("UPDATE audit SET actor_id = 'bob' WHERE id = 4"), "audit row 4 (place 4) was edited or moved"),
        (run("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE id = 1"), "audit row 1 (place 1) was edited"),
        (run("DELETE FROM audit WHERE id = 3"), "place 3 is missing before audit row 4: deleted"),
        (run("DELETE FROM audit WHERE id IN (2, 3)"), "places 2 to 3 are missing before audit row 4: deleted"),
        (run("DELETE FROM audit WHERE id = 5"), "seal 2 does not close its rows, which end at place 5"),
        (run("UPDATE audit SET seal = NULL, place = NULL, digest = NULL WHERE id = 3"), "place 3 is missing"),
        (run("UPDATE audit SET place = NULL WHERE id = 3"), "audit row 3 was put under seal 1 without its place"),
        (run("DELETE FROM audit_seal WHERE id = 1"), "seal 1 is missing: deleted"),
        (run("UPDATE audit_seal SET digest = 'x' WHERE id = 1"), "seal 2 does not follow seal 1"),
        (swap, "audit row 3 (place 2) was edited or moved"),
    ],
)
def test_tampering_is_seen_and_the_row_named(
    books: Books, anchor: Path, tamper: Callable[[Connection], None], says: str
) -> None:
    write(books, 3)
    audit.seal(books, anchor, NOW)
    write(books, 2)
    audit.seal(books, anchor, NOW)
    with books.write() as tx:
        tamper(tx)
    faults = audit.verify(books, anchor).faults
    assert says in "\n".join(fault.message for fault in faults)


@pytest.mark.parametrize(
    ("first", "last", "gone", "gap"), [(4, 4, 1, " 4"), (4, 5, 2, " 4 to 5"), (6, 6, 1, "")], ids=str
)
def test_a_row_that_was_deleted_before_it_was_sealed_is_missed(
    books: Books, anchor: Path, first: int, last: int, gone: int, gap: str
) -> None:
    write(books, 3)
    audit.seal(books, anchor, NOW)
    write(books, 3)
    with books.write() as tx:
        tx.execute(text(f"DELETE FROM audit WHERE id BETWEEN {first} AND {last}"))
    told = f"{gone} audit rows are gone that no seal covers: deleted before they were sealed"
    for _ in range(2):
        (fault,) = audit.verify(books, anchor).faults
        assert fault.message == told + (f"; ids that are not there:{gap}" if gap else "")
        audit.seal(books, anchor, NOW)


def test_an_act_that_was_taken_out_stays_missed_after_later_acts(books: Books, anchor: Path) -> None:
    write(books, 2)
    with books.write() as tx:
        tx.execute(text("DELETE FROM audit WHERE id = 2"))
    write(books, 1)
    audit.seal(books, anchor, NOW)
    (fault,) = audit.verify(books, anchor).faults
    assert fault.message.startswith("1 audit rows are gone that no seal covers")


def test_a_row_that_was_put_in_by_hand_is_seen(books: Books, anchor: Path) -> None:
    write(books, 1)
    copied = "at, actor_kind, actor_id, actor_source, correlation_id, act, subject"
    with books.write() as tx:
        tx.execute(text(f"INSERT INTO audit (id, {copied}) SELECT 77, {copied} FROM audit"))
    (fault,) = audit.verify(books, anchor).faults
    assert fault.message.startswith("there are 1 audit rows more than were written")


def test_what_was_rolled_back_whole_or_in_part_is_not_missed(books: Books, anchor: Path) -> None:
    with pytest.raises(RuntimeError), books.write() as tx:
        audit.record(tx, ANN, act="level.set", subject="1")
        raise RuntimeError
    with books.write() as tx:
        audit.record(tx, ANN, act="level.set", subject="2")
        part = tx.begin_nested()
        audit.record(tx, ANN, act="level.set", subject="3")
        part.rollback()
    with books.write() as tx:
        audit.record(tx, ANN, act="level.set", subject="4")
        tx.rollback()
    write(books, 1)
    verdict = audit.verify(books, anchor)
    assert (verdict.unsealed, verdict.faults) == (2, ())


def test_acts_of_several_at_once_are_all_counted(books: Books, anchor: Path) -> None:
    threads = [Thread(target=write, args=(books, 5)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdict = audit.verify(books, anchor)
    assert (verdict.unsealed, verdict.faults) == (20, ())


def test_the_audit_of_older_books_is_counted_as_it_stands(database_url: str, anchor: Path) -> None:
    books = Books.open(database_url)
    books.migrate()
    write(books, 3)
    audit.seal(books, anchor, NOW)
    write(books, 2)
    migrate.downgrade(books.engine, "0005")
    books.migrate()
    assert audit.verify(books, anchor).faults == ()
    books.close()


def test_a_mail_address_that_stands_in_a_key_stays_out_of_the_audit(books: Books) -> None:
    with books.write() as tx:
        audit.record(tx, ANN, act="quarantine.discard", subject="sheets:contact:A:pat@example.com")
        audit.record(tx, ANN, act="level.set", subject="4111111111111111")
    with books.read() as tx:
        assert [row.subject for row in store.entries(tx)] == ["4111111111111111", "sheets:contact:A:[mail]"]


def test_a_cut_off_end_is_seen_by_the_anchor(books: Books, anchor: Path) -> None:
    write(books, 3)
    audit.seal(books, anchor, NOW)
    write(books, 2)
    audit.seal(books, anchor, NOW)
    with books.write() as tx:
        tx.execute(text("DELETE FROM audit WHERE seal = 2"))
        tx.execute(text("DELETE FROM audit_seal WHERE id = 2"))
    (fault,) = audit.verify(books, anchor).faults
    assert fault.message == "seal 2 was anchored at place 5 and is gone: rows cut off"


def test_a_chain_that_was_made_anew_is_seen_by_the_anchor(books: Books, anchor: Path) -> None:
    write(books, 3)
    audit.seal(books, anchor, NOW)
    with books.write() as tx:
        tx.execute(text("DELETE FROM audit_seal"))
        tx.execute(text("UPDATE audit SET seal = NULL, place = NULL, digest = NULL, why = 'nicer'"))
    audit.seal(books, anchor, NOW)
    (fault,) = audit.verify(books, anchor).faults
    assert fault.message == "seal 1 is not the one that was anchored: rows up to it were rewritten"


def test_a_missing_anchor_is_said(books: Books, anchor: Path) -> None:
    write(books, 1)
    audit.seal(books, anchor, NOW)
    anchor.unlink()
    (fault,) = audit.verify(books, anchor).faults
    assert "the anchor file is missing or empty" in fault.message


def test_a_seal_that_was_not_anchored_before_a_crash_is_anchored_next_time(books: Books, anchor: Path) -> None:
    write(books, 2)
    audit.seal(books, anchor, NOW)
    anchor.write_text(anchor.read_text()[:40])  # the machine died in the middle of the line
    audit.seal(books, anchor, NOW)
    assert audit.verify(books, anchor).holds
    anchor.write_text("no anchor at all\n" + anchor.read_text())
    assert [fault.message for fault in audit.verify(books, anchor).faults] == ["audit.anchor:1 is no anchor"]


def test_sealers_at_once_make_one_chain(books: Books, anchor: Path) -> None:
    write(books, 20)
    threads = [Thread(target=audit.seal, args=(books, anchor, NOW)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    audit.seal(books, anchor, NOW)
    verdict = audit.verify(books, anchor)
    assert (verdict.rows, verdict.unsealed, verdict.faults) == (20, 0, ())
