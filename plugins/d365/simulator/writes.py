"""What a client may write, by set, and when this site refuses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from duehook.core.testing.odata import ODataError, Row, Written

from .tables.attachments import Attachments
from .tables.disputes import refused
from .tables.site import Site


@dataclass(frozen=True)
class Writes:
    """Carries out the writes of clients; `keep` writes down what must survive a restart."""

    site: Site
    attachments: Attachments
    options: Mapping[str, Any]
    keep: Callable[[], None]

    def by_set(self) -> dict[str, Callable[[Written], Row]]:
        """Return what carries out a write, by the set that it goes to."""
        return {
            "CustomersV3": self._customer,
            "CustDisputes": self._dispute,
            "CustomerAttachmentsV2": self._attachment,
        }

    def _customer(self, written: Written) -> Row:
        if self.options["change_proposals"]:
            raise refused("The change must go through the customer change proposal workflow. Update has been canceled.")
        return self._kept(self.site.masters.write(written))

    def _dispute(self, written: Written) -> Row:
        if written.row is None and not self.options["dispute_post"]:
            raise refused("Creating records of the entity CustDispute is not allowed.")
        return self._kept(self.site.disputes.write(written, self.site.book.day, self._company))

    def _attachment(self, written: Written) -> Row:
        account, where = written.values.get("CustomerAccountNumber"), written.values.get("dataAreaId") or self._company
        if self.site.masters.row((str(where), str(account))) is None:
            raise ODataError(400, f"The value '{account}' in field 'Customer account' is not found in 'Customers'.")
        return self._kept(self.attachments.add(written, self._company))

    @property
    def _company(self) -> str:
        return str(self.options["default_company"])

    def _kept(self, row: Row) -> Row:
        self.keep()
        return row
