"""Holds: only one's own is released, another's stands, and a user may act between our look and our write."""

from __future__ import annotations

from contextlib import suppress

import pytest

from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Applied, CommandKind, Target
from duehook.core.testing.book import Item
from duehook.core.testing.contract.erp import WrittenErp
from duehook.core.testing.contract.marks import feature, gold, needs
from duehook.core.testing.contract.scenes.acts import company_of
from duehook.core.testing.contract.scenes.commands import HOLDS, MANY, Connect, command
from duehook.core.testing.contract.under_test import Connector

pytestmark = gold
APART = "holds told apart"  # a flag that is set or not does not say whose hold it is


class TestHolds:
    """Holds: only one's own is released, another's stands, and a user may act between our look and our write."""

    @pytest.fixture(autouse=True)
    def _can_hold(self, erp: WrittenErp, target: Target) -> None:
        if not set(target.capabilities) >= HOLDS:
            pytest.skip(f"lacks set_credit_hold: {erp.lacks.get('set_credit_hold', 'refused as unsupported')}")

    @feature
    def test_the_hold_that_governs_is_told(self, erp: WrittenErp, target: Target, invoice: Item) -> None:
        assert target.current_hold(company_of(erp, invoice), invoice.customer) is None
        erp.user_sets_hold(invoice.company, invoice.customer, erp.hold_values[1])
        assert target.current_hold(company_of(erp, invoice), invoice.customer) == erp.hold_values[1]

    @feature
    @pytest.mark.parametrize("everywhere", [True, False], ids=["everywhere", "there"])
    def test_a_hold_is_not_said_to_be_none_where_nothing_is_found_any_more(
        self, everywhere: bool, erp: WrittenErp, connect: Connect, *, invoice: Item
    ) -> None:
        erp.user_sets_hold(invoice.company, invoice.customer, erp.hold_values[1])
        company, away = company_of(erp, invoice), connect(erp).target
        assert away is not None
        path = "" if everywhere else erp.writes("set_credit_hold").path
        erp.faults.set("status", path, status=404, count=MANY)
        with suppress(ConnectorError):
            assert away.current_hold(company, invoice.customer) == erp.hold_values[1]

    @feature
    def test_a_hold_that_a_user_set_is_not_overwritten(
        self, erp: WrittenErp, connector: Connector, target: Target, invoice: Item
    ) -> None:
        needs(erp.lacks, APART)
        erp.user_sets_hold(invoice.company, invoice.customer, erp.hold_values[1])
        refused = target.apply(command(erp, connector, "set_credit_hold", invoice))
        assert (refused.outcome, refused.previous) == ("refused", erp.hold_values[1])
        assert erp.hold(invoice.company, invoice.customer) == erp.hold_values[1]

    @feature
    def test_a_hold_that_is_not_ours_is_not_released(
        self, erp: WrittenErp, connector: Connector, target: Target, invoice: Item
    ) -> None:
        needs(erp.lacks, APART)
        erp.user_sets_hold(invoice.company, invoice.customer, erp.hold_values[1])
        assert target.apply(command(erp, connector, "release_credit_hold", invoice)).outcome == "refused"
        assert erp.hold(invoice.company, invoice.customer) == erp.hold_values[1]

    @feature
    @pytest.mark.parametrize("act", ["set_credit_hold", "release_credit_hold"])
    def test_a_user_who_changes_the_hold_between_our_look_and_our_write_wins(
        self, act: CommandKind, erp: WrittenErp, connector: Connector, target: Target, *, invoice: Item
    ) -> None:
        needs(erp.lacks, APART)
        ours, theirs = erp.hold_values
        if act == "release_credit_hold":
            erp.user_sets_hold(invoice.company, invoice.customer, ours)
        erp.meanwhile(lambda: erp.user_sets_hold(invoice.company, invoice.customer, theirs), erp.writes(act))
        ended: Applied = target.apply(command(erp, connector, act, invoice))
        assert erp.hold(invoice.company, invoice.customer) == theirs
        assert ended.outcome in {"refused", "unknown"}
