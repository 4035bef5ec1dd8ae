"""F03B11's narrow rows → the keys of what is open, and its totals for the tie-out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any

from duehook.core.hookspecs import Total
from duehook.plugins.jde.values import Stamp, Texts, amount, text, whole

from .items import class_of, key_of_item
from .site import UNREADABLE, Raw, Site

_Money = tuple[str, str, Decimal, str, Decimal]


def open_keys(raws: Sequence[Raw], companies: Collection[str]) -> tuple[list[tuple[str, str]], bool]:
    """Return (company, key) of each row of `tables.ITEM_KEY`, and whether all were told.

    A row without a company stands under each of `companies`: nobody knows which it is of. One with a
    NULL in its key is no item of anybody's; one whose texts are no texts is not told.
    """
    found: list[tuple[str, str]] = []
    told, known, keep = True, Texts(), found.append
    for kco, dct, doc, sfx, co in raws:
        try:
            company = known[co]
            key = f"{kco}|{dct}|{doc if type(doc) is int else whole(doc)}|{sfx}"
            if " " in key or "None" in key:
                key = key_of_item(kco, dct, doc, sfx)
        except AttributeError:
            continue
        except UNREADABLE:
            told = told and doc is None
            continue
        if company is not None:
            keep((company, key))
        else:
            found += [(each, key) for each in companies]
    return found, told


class Balances:
    """Maps rows of `tables.ITEM_BALANCE` to totals: what `ItemMapping` makes of the whole row, and no more.

    Currencies and classes are looked up once for each combination of codes: a ledger has few.
    """

    def __init__(self, site: Site) -> None:
        self._codes = site.settings.codes
        self._factors, self._company_currency = site.factors, site.company_currency
        self._money: dict[tuple[Any, ...], _Money] = {}
        self._classes: dict[tuple[Any, ...], str] = {}

    def totals(self, raws: Iterable[Raw], past: Stamp) -> list[Total]:
        """Return what is open by item; a row that cannot be read is left to the quarantine."""
        found: list[Total] = []
        one, keep = self._total, found.append
        for raw in raws:
            try:
                keep(one(raw, past))
            except UNREADABLE:
                continue
        return found

    def _total(self, raw: Raw, past: Stamp) -> Total:
        kco, dct, doc, sfx, co, aap, fap, bcrc, crcd, crrm, pst, post, ryin, upmj, upmt = raw
        money = self._money.get((co, bcrc, crcd, crrm)) or self._learn_money(co, bcrc, crcd, crrm)
        item_class = self._classes.get((post, pst, ryin, dct)) or self._learn_class(post, pst, ryin, dct)
        if type(doc) is not int or type(upmj) is not int or type(upmt) is not int:
            doc, upmj, upmt = whole(doc), whole(upmj or 0), whole(upmt or 0)
        key = f"{kco}|{dct}|{doc}|{sfx}"
        if " " in key or "None" in key:
            key = key_of_item(kco, dct, doc, sfx)
        company, base, factor, currency, abroad = money
        left = aap * factor if type(aap) is int else amount(aap, factor)
        due = left
        if crrm == "F":
            due = fap * abroad if type(fap) is int else amount(fap, abroad)
        return Total(company, key, item_class, currency, due, base, left, (upmj, upmt) > past)

    def _learn_money(self, co: Any, bcrc: Any, crcd: Any, crrm: Any) -> _Money:
        """Return company, base currency and its factor, the item's currency and its factor."""
        company = text(co.strip()) or ""
        base = text(bcrc) or self._company_currency.get(company, "")
        currency = (text(crcd) or base) if crrm == "F" else base
        found = company, base, self._factors[base], currency, self._factors[currency]
        self._money[co, bcrc, crcd, crrm] = found
        return found

    def _learn_class(self, post: Any, pst: Any, ryin: Any, dct: Any) -> str:
        found = class_of(self._codes, post, text(pst) or "", text(ryin), kind_code=text(dct) or "")
        self._classes[post, pst, ryin, dct] = found
        return found
