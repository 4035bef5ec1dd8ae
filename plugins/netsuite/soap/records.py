"""Records as the writers know them from the record API, looked at, changed and made by SuiteTalk."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Final

from . import words
from .client import answers
from .client.faults import NoRecord
from .client.service import SoapService
from .custom import BODY, Customs

Row = dict[str, Any]
# A record's name in references and as a type, by its name in the record API.
_KINDS: Final = {
    "customer": ("customer", "Customer"), "invoice": ("invoice", "Invoice"), "creditmemo": ("creditMemo", "CreditMemo"),
    "customerpayment": ("customerPayment", "CustomerPayment"),
    "customerdeposit": ("customerDeposit", "CustomerDeposit"), "note": ("note", "Note"),
    "phonecall": ("phoneCall", "PhoneCall"), "contact": ("contact", "Contact"),
}  # fmt: skip
HOLD: Final = "creditHoldOverride"
EXTERNAL: Final = "eid:"
_COMPLETED: Final = "_completed"
_NOWHERE: Final = "0"  # an id that no record has


class Records:
    """Looks at records, changes and makes them, each once."""

    def __init__(self, soap: SoapService, customs: Customs, zone: tzinfo) -> None:
        """Take the account, its own fields and its time zone."""
        self._soap, self._customs, self._zone = soap, customs, zone

    def record(self, kind: str, key: str) -> Row | None:
        """Return a record; None when NetSuite says that there is none."""
        named = {"externalId": key.removeprefix(EXTERNAL)} if key.startswith(EXTERNAL) else {"internalId": key}
        try:
            found = answers.record(answers.child(self._soap.get(_KINDS[kind][0], **named), "record"))
        except NoRecord:
            return None
        if found is not None and HOLD in found:
            found[HOLD] = {"id": words.hold_of(found[HOLD])}
        if found is not None:
            found |= {name: held[:10] for name, held in found.items() if self._is_day(name, held)}
        return found

    def patch(self, kind: str, key: str, values: Mapping[str, Any]) -> None:
        """Change fields of a record, once. Stale when another was quicker, ReplyLost when nobody knows."""
        hold = values.get(HOLD)
        fields: Row = {HOLD: words.word_of(str(hold["id"]))} if hold else {}
        own = [self._customs.written(name, value, self._zone) for name, value in values.items() if name != HOLD]
        if own:
            fields["customFieldList"] = {"customField": own}
        make = self._soap.schema.make
        self._soap.write("update", lambda: make(_KINDS[kind][1], internalId=key, **fields))

    def put(self, kind: str, external: str, values: Mapping[str, Any]) -> None:
        """Make the record of an external id, or make it so, once."""
        fields = {name: _sent(name, value) for name, value in values.items()}
        make = self._soap.schema.make
        self._soap.write("upsert", lambda: make(_KINDS[kind][1], externalId=external, **fields))

    def fields(self, kind: str) -> Mapping[str, Any]:
        """Return what the role sees of a type of record, its own fields too; ConnectorRefused where it sees none."""
        with contextlib.suppress(NoRecord):
            self._soap.get(_KINDS[kind][0], internalId=_NOWHERE)
        if kind == "customer":
            return {HOLD: {}}
        if kind in {"note", "phonecall", "contact"}:
            return {}
        asked = self._soap.ask("getCustomizationId", lambda: [
            self._soap.schema.make("CustomizationType", getCustomizationType=BODY), False])  # fmt: skip
        listed = answers.children(answers.child(asked, "customizationRefList"), "customizationRef")
        return {str(each.get("scriptId")): {} for each in listed}

    def _is_day(self, name: str, held: Any) -> bool:
        return name.startswith("cust") and isinstance(held, str) and self._customs.kind(name) == "Date"


def _sent(name: str, value: Any) -> Any:
    """Return a value as SuiteTalk takes it that the record API takes as it is given."""
    if name == "status":
        return _COMPLETED
    if isinstance(value, Mapping):
        return {"internalId": str(value["id"])}
    return value
