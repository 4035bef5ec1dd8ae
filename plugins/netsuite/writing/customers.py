"""Customers as writing looks at them: by a search, which also shows those that a workflow locks."""

from __future__ import annotations

from duehook.core.connecting.writing import Refusal
from duehook.plugins.netsuite.account import ERP
from duehook.plugins.netsuite.mapping.parties import hold_of
from duehook.plugins.netsuite.reading.masters import read_id
from duehook.plugins.netsuite.values import text

from .place import Row, WrittenSite


def customer_of(site: WrittenSite, company: str, customer: str) -> Row:
    """Return a customer in a subsidiary; Refusal where there is none."""
    number, subsidiary = read_id(customer), read_id(company)
    if number is not None and subsidiary is not None:
        row = site.member(subsidiary, number)
        if row is not None and (str(row.get("id")), str(row.get("subsidiary"))) == (customer, company):
            return row
    raise Refusal(f"{ERP} shows no customer {customer} in subsidiary {company}")


def current_hold(site: WrittenSite, company: str, customer: str) -> str | None:
    """Return the hold of a customer; it holds in all subsidiaries."""
    return hold_of(text(customer_of(site, company, customer), "creditholdoverride"))
