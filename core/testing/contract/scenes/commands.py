"""Commands of the kit: what is written into the ERP, about which item, and what a user of the ERP then sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, get_args

import pytest

from duehook.core.hookspecs import Applied, Command, CommandKind, Target
from duehook.core.testing.book import Item
from duehook.core.testing.contract.erp import WrittenErp
from duehook.core.testing.contract.under_test import Connector

from .acts import company_of, issue

KINDS: Final[tuple[CommandKind, ...]] = get_args(CommandKind)
HOLDS: Final[frozenset[CommandKind]] = frozenset({"set_credit_hold", "release_credit_hold"})
MANY: Final = 99  # requests: more than one command makes
Connect = Callable[..., Connector]


@pytest.fixture
def invoice(erp: WrittenErp) -> Item:
    """Give an invoice that commands may be about."""
    with erp.act() as book:
        return issue(book, "100.00")


@pytest.fixture
def target(connector: Connector) -> Target:
    """Give what writes back."""
    if connector.target is None:
        pytest.skip("the connector offers no write_back_target")
    return connector.target


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, still: WrittenErp, connect: Connect) -> CommandKind:
    """Give each kind of command that the connector can carry out."""
    target = connect(still).target
    if target is None:
        pytest.skip("the connector offers no write_back_target")
    if request.param not in target.capabilities:
        pytest.skip(f"lacks {request.param}: {still.lacks.get(request.param, 'refused as unsupported')}")
    found: CommandKind = request.param
    return found


@pytest.fixture
def wanted(kind: CommandKind, erp: WrittenErp, connector: Connector, invoice: Item) -> Command:
    """Give the command; a hold that is to be released is there."""
    if kind == "release_credit_hold":
        erp.user_sets_hold(invoice.company, invoice.customer, erp.hold_values[0])
    return command(erp, connector, kind, invoice)


def command(erp: WrittenErp, connector: Connector, kind: CommandKind, item: Item, **other: Any) -> Command:
    """Return a command of this kind about the item or its customer."""
    rows = connector.rows("item") if kind in {"set_promise", "set_dispute", *erp.about_items} else []
    key = next((row["key"] for row in rows if row["document_no"].endswith(str(item.document_no))), None)
    bodies: dict[CommandKind, dict[str, Any]] = {
        "add_note": {"text": "Called; promised to pay on Friday.", "subject": "Call"},
        "set_credit_hold": {"value": erp.hold_values[0], "expect": None},
        "release_credit_hold": {"value": erp.hold_values[0], "restore": None},
        "set_dunning_block": {"value": "A", "until": None, "reason": "agreed with sales"},
        "set_dunning_level": {"level": 2},
        "set_promise": {"amount": "100.00", "on": (erp.book.day + timedelta(days=7)).isoformat(), "text": "by phone"},
        "set_dispute": {"amount": "40.00", "reason": "price", "text": "wrong price"},
    }
    body = {**bodies.get(kind, {}), **other}
    return Command(kind, f"key-of-{kind}", company_of(erp, item), item.customer, key, body)


def truth(erp: WrittenErp, item: Item, kind: CommandKind) -> Any:
    """Return what a user of the ERP sees of it."""
    if kind == "add_note":
        return tuple(erp.notes(item.customer))
    if kind in HOLDS:
        return erp.hold(item.company, item.customer)
    return dict(erp.seen(kind, item.company, item.customer, item.key))


def undone(erp: WrittenErp, kind: CommandKind) -> str:
    """Return what is said of a command that was sent and is not there: where an ERP answers later it may still come."""
    return "unknown" if kind in erp.answers_later else "refused"


def note(erp: WrittenErp, item: Item, text: str) -> Command:
    """Return a note of its own key."""
    return Command(
        "add_note", f"key-of-{text}", company_of(erp, item), item.customer, None, {"text": text, "subject": ""}
    )


def ignored(applied: Applied) -> None:
    """Take an outcome where a function must give nothing back."""
