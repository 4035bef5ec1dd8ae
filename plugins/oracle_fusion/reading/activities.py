"""Instalments of credit memos where a release has no child for them: of what stands on the customer's account."""

from __future__ import annotations

from typing import Final

from duehook.plugins.oracle_fusion import values
from duehook.plugins.oracle_fusion.client.answers import Row, nested
from duehook.plugins.oracle_fusion.client.service import Asked
from duehook.plugins.oracle_fusion.resources import where
from duehook.plugins.oracle_fusion.site import FusionSite

_PARTS: Final = {
    "InstallmentId": "InstallmentId", "InstallmentSequenceNumber": "InstallmentNumber",
    "InstallmentDueDate": "PaymentScheduleDueDate", "OriginalAmount": "TotalOriginalAmount",
    "InstallmentBalanceDue": "TotalBalanceAmount",
}  # fmt: skip


class Activities:
    """Reads the payment schedules of accounts; those of one that was read just now are kept until `forget`."""

    def __init__(self, site: FusionSite) -> None:
        """Take the site."""
        self._site = site
        self._by_account: dict[str, dict[str, list[Row]]] = {}

    def forget(self) -> None:
        """Let the next question be asked anew."""
        self._by_account.clear()

    def of(self, row: Row) -> list[Row]:
        """Return the instalments of a document, named as the child of invoices names them."""
        account = values.text(row, "BillToCustomerNumber")
        if account is None:
            return []
        if account not in self._by_account:
            self._by_account[account] = self._read(account)
        return self._by_account[account].get(str(row.get("CustomerTransactionId")), [])

    def _read(self, account: str) -> dict[str, list[Row]]:
        resource, found = self._site.activities, dict[str, list[Row]]()
        row = self._site.service.only(Asked(resource, [where(resource.account, "=", account)], expand=True))
        if row is None or resource.child is None:
            return {}
        schedules = nested(row, resource.child)
        rows = schedules.rows
        if schedules.is_cut:
            rows = self._site.service.child(resource, str(row[resource.id]), resource.child, order="InstallmentId")
        for each in rows:
            part = {name: each.get(theirs) for name, theirs in _PARTS.items()}
            found.setdefault(str(each.get("TransactionId")), []).append(part)
        return found
