"""What a client may write, by set, and when Business Central refuses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from duehook.core.testing.odata import ODataError, Row, Written

from .tables.codes import BLOCKED, DISPUTE_CODES, NONE_ON, encoded
from .tables.comments import CUSTOMER
from .tables.site import Site

OF_CUSTOMER: Final = ("blocked", "creditLimit", "salespersonCode", "email", "phoneNumber")
OF_ENTRY: Final = ("On_Hold", "Due_Date", "Promised_Pay_Date", "Dispute_Status")
_LONGEST: Final = {"On_Hold": 3, "Dispute_Status": 10}


@dataclass(frozen=True)
class Writes:
    """Carries out the writes of clients in one company; `keep` writes down what must survive a restart."""

    site: Site
    company: str
    clock: Callable[[], datetime]
    keep: Callable[[], None]

    def customer(self, written: Written) -> Row:
        """Change a customer."""
        assert written.row is not None
        _editable(written.values, OF_CUSTOMER)
        values = {name: _held(value) for name, value in written.values.items()}
        if values.get("blocked", BLOCKED[0]) not in BLOCKED:
            raise _no_option(values["blocked"])
        pair = self.company, str(written.row.get("number"))
        return self._kept(self.site.masters.say(pair, values, self.clock()))

    def entry(self, written: Written) -> Row:
        """Change what page 25 lets its users change."""
        _editable(written.values, OF_ENTRY)
        values: dict[str, Any] = {}
        for name, value in written.values.items():
            values[name] = NONE_ON if value is None else value
            if len(str(value)) > _LONGEST.get(name, 99):
                said = f"The length of the string is {len(str(value))}, but it must be less than or equal to "
                raise ODataError(400, f"{said}{_LONGEST[name]} characters. Value: {value}",
                                 code="Application_StringExceededLength")  # fmt: skip
        self._related("Dispute Status", "Cust. Ledger Entry", values.get("Dispute_Status"), DISPUTE_CODES)
        name = self.site.ledger.name_at((self.company, int(written.key[0])))
        self.site.documents.touch()
        return self._kept(self.site.ledger.say(name, values, self.clock()))

    def comment(self, written: Written) -> Row:
        """Add a comment line."""
        if written.values.get("Table_Name") == CUSTOMER:
            number = str(written.values.get("No") or "")
            known = [number] if self.site.masters.row((self.company, number)) else []
            self._related("Customer", "Comment Line", number, known, field="No.")
        return self._kept(self.site.comments.add(written, self.company, on=self.clock().date()))

    @staticmethod
    def _related(table: str, of: str, value: Any, known: Any, *, field: str = "") -> None:
        """Refuse a code that another table does not know."""
        if value and value not in known:
            said = f"The field {field or table} of table {of} contains a value ({value}) that cannot be found in the "
            raise ODataError(400, f"{said}related table ({table}).", code="Internal_InvalidTableRelation")

    def _kept(self, row: Row) -> Row:
        self.keep()
        return row


def _editable(values: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in values:
        if name not in known:
            raise ODataError(400, f"Control '{name}' is read-only.", code="BadRequest_InvalidOperation")


def _held(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int | Decimal) else value


def _no_option(value: Any) -> ODataError:
    said = f'The value "{encoded(str(value))}" cannot be evaluated into type Option.'
    return ODataError(400, said, code="Application_EvaluateException")
