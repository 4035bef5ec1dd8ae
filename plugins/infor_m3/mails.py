"""The e-mail addresses of CRS111 as `check` and `discover` see them: which types there are, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from duehook.core.hookspecs import Finding

from . import entities
from .client.answers import Absent, Nok, Rows
from .client.service import Asking
from .site import M3Site

ELSE: Final = "Else write `contacts: {email_types: {}}`: contacts are read without these addresses."
SOME: Final = 50  # addresses of a type that are counted, where types are tried
_NUMBERS: Final = [f"{number:02}" for number in range(100)]


def types(site: M3Site) -> Sequence[str]:
    """Return the type of each address that M3 lists from the first one on; none where it may not be asked.

    Where it lists nothing without a type, types are tried: those that are two digits.
    """
    try:
        return _from_the_first(site) or _tried(site)
    except (Nok, Absent):  # `check` tells of it, and contacts are read without
        return []


def checked(site: M3Site, of_type: str, listed: Rows) -> Iterator[Finding]:
    """See that addresses of a type stand under customers' numbers."""
    numbers = [row["EMKY"].strip() for row in listed if row["EMTP"].strip() == of_type and row["EMKY"].strip()]
    subject = f"e-mail addresses of type {of_type}"
    if not numbers:
        yield Finding(subject, True, f"there are none; {ELSE}", severity="info")
        return
    company = {"CONO": site.settings.company}
    found = site.service.each(entities.BASIC, [{**company, "CUNO": number} for number in numbers])
    known = sum(row is not None for row in found)
    if known:
        yield Finding(subject, True, f"{known} of {len(numbers)} looked at stand under a customer's number")
    else:
        yield Finding(subject, False, f"none of {len(numbers)} looked at stands under a customer's number",
                      "write as `contacts.email_types` the type of customers' addresses; `discover` lists the types.",
                      "warning")  # fmt: skip


def _from_the_first(site: M3Site) -> list[str]:
    asking = Asking(site.settings.rows_at_once, ["EMTP"])
    try:
        return [row["EMTP"].strip() for row in site.service.rows(entities.MAILS, {"EMTP": ""}, asking)]
    except Nok as refused:
        if refused.is_authority:
            raise
        return []


def _tried(site: M3Site) -> list[str]:
    found = site.service.every(entities.MAILS, [{"EMTP": number} for number in _NUMBERS], most=SOME)
    return [number for number, result in zip(_NUMBERS, found, strict=True)
            for row in result.rows if row["EMTP"].strip() == number]  # fmt: skip
