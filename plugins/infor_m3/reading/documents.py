"""What M3 tells of invoice numbers: GetInvTotInfo in bulk, and the transaction code where the sign leaves it open."""

from __future__ import annotations

from collections.abc import Sequence

from duehook.core.errors import BadRecord, ConnectorRefused
from duehook.plugins.infor_m3 import entities, values
from duehook.plugins.infor_m3.client.answers import Absent, Nok
from duehook.plugins.infor_m3.entities import Transaction
from duehook.plugins.infor_m3.fields import with_more
from duehook.plugins.infor_m3.key import ItemKey
from duehook.plugins.infor_m3.mapping.items import Document, ItemMapping
from duehook.plugins.infor_m3.site import M3Site


class Documents:
    """Asks for documents by their keys. `without_discounts` is why M3 tells no cash discounts, once it refused that."""

    def __init__(self, site: M3Site, invoice: Transaction = entities.INVOICE) -> None:
        """Take the site, and what is asked for by key."""
        self._site = site
        self._invoice = with_more(site.fields, invoice)
        self._kinds = ItemMapping(site.settings.codes)
        self.without_discounts: ConnectorRefused | None = None

    def of(self, keys: Sequence[ItemKey]) -> list[Document]:
        """Return the documents of keys in their order; one that M3 does not know has no row."""
        found = self._site.service.each(self._invoice, [key.asked for key in keys])
        return list(map(Document, keys, found))

    def told(self, keys: Sequence[ItemKey]) -> list[Document]:
        """Return them with their cash discounts; with the transaction code of those below zero: money, or a credit."""
        return self._with_discounts(self._with_codes(self.of(keys)))

    def _with_codes(self, found: list[Document]) -> list[Document]:
        below = [place for place, each in enumerate(found) if self._is_open_which(each)]
        journals = [self._record(found[place]) for place in below]
        for place, row in zip(below, self._site.service.each(entities.RECORD, journals), strict=True):
            code = row["TRCD"].strip().lstrip("0") if row is not None else ""
            found[place] = found[place]._replace(code=code)
        return found

    def _with_discounts(self, found: list[Document]) -> list[Document]:
        """Ask for the cash discounts of those that have a term of one; items do without where M3 does not let us."""
        if not self._site.settings.cash_discounts or self.without_discounts is not None:
            return found
        offered = [at for at, each in enumerate(found) if values.text(each.row or {}, "TECD") and all(each.journal)]
        asked = [self._record(found[at]) for at in offered]
        try:
            told = self._site.service.each(entities.CASH_DISCOUNT, asked, spares=True)
        except (Nok, Absent) as refused:
            self.without_discounts = refused
            return found
        for at, row in zip(offered, told, strict=True):
            found[at] = found[at]._replace(discount=row)
        return found

    def _record(self, document: Document) -> dict[str, str]:
        named = dict(zip(("YEA4", "JRNO", "JSNO"), document.journal, strict=True))
        return {"CONO": self._site.settings.company, "DIVI": document.key.division, **named}

    def _is_open_which(self, document: Document) -> bool:
        row = document.row
        if row is None or "-" not in row.get("CUAM", "") or self._kinds.told(row) is not None:
            return False
        try:
            return all(document.journal) and values.amount(row, "CUAM") < 0
        except BadRecord:
            return False
