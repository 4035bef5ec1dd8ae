"""One pod as the sources and the target see it: its resources, its business units and its clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from duehook.core.errors import ConnectorRefused
from duehook.core.hookspecs import UpperBound
from duehook.core.settings.connector import with_codes

from .client.answers import Row
from .client.profiles import Profiles
from .client.service import Asked, FusionService, open_service
from .fields import LISTS, PROFILE, fields_of
from .resources import Resource, activities, credit_memos, invoices, organizations, promises, receipts, where
from .settings import FusionSettings

ERP: Final = "Fusion"  # its name in messages
_ROLES: Final = "give the connection's user the Receivables duty roles and data access to the business units back"


class FusionSite:
    """What is asked of one pod, in words of receivables."""

    def __init__(self, settings: FusionSettings, name: str) -> None:
        """Take the connection's settings and its name. Raises ConfigError with all faults of its field mapping."""
        self.fields = fields_of(settings)
        found = with_codes(settings, self.fields, LISTS)
        if settings.read_by == "bicc":  # an extract tells no type: what REST gives beside it must not differ
            untyped = found.codes.model_copy(update={"kind_by_type": {}, "class_by_type": {}})
            found = found.model_copy(update={"codes": untyped})
        self.settings = found
        self.name = name
        self.currencies = settings.currencies
        self.invoices, self.credit_memos, self.receipts = invoices(), credit_memos(settings), receipts()
        self.organizations, self.promises, self.activities = organizations(), promises(), activities()

    @cached_property
    def service(self) -> FusionService:
        """Return the wire, opened on first use."""
        return open_service(self.settings, self.name)

    @cached_property
    def profiles(self) -> Profiles:
        """Return the service of customer profiles."""
        return Profiles(self.service, self.settings, self.fields.source_fields(PROFILE))

    @property
    def documents(self) -> tuple[Resource, ...]:
        """Return the resources that items are of, in the order in which they are read."""
        return self.invoices, self.credit_memos, self.receipts

    def bound(self) -> UpperBound:
        """Return the server's clock."""
        at = self.service.clock(self.organizations)
        return UpperBound({"at": at.isoformat()}, at)

    def history_from(self, bound: datetime) -> datetime:
        """Return when the history begins."""
        return bound - timedelta(days=self.settings.history_months * 365 // 12 + 1)

    def reads(self, unit: str | None) -> bool:
        """Say whether a business unit is read."""
        return unit in self.currencies

    def before(self, at: datetime) -> str:
        """Return the condition of what did not."""
        return where(self.settings.columns.changed, "<", at)

    def shows(self, resource: Resource, *conditions: str) -> bool:
        """Say whether any row is shown."""
        return bool(self.service.first(Asked(resource, conditions, [resource.id])))

    def shows_document(self, resource: Resource, number: str) -> bool:
        """Say whether a document is shown, by its number or its id."""
        return any(self.service.first(each) for each in self.service.asking_for(resource, number))

    def organization(self, party: str) -> Row | None:
        """Return the party of a customer with its addresses; None where there is none."""
        return self.service.only(Asked(self.organizations, [where("PartyNumber", "=", party)], expand=True))

    def expect_seen(self, resource: Resource, units: Iterable[str] = ()) -> None:
        """Raise ConnectorRefused where nothing of a resource is shown, or nothing of a business unit of it.

        Fusion answers a user without the duty role, or without data access, with nothing and no error.
        """
        if not self.shows(resource):
            self._refuse(resource.name)
        memo = self.settings.known_credit_memo
        if memo is not None and resource is self.invoices and not self.shows_document(self.credit_memos, memo):
            self._refuse(f"{self.credit_memos.name}, nor {memo} of it,")
        for unit in sorted(set(units)):
            if not any(self.shows(each, where("BusinessUnit", "=", unit)) for each in self.documents):
                self._refuse(f"business unit {unit}")

    @staticmethod
    def _refuse(what: str) -> None:
        told = f"Nothing of {what} is shown any more; nothing of it was taken as settled or gone."
        raise ConnectorRefused(told, fix=f"let the Fusion admin {_ROLES}.")

    def close(self) -> None:
        """Hang up."""
        if "service" in self.__dict__:
            self.service.close()
