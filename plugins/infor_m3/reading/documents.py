"""What M3 tells of invoice numbers: GetInvTotInfo in bulk, and the transaction code where the sign leaves it open."""

from __future__ import annotations

from collections.abc import Sequence

from duehook.core.errors import BadRecord
from duehook.plugins.infor_m3 import entities, values
from duehook.plugins.infor_m3.entities import Transaction
from duehook.plugins.infor_m3.fields import with_more
from duehook.plugins.infor_m3.key import ItemKey
from duehook.plugins.infor_m3.mapping.items import Document, ItemMapping
from duehook.plugins.infor_m3.site import M3Site


class Documents:
    """Asks for documents by their keys."""

    def __init__(self, site: M3Site, invoice: Transaction = entities.INVOICE) -> None:
        """Take the site, and what is asked for by key."""
        self._site = site
        self._invoice = with_more(site.fields, invoice)
        self._kinds = ItemMapping(site.settings.codes)

    def of(self, keys: Sequence[ItemKey]) -> list[Document]:
        """Return the documents of keys in their order; one that M3 does not know has no row."""
        found = self._site.service.each(self._invoice, [key.asked for key in keys])
        return list(map(Document, keys, found))

    def told(self, keys: Sequence[ItemKey]) -> list[Document]:
        """Return them with the transaction code of those that are below zero: money, or a credit note."""
        found = self.of(keys)
        below = [place for place, each in enumerate(found) if self._is_open_which(each)]
        journals = [
            {"CONO": self._site.settings.company, "DIVI": found[place].key.division, **_record(found[place])}
            for place in below
        ]
        for place, row in zip(below, self._site.service.each(entities.RECORD, journals), strict=True):
            code = row["TRCD"].strip().lstrip("0") if row is not None else ""
            found[place] = found[place]._replace(code=code)
        return found

    def _is_open_which(self, document: Document) -> bool:
        row = document.row
        if row is None or "-" not in row.get("CUAM", "") or self._kinds.told(row) is not None:
            return False
        try:
            return all(document.journal) and values.amount(row, "CUAM") < 0
        except BadRecord:
            return False


def _record(document: Document) -> dict[str, str]:
    return dict(zip(("YEA4", "JRNO", "JSNO"), document.journal, strict=True))
