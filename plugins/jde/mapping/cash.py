"""F03B13 → payment and its reversal, F03B14 → allocations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any, Final, Literal

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import Row
from duehook.core.records import AllocationKind
from duehook.plugins.jde import tables
from duehook.plugins.jde.values import amount, text, whole

from .site import UNREADABLE, Mapped, Raw, Site, mapped

VOID: Final = "void"
OfNothing = Callable[[Collection[int]], Collection[int]]
_AS_IT_IS: Final = Decimal(1)
_PARTS: Final[tuple[tuple[AllocationKind, str, str | None], ...]] = (
    ("cash", "RZPAAP", "RZPFAP"),
    ("discount", "RZADSA", "RZCDSA"),
    ("write_off", "RZAAAJ", "RZFCHG"),
    ("chargeback", "RZECBA", "RZECBF"),
    ("deduction", "RZDDA", "RZFDA"),
    ("fx", "RZAGL", None),
)


def all_parts(key: str) -> list[str]:
    """Return the keys of all allocations that the line of this one may hold."""
    line = key.rpartition("|")[0]
    return [f"{line}|{kind}" for kind, _, _ in _PARTS]


class PaymentMapping:
    """Maps raw F03B13 rows; a void receipt becomes two payments, the second taking the first back."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._patch = site.patch("payment")

    def rows(self, raws: Iterable[Raw]) -> Mapped:
        """Map a page."""
        return mapped(raws, tables.PAYMENT, self._rows, patch=self._patch)

    def _rows(self, raw: Raw) -> Iterator[Row]:
        found = _named(tables.PAYMENT, raw)
        payment = self._payment(found)
        voided_on = self._site.days[found["RYVDGJ"]]
        yield payment | {"reversed_on": voided_on}
        if voided_on is not None:
            yield payment | {
                "key": f"{payment['key']}|{VOID}",
                "amount": -payment["amount"],
                "unapplied_amount": Decimal(0),
                "company_amount": -payment["company_amount"],
                "received_on": voided_on,
                "posted_on": voided_on,
                "reference": text(found["RYVRE"]) or payment["reference"],
                "reversal_of": payment["key"],
            }

    def _payment(self, found: dict[str, Any]) -> Row:
        site, company = self._site, text(found["RYCO"])
        base = text(found["RYBCRC"]) or site.company_currency.get(company or "", "")
        currency = text(found["RYCRCD"]) or base
        at_home = site.factors[base]
        gross, left = amount(found["RYCKAM"], at_home), amount(found["RYAAP"], at_home)
        total = gross
        if currency != base:
            abroad = site.factors[currency]
            total, left = amount(found["RYFCAM"], abroad), amount(found["RYFAP"], abroad)
        payer = whole(found["RYPYR"] or 0) or whole(found["RYAN8"])
        return {
            "company": company,
            "key": str(whole(found["RYPYID"])),
            "customer": str(payer),
            "currency": currency,
            "amount": total,
            "unapplied_amount": abs(left).copy_sign(total),
            "received_on": site.days[found["RYDMTJ"]] or site.days[found["RYDGJ"]],
            "posted_on": site.days[found["RYDGJ"]],
            "company_currency": base,
            "company_amount": gross,
            "method": text(found["RYRYIN"]) or text(found["RYTYIN"]),
            "reference": text(found["RYCKNU"]) or text(found["RYEXR"]),
            "changed_at": site.stamps.at(found["RYUPMJ"], found["RYUPMT"]),
        }


