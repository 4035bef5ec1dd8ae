"""What `check` tells of OneWorld: an account that has it has subsidiaries, any other is one company."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from duehook.core.errors import ConnectorError, ConnectorRefused
from duehook.core.hookspecs import Finding
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.site import NetsuiteSite

SUBJECT: Final = "OneWorld"
_BASE: Final = tables.CURRENCY.under("u.isbasecurrency = 'T'")
_CUSTOMER: Final = tables.OWN_CONTACT.only()


def one_world(site: NetsuiteSite) -> Iterator[Finding]:
    """Tell an account without OneWorld what to write, and one with it that it has more than one company.

    A table that the role may not see has no rows; one that the account does not have is refused.
    """
    only = site.settings.company
    has = _has_subsidiaries(site)
    if only is None and has is False:
        told = "NetSuite knows no table of subsidiaries, and does show customers: this account is not one of OneWorld"
        yield Finding(SUBJECT, False, told, f'write `company: {{id: "1", name: …, currency: {_base(site) or "…"}}}`.')
    elif only is not None and has:
        told = "the account has subsidiaries, and `company` lets all of them be read as one"
        yield Finding(SUBJECT, False, told, "take `company` out; `companies` names those that are read.")
    elif only is not None:
        yield from _currency(site, only.currency)


def _currency(site: NetsuiteSite, said: str) -> Iterator[Finding]:
    base = _base(site)
    if base is not None and base != said:
        told = f"the account's base currency is {base}, and `company.currency` says {said}"
        yield Finding(SUBJECT, False, told, f"write `company: {{currency: {base}}}`.")
    else:
        yield Finding(SUBJECT, True, f"one company without subsidiaries, in {said}")


def _has_subsidiaries(site: NetsuiteSite) -> bool | None:
    """Say whether there is a table of subsidiaries, with a row; None where that cannot be told."""
    try:
        return site.shows(tables.SUBSIDIARY) or None
    except ConnectorRefused:
        pass
    except ConnectorError:
        return None
    try:
        site.shows(_CUSTOMER)
    except ConnectorError:
        return None
    return False


def _base(site: NetsuiteSite) -> str | None:
    """Return the account's base currency, where its table tells it."""
    try:
        rows = site.service.rows(_BASE.page(None, 1))
    except ConnectorError:
        return None
    return str(rows[0]["symbol"]) if rows and rows[0].get("symbol") else None
