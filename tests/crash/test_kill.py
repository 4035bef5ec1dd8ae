"""kill -9 at every write and send: no letter twice, none lost, no note or hold doubled.

The job imports three pages, duns, approves and delivers five notices, one of them with a credit
hold. It is killed at one point, started again until nothing is left to do, and compared with a clean run.
What stands in doubt is then settled by what really arrived, and after one more run all is equal.
"""

from __future__ import annotations

import itertools
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from duehook.core.books import Books
from duehook.core.books.store import facts
from duehook.core.books.store.delivery import outbox
from duehook.core.books.tables.dunning import debtor_dunning, hold, item_dunning, notice
from duehook.core.books.tables.ledger import contact, customer, item
from duehook.core.context import Actor, Context
from duehook.core.runs.deliver.run import GO_LIVE
from duehook.core.runs.deliver.settle import settle
from duehook.core.testing.postgres import Cluster
from tests.rigs.delivery_site import NOW, YAML, due, policy
from tests.rigs.mail_catcher import Catcher, catching
from tests.rigs.small_erp import PAGE, SmallErp

from .erp_server import Served, serving
from .job import open_site
from .nursery import Ended, Nursery, nursery

SAMPLE: Final = 30
SEED: Final = 20260302
ROUNDS: Final = 8
NUMBERS: Final = itertools.count(1)
DEBTORS: Final = ("A", "B", "C", "D", "E")


@dataclass
class Field:
    """The servers and the nursery, which outlive every kill."""

    nursery: Nursery
    served: Served
    catcher: Catcher
    fresh: Callable[[str], tuple[Path, str]]
    clean: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = field(default_factory=dict)

    def known(self, kind: str) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return what a clean run leaves in a database of this kind, and the points it passes."""
        if kind not in self.clean:
            self.clean[kind] = clean_run(Case(self, *self.fresh(kind)))
        return self.clean[kind]


@pytest.fixture(scope="module")
def field_(
    cluster: Cluster, migrated_template: str, migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Field]:
    def fresh(kind: str) -> tuple[Path, str]:
        folder = tmp_path_factory.mktemp(kind)
        if kind == "sqlite":
            shutil.copyfile(migrated_file, folder / "books.db")
            return folder, f"sqlite:///{folder}/books.db"
        return folder, cluster.create(f"kill_{next(NUMBERS)}", template=migrated_template)

    with nursery() as forks, serving() as served, catching() as catcher:
        yield Field(forks, served, catcher, fresh)


def erp() -> SmallErp:
    """Return the ERP of the book: five debtors, eleven items on three pages, all overdue at levels of their own."""
    made = SmallErp()
    for number, key in enumerate(DEBTORS):
        made.customer(key)
        made.invoice(f"{key}1", key, f"{100 + number}.00", due(10 + number))
        made.invoice(f"{key}2", key, "50.00", due(25 + number))
    made.invoice("A3", "A", "70.00", due(45), dunning_level=2)
    assert -(-len(made.items) // PAGE) == 3
    return made


class Case:
    """One book in one folder, killed and started again."""

    def __init__(self, around: Field, folder: Path, database: str) -> None:
        self.around, self.folder = around, folder
        self.round = 0
        around.served.erp = erp()
        around.catcher.mails.clear()
        text = YAML.format(mode="live", port=around.catcher.port, more="", catch_all="")
        (folder / "duehook.yaml").write_text(text.replace("    hold:", "    policy: test\n    hold:"))
        (folder / "database.url").write_text(database)
        (folder / "rules").mkdir()
        (folder / "rules" / "test.yaml").write_text(policy().canonical)
        self.books = Books.open(database)
        with self.books.write() as tx:
            facts.put(tx, GO_LIVE, {"first_run_notices": 100}, NOW)

    def run(self, kill_at: int | None = None) -> Ended:
        """Run the job in a process of its own, an hour after the last one."""
        at = NOW + timedelta(hours=self.round)
        self.round += 1
        self.around.served.erp.at = at
        return self.around.nursery.run(self.folder, self.around.served.port, at, kill_at=kill_at)

    def run_until_done(self) -> None:
        """Start it again until it ends by itself with nothing left to do."""
        for _ in range(ROUNDS):
            ended = self.run()
            assert (ended.killed, ended.code) == (False, 0)
            with self.books.read() as tx:
                if not outbox.listed(tx, states={"new", "sending"}):
                    return
        raise AssertionError("the outbox does not come to rest")

    def mails(self) -> Counter[str]:
        """Count the mails caught, by debtor."""
        return Counter(recipients[0][0].upper() for _, recipients, _ in self.around.catcher.mails)

    def in_doubt(self) -> list[Any]:
        with self.books.read() as tx:
            return list(outbox.listed(tx, states={"in_doubt"}))

    def settle_by_what_arrived(self) -> None:
        """Let a person settle each doubt by looking at the mailbox."""
        context = Context(Actor("person", "ann", "test"), lambda: NOW + timedelta(hours=self.round), "settle")
        with open_site(self.folder, self.around.served.port) as site:
            for entry in self.in_doubt():
                assert entry.kind == "notice"
                settle(site, context, entry.key, sent=self.mails()[entry.customer] == 1, why="looked")

    def state(self) -> dict[str, Any]:
        """Return what has to be equal after any kill."""
        tables: dict[str, Callable[[], Any]] = {
            "items": lambda: select(item.c.key, item.c.state, item.c.open_amount, item.c.debtor),
            "customers": lambda: select(customer.c.key, customer.c.name, customer.c.placeholder),
            "contacts": lambda: select(contact.c.key, contact.c.email),
            "levels": lambda: select(item_dunning.c.item, item_dunning.c.level, item_dunning.c.level_on),
            "clocks": lambda: select(debtor_dunning.c.debtor, debtor_dunning.c.last_sent_on),
            "holds": lambda: select(hold.c.customer, hold.c.state).where(hold.c.state == "set"),
            "sent": lambda: select(notice.c.debtor, notice.c.level, notice.c.demanded, notice.c.sent_on).where(
                notice.c.state == "sent"
            ),
        }
        with self.books.read() as tx:
            found = {name: sorted(map(tuple, tx.execute(statement()))) for name, statement in tables.items()}
        notes = sorted((key, customer) for key, customer, _ in self._notes())
        return {**found, "mails": dict(self.mails()), "notes": notes, "erp_holds": self.around.served.erp.hold_writes}

    def _notes(self) -> list[tuple[str, str, str]]:
        return [("note", customer, text) for _, customer, text in self.around.served.erp.notes]

    def check_nothing_doubled(self) -> None:
        """At most one mail a notice; one that was not caught is visible; no note or hold twice."""
        mails, doubted = self.mails(), {entry.customer for entry in self.in_doubt()}
        with self.books.read() as tx:
            rows = outbox.listed(tx, kinds={"notice"})
            waiting = {row.customer for row in rows if row.state in {"new", "sending"}}
        assert max(mails.values(), default=0) <= 1
        assert set(DEBTORS) - set(mails) <= doubted | waiting
        notes = Counter(customer for _, customer, _ in self._notes())
        assert max(notes.values(), default=0) <= 1
        assert len(self.around.served.erp.hold_writes) <= 1


def clean_run(case: Case) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Run the job without a kill; return what it leaves and the points it passed."""
    ended = case.run()
    assert (ended.killed, ended.code) == (False, 0)
    case.run_until_done()
    state = case.state()
    case.books.close()
    assert state["mails"] == dict.fromkeys(DEBTORS, 1)
    assert len(state["notes"]) == len(DEBTORS)
    assert state["erp_holds"] == [("A", "D")]
    return state, ended.points


