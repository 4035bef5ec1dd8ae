"""F03B11 → item. One row is one pay item, so instalments are items of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.field_mapping import Codes, Patch
from duehook.core.hookspecs import BadRow, Row
from duehook.core.records import ItemClass
from duehook.plugins.jde import tables
from duehook.plugins.jde.settings import CodeLists
from duehook.plugins.jde.values import amount, text, whole

from .site import UNREADABLE, Mapped, Raw, Site, blanked, unreadable

_USUAL: Final = ("", "A", "P")  # pay statuses that say nothing an item does not say itself
_AT: Final = {column.name: place for place, column in enumerate(tables.ITEM.columns)}
_IDENTITY: Final = slice(_AT["RPKCO"], _AT["RPVDGJ"] + 1)
_MONEY: Final = slice(_AT["RPAG"], _AT["RPCRRM"] + 1)
_TERMS: Final = slice(_AT["RPPST"], _AT["RPOSFX"] + 1)
_MARKS: Final = slice(_AT["RPCORC"], _AT["RPRDSJ"] + 1)
_STAMP: Final = slice(_AT["RPUPMJ"], _AT["RPUPMT"] + 1)
_UNMARKED: Final = frozenset(("  ", notice, 0, 0, 0, 0) for notice in (" ", "Y"))


class _Every(frozenset[str]):
    """Has every status: the site's file says what becomes of those it does not list."""

    def __contains__(self, status: object) -> bool:
        return True


