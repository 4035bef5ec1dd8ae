"""Two agings of a company at once wait for each other, as the nightly one and one by hand do."""

from __future__ import annotations

import threading

from duehook.core.books import Books
from duehook.core.policy.model import AgingScheme
from duehook.core.runs.age import age
from tests.rigs.imported import load
from tests.rigs.literal_source import AS_OF, LiteralSource, context, customer, item

STANDARD = AgingScheme("standard", "By month", (0, 30, 60, 90))


def test_two_agings_of_a_company_at_once_do_not_stop_each_other(books: Books) -> None:
    people = [customer(f"C{number}") for number in range(3000)]
    rows = [item(f"I{number}", "10", customer=f"C{number}") for number in range(3000)]
    load(books, LiteralSource(5000, customer=people, item=rows))
    faults: list[BaseException] = []
    aged: list[int] = []
    start = threading.Barrier(3)

    def run() -> None:
        start.wait()
        try:
            aged.append(age(books, context(), "01", STANDARD, as_of=AS_OF).rows)
        except Exception as error:  # noqa: BLE001 - a thread's fault is told at the end
            faults.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [str(fault)[:200] for fault in faults] == []
    assert sorted(aged) == [0, 0, 3000]
