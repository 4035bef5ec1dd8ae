"""What `check` tries alike of an account, by whichever way it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial
from typing import Final

from duehook.core.connecting import checking
from duehook.core.connecting.checking import Severity
from duehook.core.errors import ConnectorError, ConnectorGarbled
from duehook.core.hookspecs import Finding
from duehook.plugins.netsuite import tables
from duehook.plugins.netsuite.account import Account, Asked

LOOK: Final = "let the NetSuite admin look why."
GRANT: Final = "let the NetSuite admin add the permission {0} (View) to the connection's role."
APART: Final = timedelta(minutes=10)  # how far two clocks of one account may be apart
tried = partial(checking.tried, otherwise=LOOK)
guarded = partial(checking.guarded, otherwise=LOOK)
Advice = Callable[[ConnectorError, str], str]  # what to do after an error, where it may be this permission


def shown(subject: str, permission: str, severity: Severity, *, any_is: bool, what: str = "row") -> Finding:
    """Say whether anything is shown; a missing permission shows as nothing, so it is told with the permission."""
    if any_is:
        return Finding(subject, True, "can be read")
    told = f"no {what} is shown; a role without the permission {permission} sees none"
    return Finding(subject, False, told, GRANT.format(permission), severity)


def kinds(site: Account[Asked], advice: Advice, *names: str, severity: Severity | None = None) -> Iterator[Finding]:
    """Try these types of transaction; invoices there must be."""
    for name in names:
        record, permission = tables.RECORDS[name]
        try:
            seen = site.shows(site.of_kind(name))
        except ConnectorError as error:
            yield Finding(f"read {name}", False, error.message, advice(error, permission))
            continue
        weight = severity or ("error" if name == "CustInvc" else "warning")
        yield shown(f"read {name}", permission, weight, any_is=seen, what=record)


def companies(site: Account[Asked]) -> str:
    """Say which subsidiaries can be seen; ConnectorGarbled where one cannot, or has no currency."""
    known = {str(row["id"]) for row in site.subsidiaries}
    unseen = sorted(set(site.settings.companies) - known)
    without = sorted(each for each in known if site.currency_of(each) is None)
    if unseen or not known:
        raise ConnectorGarbled(
            f"subsidiary {', '.join(unseen) or 'of any id'} cannot be seen.",
            fix="correct `companies`, or let the NetSuite admin give the role these subsidiaries.",
        )
    if without:
        raise ConnectorGarbled(
            f"no currency is known of subsidiary {', '.join(without)}.", fix=GRANT.format("Currency")
        )
    return f"{', '.join(sorted(known))} can be seen, each with its currency"


_WITHOUT: Final = {  # what customers are read without, and what may be done beside naming the column
    f"customer.{tables.TAX_ID}": ("a tax id", ", and map `tax_id` from the field that has it, if there is one"),
    f"customer.{tables.ON_HOLD}": ("telling whether a hold is in effect", ""),
}


def optional(refused: Iterable[str]) -> Iterator[Finding]:
    """Tell which columns are refused that customers are read without: not every account has them."""
    for place in refused:
        what, more = _WITHOUT[place]
        told = f"NetSuite refuses {place}: customers are read without {what}"
        yield Finding(f"read {place}", False, told, f"write `missing_columns: [{place}]`{more}.", "warning")


def open_by_company(site: Account[Asked], open_of: Callable[[str], Asked]) -> Iterator[Finding]:
    """Tell how many documents are open in each subsidiary."""
    for row in site.subsidiaries:
        company = str(row["id"])
        count = site.count(open_of(company))
        if count:
            yield Finding(f"open items: {company}", True, f"{count} open documents")
        else:
            advice = "let the role see this subsidiary, or leave it out of `companies`."
            yield Finding(f"open items: {company}", False, "no open document can be seen", advice, "warning")
