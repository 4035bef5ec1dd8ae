"""Which invoices a command is about: the one that it names, else all that its customer has open in the division."""

from __future__ import annotations

from duehook.core.connecting.writing import Refusal
from duehook.core.errors import BadRecord
from duehook.core.hookspecs import Command
from duehook.plugins.infor_m3 import entities, values
from duehook.plugins.infor_m3.client.answers import Rows
from duehook.plugins.infor_m3.client.listing import whole
from duehook.plugins.infor_m3.client.service import Asking
from duehook.plugins.infor_m3.key import ItemKey
from duehook.plugins.infor_m3.mapping.items import Document, journal_of
from duehook.plugins.infor_m3.reading.documents import Documents
from duehook.plugins.infor_m3.site import M3Site


class Invoices:
    """Finds the invoices of commands."""

    def __init__(self, site: M3Site) -> None:
        """Take the site."""
        self._site, self._documents = site, Documents(site, entities.INVOICE_STOP)

    def one(self, command: Command) -> Document:
        """Return the invoice that a command names; Refusal where it names none of its customer's."""
        key = ItemKey.read(command.company, command.item or "")
        if key is None:
            told = f"{command.item or 'no item'} names none"
            raise Refusal(f"M3 keeps a {command.kind[4:].replace('_', ' ')} by invoice, and {told}")
        found = self._documents.of([key])[0]
        if found.row is None or command.customer not in {key.customer, key.payer}:
            told = f"M3 has no invoice {key.number} of {key.year} of customer {command.customer} in {key.division}"
            raise Refusal(told)
        return found

    def all(self, command: Command) -> list[Document]:
        """Return the one that a command names, else all that the customer owes; Refusal where there is none."""
        if command.item:
            return [self.one(command)]
        owed = [each for each in self._documents.of(self._open(command)) if _is_owed(each)]
        if not owed:
            told = f"M3 has no open invoice of customer {command.customer} in division {command.company}"
            raise Refusal(told)
        return owed

    def _open(self, command: Command) -> list[ItemKey]:
        asked = {"FDIV": command.company, "TDIV": command.company, "CUNO": command.customer, "AAC0": "1"}

        def ask(most: int) -> Rows:
            return self._site.service.rows(entities.INVOICES, asked, Asking(most))

        rows = whole(ask, lambda row: "|".join(journal_of(row)), about=entities.INVOICES.title)
        return sorted({ItemKey.of(row) for row in rows if row["CUNO"].strip() == command.customer})


def record_of(document: Document, company: str) -> dict[str, str]:
    """Return the fields by which M3 finds the first record of an invoice."""
    year, number, sequence = document.journal
    if not year or not number or not sequence:
        raise Refusal(f"M3 tells no journal number of invoice {document.key.number}")
    return {"YEA4": year, "JRNO": number, "JSNO": sequence, "DIVI": company}


def _is_owed(document: Document) -> bool:
    try:
        return values.amount(document.row or {}, "OCUA") > 0
    except BadRecord:
        return False
