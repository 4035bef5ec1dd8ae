"""Which holds a company has, and whose notice they are judged by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from duehook.core.books import Books
from duehook.core.books.store.delivery.holds import latest_policies
from duehook.core.books.tables.dunning import notice
from duehook.core.runs.holds import listed
from tests.rigs.delivery_site import Rig, due, rigged


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        yield made


def test_holds_are_listed_by_company_and_judged_by_their_own_connections_notice(rig: Rig) -> None:
    rig.erp.customer("A")
    rig.erp.invoice("1", "A", "100.00", due(50), dunning_level=2)
    assert rig.run().holds_set == 1
    assert [row.company for row in listed(rig.site, company="01")] == ["01"]
    assert listed(rig.site, company="02") == []
    used = rig.only()
    other = {**used._mapping, "id": used.id + 1, "number": "N-X", "connection": "crm", "policy_hash": "other"}
    with rig.site.books.write() as tx:
        tx.execute(notice.insert(), other)
        found = latest_policies(tx, ["01"], {("small", "A"), ("crm", "B")})
    assert found == {"01": {("small", "A"): used.policy_hash}}