def kill_and_recover(around: Field, kind: str, point: int) -> None:
    """Kill at one point, start again until done, settle what is in doubt, and compare."""
    clean, _ = around.known(kind)
    case = Case(around, *around.fresh(kind))
    assert case.run(kill_at=point).killed
    case.run_until_done()
    case.check_nothing_doubled()
    if case.in_doubt():
        case.settle_by_what_arrived()
        case.run_until_done()
    assert case.in_doubt() == []
    assert case.state() == clean
    case.books.close()


def drawn(count: int) -> list[int]:
    """Return the seeded sample of points, the first and the last among them."""
    between = random.Random(SEED).sample(range(2, count), SAMPLE - 2)
    return [1, *sorted(between), count]


@pytest.mark.parametrize("draw", range(SAMPLE))
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_kill_at_a_drawn_point_loses_and_doubles_nothing(field_: Field, kind: str, draw: int) -> None:
    points = field_.known(kind)[1]
    kill_and_recover(field_, kind, drawn(len(points))[draw])


@pytest.mark.kill_all
def test_a_kill_at_any_point_loses_and_doubles_nothing(field_: Field) -> None:
    points = field_.known("sqlite")[1]
    failed: list[str] = []
    for number, name in enumerate(points, 1):
        if number % 50 == 0:
            print(f"  {number} of {len(points)} points, {len(failed)} failed", flush=True)
        try:
            kill_and_recover(field_, "sqlite", number)
        except AssertionError as error:
            failed.append(f"point {number} ({name}): {error}")
    print(f"{len(points)} points: {dict(Counter(name.split()[0] for name in points))}")
    assert failed == []


def test_the_points_stand_at_every_kind_of_write_and_send(field_: Field) -> None:
    for kind in ("sqlite", "postgresql"):
        points = field_.known(kind)[1]
        seen = {name.split()[0] for name in points}
        assert {"INSERT", "UPDATE", "commit", "fsync", "replace", "before", "after"} <= seen
        assert len([name for name in points if name.startswith("after")]) > 2 * len(DEBTORS)
