"""What a source or a site does not have: streams, totals, keys and columns."""

from __future__ import annotations

import pytest

from duehook.core.errors import ConnectorRefused
from duehook.plugins.jde.sources import JdeContacts, JdeCustomers, JdeInvoices, JdePayments, JdeSource

from .ledger import BOUND, Ledger, read, rows


def test_a_stream_that_is_not_ours_is_refused(ledger: Ledger, opened: list[JdeSource]) -> None:
    source = JdeInvoices(ledger.settings())
    opened.append(source)
    with pytest.raises(ConnectorRefused, match="ask for item"):
        source.read("customer", None, BOUND)


def test_only_invoices_have_totals(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.item()
    for kind in (JdeCustomers, JdeContacts, JdePayments):
        source = kind(ledger.settings())
        opened.append(source)
        assert list(source.totals(BOUND)) == []


def test_keys_that_no_row_can_have_are_missing(ledger: Ledger, opened: list[JdeSource]) -> None:
    source = JdeInvoices(ledger.settings())
    opened.append(source)
    found = source.lookup("item", [("00001", "nonsense")])
    assert (found.found, found.missing) == ([], [("00001", "nonsense")])


def test_a_column_the_site_lacks_stays_empty(ledger: Ledger, opened: list[JdeSource]) -> None:
    ledger.item()
    for column in ("RPCORC", "RPRDDJ", "RPODOC"):
        ledger.database.execute(f'ALTER TABLE "F03B11" DROP COLUMN "{column}"')
    source = JdeInvoices(ledger.settings())
    opened.append(source)
    assert rows(read(source, "item"))[0]["last_dunned_on"] is None
    ledger.database.execute('ALTER TABLE "F03B11" DROP COLUMN "RPAAP"')
    other = JdeInvoices(ledger.settings())
    opened.append(other)
    with pytest.raises(ConnectorRefused, match="no column RPAAP"):
        other.read("item", None, BOUND)
