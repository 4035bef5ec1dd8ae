"""Promises and disputes: values in columns of an item, set by a call that the site names.

What shall stand there is compared with what stands: the same is "already". The item is looked up as it is
read, so that both speak of the same columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from duehook.core.connecting.writing import read_back
from duehook.core.errors import BadRecord, ConnectorError, ConnectorRefused
from duehook.core.hookspecs import Applied, Command, Lookup, Row
from duehook.core.money import STEPS
from duehook.plugins.jde.ais import AisClient
from duehook.plugins.jde.sources import JdeInvoices
from duehook.plugins.jde.user_fields import DISPUTE, PROMISE

from .calls import Values, carry_out
from .mark import OURS, mark_of
from .settings import DISPUTE_INPUTS, PROMISE_INPUTS, DisputeSettings, PromiseSettings

_NAMES: Final = {"set_promise": PROMISE, "set_dispute": DISPUTE}


@dataclass(frozen=True)
class Wish:
    """What shall stand in an item's columns, by part (`on`, `code`, `amount`, `mark`), and what stands there.

    Parts that the site has no column for are handed over all the same, and not compared.
    """

    values: Mapping[str, date | Decimal | str]
    held: Mapping[str, str | None]

    @property
    def is_there(self) -> bool:
        """Say whether all of it stands there."""
        return all(_is(self.values[part], held) for part, held in self.held.items())

    def value(self, lead: str) -> str | None:
        """Return what stands in the column that says whether there is any."""
        return self.held.get(lead)


class UserFieldWriter:
    """Writes promises, or disputes, of items."""

    def __init__(self, ais: AisClient, invoices: JdeInvoices, fields: PromiseSettings | DisputeSettings) -> None:
        """Take the AIS server, the items as they are read, and the columns with the call that sets them."""
        self._ais, self._invoices, self._fields = ais, invoices, fields
        self._is_promise = isinstance(fields, PromiseSettings)
        self._lead = "on" if self._is_promise else "code"
        self._what = "promise" if self._is_promise else "dispute"

    def preview(self, command: Command) -> str:
        """Say which columns would change from what to what."""
        wish = self._wish(command)
        changes = ", ".join(
            f"{getattr(self._fields, part)} from {held or 'nothing'} to {_as_text(wish.values[part])}"
            for part, held in wish.held.items()
        )
        return f"set the {self._what} of item {command.item} of customer {command.customer} in JDE: {changes}"

    def apply(self, command: Command) -> Applied:
        """Set the columns unless somebody else's stand there."""
        wish = self._wish(command)
        previous = wish.value(self._lead)
        if wish.is_there:
            return Applied("already", f"the {self._what} was there", previous=previous)
        if self._is_anothers(wish):
            return Applied("refused", f"another {self._what} is there: {previous}", previous=previous)
        names = PROMISE_INPUTS if self._is_promise else DISPUTE_INPUTS
        answer = carry_out(self._ais, self._fields, names, self._values(command, wish))
        if not answer.ok and not self._is_there(command):
            return Applied("refused", f"JDE did not take the {self._what} ({answer.told})", previous=previous)
        return read_back(lambda: self._wish(command).is_there, "AIS", previous=previous, reference=answer.reference)

    def _is_there(self, command: Command) -> bool:
        try:
            return self._wish(command).is_there
        except ConnectorError:
            return False  # JDE has said that it did not take it

    def verify(self, command: Command) -> Applied:
        """Look whether the columns hold it."""
        wish = self._wish(command)
        if wish.is_there:
            return Applied("done", f"the {self._what} is there")
        return Applied("refused", f"the {self._what} is not there", previous=wish.value(self._lead))

    def _is_anothers(self, wish: Wish) -> bool:
        """Say whether what stands there must stay: it bears no mark of ours, or is another code than ours.

        Where the site has no column for the mark, the last promise stands, for nobody can tell whose it is.
        """
        there = wish.value(self._lead)
        if there is None:
            return False
        if self._fields.mark is not None:
            return not (wish.held["mark"] or "").startswith(OURS)
        return not self._is_promise and there != wish.values["code"]

    def _wish(self, command: Command) -> Wish:
        row = self._item(command)
        extra, names = row["extra"] or {}, _NAMES[command.kind]
        held = {part: extra.get(name) for part, name in names.items() if getattr(self._fields, part)}
        lead: date | str = _day(command) if self._is_promise else self._code(command)
        amount = _amount(command, row["currency"])
        return Wish({self._lead: lead, "amount": amount, "mark": mark_of(command)}, held)

    def _item(self, command: Command) -> Row:
        if command.item is None:
            told = f"The command names no item, and JDE keeps a {self._what} by item."
            raise ConnectorRefused(told, fix="name the item that it is about.")
        found: Lookup = self._invoices.lookup("item", [(command.company, command.item)])
        if found.bad:
            raise ConnectorRefused(f"Item {command.item} cannot be read: {found.bad[0].reason}")
        row = next(iter(found.found), None)
        if row is None or command.customer not in {row["customer"], row["payer"]}:
            raise ConnectorRefused(
                f"JDE has no item {command.item} of customer {command.customer} in company {command.company}."
            )
        return row

    def _values(self, command: Command, wish: Wish) -> Values:
        assert command.item is not None
        company, kind, number, line = command.item.split("|")
        told = " ".join(str(command.body.get("text") or "").split())
        return {
            "company": company, "type": kind, "number": number, "line": line, "customer": command.customer,
            "text": told, "expected": wish.value(self._lead) or "", **wish.values,
        }  # fmt: skip

    def _code(self, command: Command) -> str:
        assert isinstance(self._fields, DisputeSettings)
        reason = str(command.body.get("reason") or "")
        code = self._fields.codes.get(reason)
        if code is None:
            fix = f"name one in `dispute.codes: {{{reason}: …}}`."
            raise ConnectorRefused(f"No dispute code of JDE stands for {reason!r}.", fix=fix)
        return code


def _day(command: Command) -> date:
    try:
        return date.fromisoformat(str(command.body.get("on")))
    except ValueError:
        raise ConnectorRefused(f"{command.body.get('on')!r} is no day.") from None


def _amount(command: Command, currency: str) -> Decimal:
    """Return the amount as the item's currency writes it; a finer one could not be found again."""
    try:
        found, step = Decimal(str(command.body.get("amount"))), STEPS[currency]
        if found % step:
            raise BadRecord
        return found.quantize(step)
    except (InvalidOperation, BadRecord):
        raise ConnectorRefused(f"{command.body.get('amount')!r} is no amount in {currency}.") from None


def _is(wanted: date | Decimal | str, held: str | None) -> bool:
    return Decimal(held or 0) == wanted if isinstance(wanted, Decimal) else held == _as_text(wanted)


def _as_text(value: date | Decimal | str) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
