"""The instalment that a command is about, with its invoice, as Fusion has them now."""

from __future__ import annotations

from dataclasses import dataclass

from duehook.core.connecting.writing import Refusal
from duehook.core.hookspecs import Command
from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.mapping.items import Document, key_of
from duehook.plugins.oracle_fusion.reading.documents import Documents
from duehook.plugins.oracle_fusion.site import FusionSite
from duehook.plugins.oracle_fusion.values import Source


@dataclass(frozen=True)
class Instalment:
    """An instalment of an invoice."""

    document: Document
    part: Source

    @property
    def transaction(self) -> str:
        """Return the id of its invoice."""
        return values.number_of(self.document.row, "CustomerTransactionId")


class Invoices:
    """Finds what commands are about."""

    def __init__(self, site: FusionSite) -> None:
        """Take the site."""
        self._site, self._documents = site, Documents(site)

    def of(self, command: Command) -> Instalment:
        """Return the instalment of a command; Refusal where it is none of an invoice of that customer."""
        kind = command.kind[4:]
        key = command.item or ""
        found = self._documents.of([key]).get(key)
        if found is None:
            self._site.expect_seen(self._site.invoices)
            raise Refusal(f"Fusion has no instalment {key or 'that is named'} for a {kind}")
        row = found.document.row
        if found.resource is not self._site.invoices:
            raise Refusal(f"{values.text(row, 'TransactionNumber')} is a credit memo, which takes no {kind}")
        told = values.text(row, "BillToCustomerNumber"), values.text(row, "BusinessUnit")
        if told != (command.customer, command.company):
            raise Refusal(f"instalment {key} is no invoice of customer {command.customer} in {command.company}")
        return Instalment(found.document, next(part for part in found.document.parts if key_of(part) == key))
