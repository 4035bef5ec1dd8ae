"""The policies of a company on one day, compiled to CASE over constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, String, bindparam, case, literal, null, tuple_, type_coerce

from duehook.core.collect.facts import Terms
from duehook.core.collect.ripeness import Bounds, bounds
from duehook.core.policy.model import Amounts, Policy

Choose = Callable[[int], Any]

# The company is a parameter of every statement: companies that are dunned alike share them.
COMPANY: Final = bindparam("of_company", type_=String())


@dataclass(frozen=True)
class Rules:
    """By what a company is dunned on a day: its terms by policy name, and whose policy is which.

    All terms are of one day, one calendar and one gate. A debtor's own policy outranks its
    group's, that one the company's.
    """

    company: str
    terms: Mapping[str, Terms]
    policy: str
    of_group: Mapping[str, str]
    of_debtor: Mapping[tuple[str, str], str]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the policies in their numbers' order."""
        return tuple(sorted(self.terms))

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """Return the policies in their numbers' order."""
        return tuple(self.terms[name].policy for name in self.names)

    @cached_property
    def bounds(self) -> tuple[Bounds, ...]:
        """Return each policy as dates, in their numbers' order."""
        return tuple(bounds(self.terms[name]) for name in self.names)

    @cached_property
    def alike(self) -> tuple[Any, ...]:
        """Return what two companies must have in common to be dunned by the same statements."""
        whose = (tuple(sorted(self.of_group.items())), tuple(sorted(self.of_debtor.items())))
        hashes = tuple(policy.hash for policy in self.policies)
        return (self.names, hashes, self.bounds, self.as_of, self.gate, self.policy, *whose)

    @property
    def as_of(self) -> date:
        """Return the day decided on."""
        return self.terms[self.policy].as_of

    @property
    def gate(self) -> str | None:
        """Return what keeps all notices back, or None."""
        return self.terms[self.policy].gate

    def any(self, test: Callable[[Policy], bool]) -> bool:
        """Say whether some policy of the company is like that."""
        return any(map(test, self.policies))

    def number(self, connection: ColumnElement[Any], key: ColumnElement[Any], group: ColumnElement[Any]) -> Any:
        """Return the number of the policy that governs a debtor."""
        own = [
            (tuple_(connection, key).in_([who for who, named in self.of_debtor.items() if named == name]), number)
            for number, name in enumerate(self.names)
            if name in self.of_debtor.values()
        ]
        by_group = [
            (group.in_([who for who, named in self.of_group.items() if named == name]), number)
            for number, name in enumerate(self.names)
            if name in self.of_group.values()
        ]
        company = literal(self.names.index(self.policy))
        return case(*own, *by_group, else_=company) if own or by_group else company

    def choose(self, number: ColumnElement[Any], value: Choose) -> Any:
        """Return `value(policy number)` of the policy that the column names.

        Policies for which the value is the same share one branch; with one value there is no CASE.
        """
        values = [value(index) for index in range(len(self.names))]
        distinct: dict[str, tuple[Any, list[int]]] = {}
        for index, chosen in enumerate(values):
            distinct.setdefault(_text_of(chosen), (chosen, []))[1].append(index)
        branches = list(distinct.values())
        if len(branches) == 1:
            return _clause(values[0])
        *others, (last, _) = branches
        return case(*((number.in_(which), _clause(chosen)) for chosen, which in others), else_=_clause(last))

    def minimum(self, number: Any, level: Any, currency: Any) -> Any:
        """Return the minimum of a notice of that level (0: a reminder) in that currency, or null."""
        return self.choose(number, lambda index: _minimum(self.policies[index], level, currency))


def _minimum(policy: Policy, level: Any, currency: Any) -> Any:
    own = [(level == step.number, _amount(step.minimum, currency)) for step in policy.levels if _differs(step, policy)]
    general = _amount(policy.minimum, currency)
    return case(*own, else_=general) if own else general


def _differs(step: Any, policy: Policy) -> bool:
    return bool(step.minimum != policy.minimum)


def _amount(amounts: Amounts, currency: Any) -> Any:
    """Return the amount of the currency; one CASE branch an amount, not a currency."""
    by_amount: dict[int, list[str]] = {}
    for code in sorted(amounts):
        by_amount.setdefault(amounts[code], []).append(code)
    branches = [(currency.in_(codes), literal(amount, BigInteger)) for amount, codes in by_amount.items()]
    return case(*branches, else_=null()) if branches else type_coerce(null(), BigInteger)


def _clause(value: Any) -> Any:
    return value if isinstance(value, ColumnElement) else literal(value) if value is not None else null()


def _text_of(value: Any) -> str:
    if not isinstance(value, ColumnElement):
        return repr(value)
    return str(value.compile(compile_kwargs={"literal_binds": True}))
