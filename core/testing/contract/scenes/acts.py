"""What happens in an ERP, written down literally: documents and money with amounts that a reader sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from duehook.core.money import exponent
from duehook.core.records import ItemKind
from duehook.core.testing.book import Book, Customer, Item, Payment
from duehook.core.testing.book.documents import draw_renumbered, new_item
from duehook.core.testing.book.postings import Application, instant
from duehook.core.testing.contract.erp import SimulatedErp


def minor(amount: str, currency: str) -> int:
    """Return an amount in the currency's smallest units; ValueError for one that is finer."""
    found = Decimal(amount).scaleb(exponent(currency))
    if found != int(found):
        raise ValueError(f"{amount} {currency} is finer than the currency")
    return int(found)


def customer_of(book: Book, currency: str = "EUR") -> Customer:
    """Return the first healthy customer whose own currency this is, else the first healthy one."""
    well = [each for each in book.customers.values() if each.state == "active" and each.payer is None]
    return next((each for each in well if each.currency == currency), well[0])


def newcomer(book: Book) -> Customer:
    """Let a customer be made today that nobody has changed since, with an address of its own."""
    later(book)
    like = customer_of(book)
    key = str(max(map(int, book.customers)) + 1)
    general = replace(like.accounts[None], changed_at=book.at, hold=None, dunning_block=None)
    made = replace(
        like, key=key, name=f"Newcomer {key} GmbH", accounts={None: general}, changed_at=book.at, made_at=book.at,
        parent=None, group=None,
    )  # fmt: skip
    main = next(each for each in book.contacts.values() if each.customer == like.key and each.line == 0)
    mail = f"office@c{key}.example"
    own = replace(main, key=f"{key}-0", customer=key, name=made.name, email=mail, changed_at=book.at)
    return book.welcome(made, [own])


def company_of(erp: SimulatedErp, item: Item) -> str:
    """Return the company of an item under the ERP's own code, which need not be the book's."""
    number = str(item.document_no)
    return next(
        str(row["company"]) for row in erp.given("item")
        if row["customer"] == item.customer and str(row["document_no"]).endswith(number)
    )  # fmt: skip


def issue(
    book: Book,
    amount: str,
    currency: str = "EUR",
    *,
    kind: ItemKind = "invoice",
    customer: Customer | None = None,
    company: str | None = None,
    **more: Any,
) -> Item:
    """Issue a document today; `more` are fields of the item that shall differ."""
    whom = customer or customer_of(book, currency)
    later(book)
    made = new_item(
        book, whom, kind, minor=minor(amount, currency), day=book.day, term=book.terms["N30"],
        place=(company or whom.company, currency), instalment=more.pop("instalment", "001"),
        number=more.pop("number", None), item_class=more.pop("item_class", "normal"),
    )  # fmt: skip
    for name, value in more.items():
        setattr(made, name, value)
    return book.issue(made)


def renumber(book: Book, item: Item) -> Item:
    """Issue an invoice that carries another's number in the next fiscal year, as series that begin anew do."""
    later(book)
    twin = draw_renumbered(book, item, day=book.day)
    if twin is None:
        raise ValueError(f"{item.key} has no customer")
    twin.document_type, twin.fiscal_year = "RN", item.fiscal_year + 1
    twin.key = f"{twin.company}-{twin.fiscal_year}-RN-{twin.document_no}-{twin.instalment}"
    return book.issue(twin)


def pay(book: Book, item: Item, amount: str, **more: Any) -> Payment:
    """Let money come in for one item."""
    later(book)
    line = Application(item.key, minor(amount, item.currency))
    return book.receive([line], company=item.company, customer=item.customer, currency=item.currency, **more)


def later(book: Book, seconds: int = 1) -> None:
    """Let the ERP's clock go on; a book starts its day at six in the morning."""
    book.at = max(book.at, instant(book.day)) + timedelta(seconds=seconds)
