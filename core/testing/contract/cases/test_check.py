"""Check and discover: what works is said to work, what does not is named, and nobody's data is shown."""

from __future__ import annotations

from collections.abc import Callable

from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Finding, Source, Target
from duehook.core.testing.contract.erp import FaultyErp, SimulatedErp
from duehook.core.testing.contract.marks import bronze, silver
from duehook.core.testing.contract.under_test import Connector


def findings(connector: Connector) -> list[Finding]:
    """Return what `check` says of everything; what it raises is a finding too."""
    found: list[Finding] = []
    parts: list[Source | Target] = [*connector.sources()]
    if connector.target:
        parts.append(connector.target)
    for part in parts:
        try:
            found += part.check()
        except ConnectorError as error:
            found.append(Finding(type(part).__name__, False, error.message, error.fix))
    return found


@bronze
def test_check_finds_nothing_wrong_with_an_erp_in_order(reader: Connector) -> None:
    assert [each for each in findings(reader) if not each.ok and each.severity == "error"] == []


@bronze
def test_check_names_what_it_looked_at(reader: Connector) -> None:
    found = findings(reader)
    assert found != []
    assert [each for each in found if not each.subject or not each.message] == []


@bronze
def test_check_says_what_to_do_where_the_erp_cannot_be_reached(
    erp: SimulatedErp, connect: Callable[..., Connector]
) -> None:
    connector = connect(erp)
    erp.stop()
    wrong = [each for each in findings(connector) if not each.ok]
    assert wrong != []
    assert [each for each in wrong if not each.advice] == []


@bronze
def test_discover_lists_the_companies_by_their_codes(played: SimulatedErp, reader: Connector) -> None:
    found = [each for source in reader.sources() for each in source.discover()]
    assert {each.name for each in found if each.kind == "company"} >= {
        row["company"] for row in played.given("company")
    }


@bronze
def test_discover_shows_nobodys_name_and_address(played: SimulatedErp, reader: Connector) -> None:
    shown = " ".join(sample for source in reader.sources() for each in source.discover() for sample in each.samples)
    private = {each.name for each in played.book.customers.values()}
    private |= {each.email for each in played.book.contacts.values() if each.email}
    assert [each for each in private if each in shown] == []


@silver
def test_each_right_that_is_missing_is_named_by_check_with_what_to_ask_for(
    erp: FaultyErp, connect: Callable[..., Connector]
) -> None:
    untold = []
    for right, word in erp.rights.items():
        erp.deny(right)
        wrong = [each for each in findings(connect(erp)) if not each.ok]
        told = [each for each in wrong if each.advice and word.lower() in f"{each.subject} {each.message}".lower()]
        untold += [] if told else [f"{right}: {[each.message for each in wrong]}"]
        erp.grant(right)
    assert erp.rights
    assert untold == []