class AllocationMapping:
    """Maps raw F03B14 rows, each to one allocation a kind of money in it.

    `sign` says how the site stores an application that reduces its item. A line without a document
    refers to no item and is left out; so is the line by which a receipt creates its own unapplied
    cash, for it reduces nothing. A line that takes an application back (RZVDGJ) belongs to the void; one
    that still reduces an invoice is the application itself, on a site that stamps both. What a receipt of
    nothing applies is no money but a credit: `of_nothing` says which of some receipts are such.
    """

    def __init__(
        self, site: Site, sign: Literal["negative", "positive"], of_nothing: OfNothing = lambda receipts: frozenset()
    ) -> None:
        self._site, self._of_nothing = site, of_nothing
        self._turn = -1 if sign == "negative" else 1
        kinds = site.settings.codes.kind_by_document_type
        self._on_account = frozenset(code for code, kind in kinds.items() if kind == "on_account")
        self._credits = self._on_account | {code for code, kind in kinds.items() if kind == "credit_note"}

    def rows(self, raws: Iterable[Raw]) -> Mapped:
        """Map a page; a row that cannot be read has the key of its cash."""
        lines = list(raws)
        netted = self._of_nothing(_receipts(lines))
        rows, bad = mapped(lines, tables.ALLOCATION, partial(self._rows, netted))
        return rows, [replace(row, key=f"{row.key}|cash") for row in bad]

    def _rows(self, netted: Collection[int], raw: Raw) -> Iterator[Row]:
        found = _named(tables.ALLOCATION, raw)
        document, kind_code = whole(found["RZDOC"] or 0), text(found["RZDCT"])
        if not document or kind_code is None:
            return
        shared, base, currency = self._shared(found, document, kind_code)
        foreign = found["RZCRRM"] == "F"
        payment = shared["payment"]
        is_netted = int(payment) in netted
        if self._takes_back(kind_code, found):
            shared |= {"payment": f"{payment}|{VOID}"}
        for kind, at_home, abroad in _PARTS:
            home = amount(found[at_home], self._site.factors[base]) * self._turn
            part = home
            if foreign:
                part = amount(found[abroad] if abroad else 0, self._site.factors[currency]) * self._turn
            if (home or part) and not self._creates(kind_code, part, found):
                key = f"{payment}|{whole(found['RZRC5'])}|{kind}"
                told = "credit" if is_netted and kind == "cash" else kind  # the key stays what it was
                yield shared | {"key": key, "kind": told, "amount": part, "company_amount": home}

    def _shared(self, found: dict[str, Any], document: int, kind_code: str) -> tuple[Row, str, str]:
        site, company = self._site, text(found["RZCO"])
        base = text(found["RZBCRC"]) or site.company_currency.get(company or "", "")
        currency = (text(found["RZCRCD"]) or base) if found["RZCRRM"] == "F" else base
        posted_on = site.days[found["RZDGJ"]]
        allocated_on = site.days[found["RZDMTJ"]] or posted_on
        if allocated_on is None:
            raise BadRecord("RZDMTJ and RZDGJ are empty: the application has no date.")
        row: Row = {
            "company": company,
            "item": f"{text(found['RZKCO'])}|{kind_code}|{document}|{text(found['RZSFX'])}",
            "payment": str(whole(found["RZPYID"])),
            "currency": currency,
            "allocated_on": allocated_on,
            "posted_on": posted_on,
            "reason": text(found["RZRSCO"]),
            "changed_at": site.stamps.at(found["RZUPMJ"], found["RZUPMT"]),
        }
        return row, base, currency

    def _takes_back(self, kind_code: str, found: dict[str, Any]) -> bool:
        if self._site.days[found["RZVDGJ"]] is None:
            return False
        reduced = sum(amount(found[at_home], _AS_IT_IS) for _, at_home, _ in _PARTS) * self._turn
        return reduced <= 0 or kind_code in self._credits

    def _creates(self, kind_code: str, part: Decimal, found: dict[str, Any]) -> bool:
        voided = self._site.days[found["RZVDGJ"]] is not None
        return kind_code in self._on_account and part > 0 and not voided


def _receipts(raws: Iterable[Raw]) -> set[int]:
    found = set[int]()
    for raw in raws:
        try:
            found.add(whole(raw[0]))
        except UNREADABLE:  # the mapping of the row says why
            continue
    return found


def _named(table: tables.Table, raw: Raw) -> dict[str, Any]:
    return {column.name: value for column, value in zip(table.columns, raw, strict=False)}
