"""What a tie-out found: sums under headings, documents that differ, and what explains them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from duehook.core.books.store.imports.comparison import Group
from duehook.core.money import from_scaled


@dataclass(frozen=True)
class Heading:
    """The sums of both sides in one class and currency; the company's currency where it is told."""

    item_class: str
    currency: str
    ours: Decimal
    theirs: Decimal
    company_currency: str | None
    ours_company: Decimal | None
    theirs_company: Decimal | None


@dataclass(frozen=True)
class Difference:
    """A document that the two sides tell differently; `explained_by` None is what locks dunning.

    A side's amount in company currency is None where it does not hold the document open, or tells none.
    """

    document: str
    item_class: str
    currency: str
    ours: Decimal
    theirs: Decimal
    company_currency: str | None
    ours_company: Decimal | None
    theirs_company: Decimal | None
    explained_by: str | None


@dataclass(frozen=True)
class Explanation:
    """What is explained by one reason in one currency: how many documents, and what we hold above the ERP."""

    explained_by: str
    documents: int
    currency: str
    amount: Decimal
    company_currency: str | None
    company_amount: Decimal | None


@dataclass(frozen=True)
class TieOut:
    """One company against one connection. `state` is balanced, explained or differs."""

    company: str
    connection: str
    number: int
    state: str
    documents: int
    made_at: datetime
    bound_at: datetime
    headings: tuple[Heading, ...]
    differences: tuple[Difference, ...]

    @property
    def balanced(self) -> bool:
        """Say whether nothing is unexplained."""
        return self.state != "differs"

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """Return the differences that nothing explains."""
        return tuple(each for each in self.differences if each.explained_by is None)

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """Return the explained differences, counted and summed by reason and currencies."""
        groups: dict[tuple[str, str, str | None], list[Difference]] = {}
        for each in self.differences:
            if each.explained_by is not None:
                groups.setdefault((each.explained_by, each.currency, each.company_currency), []).append(each)
        return tuple(explanation(why, group) for (why, _, _), group in groups.items())


@dataclass(frozen=True)
class CompanyTieOut:
    """One company against every connection that gives its items."""

    company: str
    parts: tuple[TieOut, ...]

    @property
    def balanced(self) -> bool:
        """Say whether nothing is unexplained."""
        return all(part.balanced for part in self.parts)


def heading(group: Group, ours: Sequence[int], theirs: Sequence[int]) -> Heading:
    """Make the heading of a group from both sides' sums."""
    _, item_class, currency, company_currency = group
    own, told = (from_scaled(side[0], currency) for side in (ours, theirs))
    if company_currency is None:
        return Heading(item_class, currency, own, told, None, None, None)
    in_company = (from_scaled(side[1], company_currency) for side in (ours, theirs))
    return Heading(item_class, currency, own, told, company_currency, *in_company)


def difference(row: Any) -> Difference:
    """Make a difference from its line in the books."""
    ours, theirs = (from_scaled(amount, row.currency) for amount in (row.ours, row.theirs))
    base = row.company_currency
    ours_company, theirs_company = (
        None if amount is None or base is None else from_scaled(amount, base)
        for amount in (row.ours_company, row.theirs_company)
    )
    return Difference(
        document=row.document,
        item_class=row.item_class,
        currency=row.currency,
        ours=ours,
        theirs=theirs,
        company_currency=base,
        ours_company=ours_company,
        theirs_company=theirs_company,
        explained_by=row.explained_by,
    )


def explanation(why: str, group: Sequence[Difference]) -> Explanation:
    """Sum differences of one reason and one pair of currencies."""
    first, none = group[0], Decimal(0)
    company_amount = sum(((each.ours_company or none) - (each.theirs_company or none) for each in group), none)
    return Explanation(
        why,
        len(group),
        first.currency,
        sum((each.ours - each.theirs for each in group), none),
        first.company_currency,
        company_amount if first.company_currency else None,
    )