class ItemMapping:
    """Maps raw F03B11 rows in the order of `tables.ITEM`.

    A row in foreign mode (RPCRRM F) is an item in the transaction currency with its domestic
    amounts beside; any other is an item in the base currency. The hot path of the import: one
    plain function a row, everything looked up once. A closed row without a closing date is dated by
    its last change.
    """

    def __init__(self, site: Site) -> None:
        self._codes = codes = site.settings.codes
        self._days, self._stamps, self._factors = site.days, site.stamps, site.factors
        self._company_currency = site.company_currency
        self._kinds: Mapping[str, str] = codes.kind_by_document_type
        self._classes: dict[tuple[str, str, str | None, str], ItemClass] = {}
        self._blocks = codes.block_by_pay_status
        self._disputed_status, self._disputed_reason = codes.dispute_by_pay_status, codes.dispute_by_reason
        self._marking: Collection[str] = frozenset((*self._blocks, *self._disputed_status))
        if any(isinstance(each, Codes) and each.decides for each in (self._blocks, self._disputed_status)):
            self._marking = _Every()
        self._notice_flag = site.settings.notice_flag_blocks
        self._count = site.settings.reminder_count
        self._reminded = site.settings.reminder_date
        self._extras: dict[str, dict[str, str] | None] = dict.fromkeys(_USUAL)
        self._patch = site.patch("item")
        self._one = self.row if self._patch is None else partial(self._patched, self._patch)

    def rows(self, raws: Iterable[Raw]) -> Mapped:
        """Map a page."""
        rows: list[Row] = []
        bad: list[BadRow] = []
        one, keep = self._one, rows.append
        for raw in raws:
            try:
                keep(one(raw))
            except UNREADABLE as error:
                self._blanked(raw, error, into=(rows, bad))
        return rows, bad

    def _blanked(self, raw: Raw, error: Exception, *, into: Mapped) -> None:
        rows, bad = into
        try:
            if None not in raw:
                raise error
            rows.append(self._one(blanked(raw, tables.ITEM)))
        except UNREADABLE as still:
            bad.append(unreadable(raw, tables.ITEM, still))

    def _patched(self, patch: Patch, raw: Raw) -> Row:
        row = self.row(raw)
        patch(raw, row)
        return row

    def row(self, raw: Raw) -> Row:
        """Map one row as the connector does; raise BadRecord when it cannot be read."""
        kco, dct, doc, sfx, co, an8, pyr, divj, dgj, ddj, ddnj, jcl, vdgj = raw[_IDENTITY]
        pst, post, ptc, ryin, vinv, vr01, po, sdoc, sdct, mcu, rmk, odoc, odct, okco, osfx = raw[_TERMS]
        upmj, upmt = raw[_STAMP]
        if type(kco) is not str or type(dct) is not str:
            text(kco), text(dct)  # one text that is none stands for all: a table has one encoding
        if type(doc) is not int or type(an8) is not int or type(pyr) is not int:
            doc, an8, pyr = whole(doc), whole(an8), whole(pyr or 0)
        days, company, kind, status, instrument = self._days, co.strip(), dct.strip(), pst.strip(), ryin.strip() or None
        base, gross, left, currency, total, due, tax, discount = self._money(company, raw[_MONEY])
        document_on = days[divj] or days[dgj]
        if document_on is None:
            raise BadRecord("RPDIVJ and RPDGJ are empty: the document has no date.")
        key = f"{kco}|{dct}|{doc}|{sfx}"
        if " " in key or "None" in key:
            key = key_of_item(kco, dct, doc, sfx)
        item_class = self._classes.get((post, status, instrument, kind))
        row: Row = {
            "company": company or None,
            "key": key,
            "customer": str(an8), "payer": str(pyr) if pyr and pyr != an8 else None,
            "kind": self._kind(kind, total),
            "currency": currency, "amount": total, "open_amount": due, "tax_amount": tax, "discount_amount": discount,
            "company_currency": base, "company_amount": gross, "company_open_amount": left,
            "document_on": document_on, "due_on": days[ddj], "posted_on": days[dgj], "discount_on": days[ddnj],
            "cleared_on": None if left or due else days[jcl] or days[vdgj] or days[upmj],
            "document_no": str(doc), "document_type": kind, "instalment": sfx.strip() or None,
            "item_class": item_class or self._class(post, status, instrument, kind_code=kind),
            "payment_method": instrument, "terms": ptc.strip() or None,
            "purchase_order": (po.strip() or None) if po else None,
            "sales_order": self._order(sdoc, sdct) if sdoc else None,
            "reference": text(vinv) or text(vr01), "text": text(rmk),
            "business_unit": (mcu.strip() or None) if mcu else None,
            "applies_to": self._original(text(okco) or kco, odct, odoc, osfx) if odoc and total < 0 else None,
            "disputed_amount": None, "dispute_reason": None,
            "dunning_block": None, "dunning_level": None, "last_dunned_on": None,
            "extra": self._extras[status] if status in self._extras else self._unusual(status),
            "changed_at": self._stamps.at(upmj, upmt),
        }  # fmt: skip
        marks = raw[_MARKS]
        if status in self._marking or marks not in _UNMARKED:
            self._mark(row, status, marks)
        return row

    def _kind(self, code: str, total: Decimal) -> str:
        """Return the kind by document type; a credit memo with a plus is owed to us all the same."""
        kind = self._kinds.get(code) or ("credit_note" if total < 0 else "invoice")
        return "invoice" if total > 0 and kind == "credit_note" else kind

    def _money(self, company: str, raw: Raw) -> tuple[str, Decimal, Decimal, str, Decimal, Decimal, Decimal, Decimal]:
        """Return base currency, gross and open, then currency, gross, open, tax and discount."""
        ag, aap, adsc, stam, acr, fap, cds, ctam, bcrc, crcd, crrm = raw
        base = bcrc.strip() or self._company_currency.get(company, "")
        factor = self._factors[base]
        gross = ag * factor if type(ag) is int else amount(ag, factor)
        left = aap * factor if type(aap) is int else amount(aap, factor)
        if crrm != "F":
            return base, gross, left, base, gross, left, amount(stam, factor), amount(adsc, factor)
        currency = crcd.strip() or base
        abroad = self._factors[currency]
        total = acr * abroad if type(acr) is int else amount(acr, abroad)
        due = fap * abroad if type(fap) is int else amount(fap, abroad)
        return base, gross, left, currency, total, due, amount(ctam, abroad), amount(cds, abroad)

    def _mark(self, row: Row, status: str, marks: Raw) -> None:
        """Add what JDE says of disputes, blocks and reminders."""
        corc, dnlt, rmds, nbrr, rddj, rdsj = marks
        code = text(corc)
        row["disputed_amount"], row["dispute_reason"] = self._dispute(code or "", status, row)
        row["dunning_block"] = self._block(status, dnlt)
        row["dunning_level"] = whole({"RMDS": rmds, "NBRR": nbrr}.get(self._count) or 0) or None
        row["last_dunned_on"] = self._days[{"RDDJ": rddj, "RDSJ": rdsj}.get(self._reminded)]

    def _dispute(self, code: str, status: str, row: Row) -> tuple[Decimal | None, str | None]:
        """Return the disputed part and why: all of it by reason code, the taxes by pay status."""
        due, tax = row["open_amount"], row["tax_amount"]
        part, reason = due, self._disputed_reason.get(code)
        if reason is None:
            part, reason = (min(tax, due) if tax > 0 else due), self._disputed_status.get(status)
        return (part if part > 0 and reason is not None else None), reason

    def _class(self, post: str, status: str, instrument: str | None, *, kind_code: str) -> ItemClass:
        self._classes[post, status, instrument, kind_code] = found = class_of(
            self._codes, post, status, instrument, kind_code=kind_code
        )
        return found

    def _block(self, status: str, notice: str) -> str | None:
        block = self._blocks.get(status)
        if block is not None:
            return f"pay status {status}: {block}"
        return "no notices (RPDNLT N)" if self._notice_flag and notice == "N" else None

    def _unusual(self, status: str) -> dict[str, str]:
        self._extras[status] = found = {"pay_status": status}
        return found

    @staticmethod
    def _order(sdoc: Any, sdct: Any) -> str | None:
        number = whole(sdoc)
        return f"{text(sdct) or ''} {number}".strip() if number else None

    def _original(self, okco: str, odct: Any, odoc: Any, osfx: Any) -> str | None:
        number, kind = whole(odoc), text(odct)
        if not number or kind is None:
            return None
        return f"{okco.strip()}|{kind}|{number}|{text(osfx) or '001'}"


def key_of_item(kco: str, dct: str, doc: Any, sfx: str) -> str:
    """Return an item's key: numbering company, type, number and pay item, without blanks.

    Raises AttributeError where one of them is NULL.
    """
    return f"{kco.strip()}|{dct.strip()}|{whole(doc)}|{sfx.strip()}"


def class_of(codes: CodeLists, post: str, status: str, instrument: str | None, *, kind_code: str) -> ItemClass:
    """Return the class: not posted before all else, then pay status, instrument and type."""
    found = (
        codes.class_by_pay_status.get(status)
        or codes.class_by_instrument.get(instrument or "")
        or codes.class_by_document_type.get(kind_code, "normal")
    )
    return found if post in codes.posted else "unposted"
