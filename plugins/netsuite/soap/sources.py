"""The way of reading an account by SuiteTalk."""

from __future__ import annotations

from functools import partial

from duehook.plugins.netsuite.settings import NetsuiteSettings
from duehook.plugins.netsuite.sources import Way

from . import check, discover
from .reading.cash import SoapCash
from .reading.items import SoapItems
from .reading.masters import SoapMasters
from .site import SoapSite


def by_soap(settings: NetsuiteSettings, name: str) -> Way:
    """Return what reads an account by SuiteTalk."""
    site = SoapSite(settings, name)
    items = SoapItems(site)
    return Way(
        site, SoapMasters(site), items, SoapCash(site),
        {"customer": partial(check.customers, site), "contact": partial(check.contacts, site),
         "item": partial(check.items, site, items.documents), "payment": partial(check.payments, site)},
        {"customer": partial(discover.customers, site), "contact": partial(discover.contacts, site),
         "item": partial(discover.items, site)},
    )  # fmt: skip
