"""The account's own fields: of which kind each is, which says how it is asked for and written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, tzinfo
from decimal import Decimal
from typing import Any, Final
from xml.etree.ElementTree import Element

from duehook.core.errors import ConnectorRefused

from .client import answers
from .client.faults import NoRecord, expect_success
from .client.service import SoapService
from .search import midnight

BODY: Final = "transactionBodyCustomField"
ENTITY: Final = "entityCustomField"
_KINDS: Final = {
    "_checkBox": "Boolean", "_currency": "Double", "_date": "Date", "_datetime": "Date", "_decimalNumber": "Double",
    "_integerNumber": "Long", "_listRecord": "Select", "_percent": "Double",
}  # fmt: skip


class Customs:
    """Knows the account's own fields, each asked for once."""

    def __init__(self, soap: SoapService) -> None:
        """Take the account."""
        self._soap = soap
        self._known: dict[str, str] = {}

    def kind(self, name: str) -> str:
        """Return of which kind a field is: String, Double, Long, Date, Boolean or Select."""
        return self.columns([name])[name]

    def columns(self, names: Iterable[str], where: str = BODY) -> dict[str, str]:
        """Return the kinds of several own fields of transactions, or of others, by their names, asked for at once."""
        asked = [name for name in dict.fromkeys(names) if name not in self._known]
        if asked:
            references = [(where, {"type": "CustomizationRef", "scriptId": name}) for name in asked]
            for name, answer in zip(asked, self._soap.get_list(references), strict=True):
                self._known[name] = _KINDS.get(answers.said(_record(name, answer), "fieldType"), "String")
        return {name: self._known[name] for name in names}

    def written(self, name: str, value: Any, zone: tzinfo) -> Any:
        """Return a field with the value that shall stand there."""
        kind = self.kind(name)
        return self._soap.schema.make(f"{kind}CustomFieldRef", scriptId=name, value=_value(kind, value, zone))


def _record(name: str, answer: Element) -> Element | None:
    try:
        expect_success(answer, f"field {name}", reads=True)
    except NoRecord as error:
        fix = "correct the name, or let the NetSuite admin show the field to the role."
        raise ConnectorRefused(f"{name} is no field that the role sees: {error.message}", fix=fix) from error
    return answers.child(answer, "record")


def _value(kind: str, value: Any, zone: tzinfo) -> Any:
    if isinstance(value, dict):
        return {"internalId": str(value["id"])}
    if kind == "Date":
        return midnight(date.fromisoformat(str(value)[:10]), zone)
    if kind == "Double":
        return Decimal(str(value))
    return str(value)
