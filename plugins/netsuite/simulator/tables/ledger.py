"""The account's transactions and what was applied to what, kept true as the book moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, Final

from duehook.core.testing.book import Allocation, Book, Change, Item

from .codes import CREDIT, PAYMENT
from .database import Database
from .documents import Posted, Row, document, payment, reduction, units
from .names import document_id, document_name, found_item, found_payment, payment_name, reduction_name, transaction_type
from .schema import INSTALMENTS
from .values import day, moment

_NO_DAY: Final = date(18, 3, 2)  # a year typed with two digits
_OF_TRANSACTION: Final = ("transactionline", "transactionaccountingline")


class Ledger:
    """The transactions of a book in a database.

    A bill's stamp moves when its own content does, when its status changes and when an application is taken back;
    money that is applied to it in part leaves the stamp as it was. `kept` are cells that were written over the
    record API, by transaction id, with the time (`lastmodifieddate`) of the writing.
    """

    def __init__(self, database: Database, book: Book, zone: tzinfo, kept: Mapping[str, Mapping[str, Any]]) -> None:
        """Make the rows of everything that the book holds or has held."""
        self._database, self._book, self._zone, self._kept = database, book, zone, kept
        self._grouped = INSTALMENTS in database.schema.tables
        self._items: dict[str, list[str]] = {}
        self._reductions: dict[str, Allocation] = {}
        self._rests: dict[str, Item] = {}
        self._links: dict[str, dict[str, int]] = {}
        self._spoiled: set[str] = set()
        self.hidden: set[int] = set()
        self._ids: dict[str, int] = {}
        self._known: dict[str, tuple[datetime, datetime, tuple[Any, ...], int]] = {}
        for item in (*book.purged_items.values(), *book.items.values()):
            self._place(item)
        for made in (*book.purged_allocations.values(), *book.allocations.values()):
            self._apply(made)
        payments = (payment_name(each.key) for each in (*book.purged_payments.values(), *book.payments.values())
                    if each.amount_minor)  # fmt: skip
        self._write(dict.fromkeys([*self._items, *payments, *self._reductions]), new=True)

    def carry(self, changes: Sequence[Change]) -> None:
        """Make the rows anew that these changes touched."""
        touched: dict[str, None] = {}
        for change in changes:
            if change.act == "purged":
                continue
            if change.stream == "item":
                touched |= dict.fromkeys(self._touched_by_item(change))
            elif change.stream == "payment" and found_payment(self._book, change.key).amount_minor:
                touched[payment_name(change.key)] = None
            elif change.stream == "allocation":
                touched |= dict.fromkeys(self._apply(self._allocation(change.key)))
        self._write(touched)

    def id_of(self, item: str) -> int:
        """Return the internal id of the transaction that an item of the book stands in."""
        return self._ids[self._name_of(found_item(self._book, item))]

    def spoil(self, item: str) -> None:
        """Let the date of an item's transaction be none that there is."""
        self._spoil(self._name_of(found_item(self._book, item)))

    def spoil_payment(self, key: str) -> None:
        """Let the date of a payment be none that there is."""
        self._spoil(payment_name(key))

    def hide(self, item: str) -> int:
        """Let a restriction of the role hide an item's transaction; return its internal id."""
        key = self.id_of(item)
        self.hidden.add(key)
        self._drop([key])
        return key

    def refresh(self, key: int) -> None:
        """Write a transaction anew after something was written over the record API."""
        self._write([name for name, known in self._ids.items() if known == key])

    def _spoil(self, name: str) -> None:
        self._spoiled.add(name)
        self._write([name])

    def _name_of(self, item: Item) -> str:
        return document_name(item, grouped=self._grouped)

    def _place(self, item: Item) -> str:
        name = self._name_of(item)
        if item.kind == "on_account" and item.from_payment:
            self._rests[name] = item
            return name
        keys = self._items.setdefault(name, [])
        if item.key not in keys:
            keys.append(item.key)
            keys.sort()
        return name

    def _touched_by_item(self, change: Change) -> list[str]:
        item = self._book.items.get(change.key) or self._book.purged_items.get(change.key)
        if item:
            return [self._place(item)]
        gone = [name for name, keys in self._items.items() if keys == [change.key]]
        for name in gone:
            self._delete(name, change.at)
        return []

    def _delete(self, name: str, at: datetime) -> None:
        """Delete a document, as may be done to one that is not posted; what is left is its name in DeletedRecord."""
        del self._items[name]
        key = self._ids.pop(name, None)
        head = self._database.row("transaction", key) if key is not None else None
        if key is None or head is None:
            return
        self._drop([key])
        self._database.put("deletedrecord", [
            {"type": "invoice", "recordid": key, "name": f"Invoice #{head['tranid']}", "deletedby": "Controller",
             "deleteddate": moment(at, self._zone), "context": "UI"}
        ])  # fmt: skip

    def _allocation(self, key: str) -> Allocation:
        return self._book.allocations.get(key) or self._book.purged_allocations[key]

    def _apply(self, made: Allocation) -> list[str]:
        """Link what was settled to what settled it; return the names of both."""
        paid, own = found_payment(self._book, made.payment or ""), self._name_of(found_item(self._book, made.item))
        if made.reversal_of:
            return self._unlink(self._allocation(made.reversal_of), own)
        if not paid.amount_minor:
            if made.amount_minor < 0:
                return [own]
            other = next(self._allocation(key) for key in paid.allocations if key != made.key)
            name = self._name_of(found_item(self._book, other.item))
        elif made.kind == "cash":
            name = payment_name(paid.key)
        else:
            name = reduction_name(made.key)
            self._reductions[name] = made
        links = self._links.setdefault(name, {})
        links[own] = links.get(own, 0) + made.amount_minor
        return [name, own]

    def _unlink(self, made: Allocation, own: str) -> list[str]:
        name = payment_name(made.payment or "") if made.kind == "cash" else reduction_name(made.key)
        self._links.get(name, {}).pop(own, None)
        return [name, own]

    def _write(self, names: Iterable[str], *, new: bool = False) -> None:
        made = {name: posted for name in names if (posted := self._made(name))}
        for name, posted in made.items():
            self._ids[name] = posted.id
            self._stamp(name, posted)
        if not new:
            self._drop([posted.id for posted in made.values()])
        made = {name: posted for name, posted in made.items() if posted.id not in self.hidden}
        database = self._database
        database.put("transaction", (posted.head for posted in made.values()))
        database.put("transactionline", (row for posted in made.values() for row in posted.lines), _LINE)
        database.put("transactionaccountingline", (row for posted in made.values() for row in posted.booked), _BOOKED)
        if self._grouped:
            database.put(INSTALMENTS, (row for posted in made.values() for row in posted.instalments))
        database.put("nexttransactionlinelink", (row for name in made for row in self._link_rows(name)))

    def _drop(self, keys: Sequence[int]) -> None:
        self._database.drop("transaction", "id", keys)
        for table in (*_OF_TRANSACTION, *([INSTALMENTS] if self._grouped else [])):
            self._database.drop(table, "transaction", keys)
        self._database.drop("nexttransactionlinelink", "nextdoc", keys)

    def _made(self, name: str) -> Posted | None:
        sort, _, key = name.partition("|")
        if sort == "payment":
            paid = found_payment(self._book, key)
            return payment(paid, self._rests.get(name), self._book, voided_on=self._voided_on(key))
        if sort == "reduction":
            made = self._reductions[name]
            paid = found_payment(self._book, made.payment or "")
            customer = found_item(self._book, made.item).customer
            return reduction(made, paid, self._book, customer=customer, voided_on=self._voided_on(paid.key))
        items = [found_item(self._book, each) for each in self._items.get(name, ())]
        return document(items, self._book, grouped=self._grouped) if items else None

    def _voided_on(self, payment: str) -> date | None:
        """Return the day on which a payment was voided, as the account's own zone counts days."""
        paid = found_payment(self._book, payment)
        return paid.changed_at.astimezone(self._zone).date() if paid.reversed_on else None

    def _stamp(self, name: str, posted: Posted) -> None:
        """Give the rows their stamps and what was written over the record API; a spoilt one has no date."""
        known = self._known.get(name)
        made_at, changed_at = (known[0], known[1]) if known else (posted.changed_at, posted.changed_at)
        if known and (known[2] != posted.content or posted.applied < known[3]):
            changed_at = posted.changed_at
        self._known[name] = (made_at, changed_at, posted.content, posted.applied)
        written = dict(self._kept.get(str(posted.id), ()))
        stamp = moment(changed_at, self._zone) or ""
        posted.head |= {"createddate": moment(made_at, self._zone), **written,
                        "lastmodifieddate": max(stamp, written.get("lastmodifieddate") or "")}  # fmt: skip
        if name in self._spoiled:
            posted.head["trandate"] = day(_NO_DAY)

    def _link_rows(self, name: str) -> Iterator[Row]:
        for own, minor in self._links.get(name, {}).items():
            item = found_item(self._book, self._items[own][0])
            yield {
                "previousdoc": document_id(item, grouped=self._grouped), "previousline": 0,
                "previoustype": transaction_type(item), "nextdoc": self._ids[name], "nextline": 0,
                "nexttype": self._type_of(name), "linktype": "Payment",
                "foreignamount": minor / units(item.currency),
            }  # fmt: skip

    def _type_of(self, name: str) -> str:
        if name.startswith("document|"):
            return transaction_type(found_item(self._book, self._items[name][0]))
        return PAYMENT if name.startswith("payment|") else CREDIT


_BOOKED: Final = (
    "transaction", "transactionline", "accountingbook", "account", "amount", "amountpaid", "amountunpaid",
    "paymentamountused", "paymentamountunused", "debit", "credit", "posting", "exchangerate", "netamount",
)  # fmt: skip
_LINE: Final = (
    "id", "transaction", "uniquekey", "linesequencenumber", "mainline", "taxline", "entity", "subsidiary",
    "expenseaccount", "foreignamount", "foreignamountpaid", "foreignamountunpaid", "foreignpaymentamountunused",
    "foreignpaymentamountused", "netamount", "debitforeignamount", "creditforeignamount", "memo",
)  # fmt: skip
