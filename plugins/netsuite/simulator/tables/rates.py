"""Exchange rates by day: what one unit of a currency is worth in a base currency."""

from __future__ import annotations

from datetime import tzinfo

from duehook.core.testing.book import Book

from .codes import CURRENCIES
from .database import Database
from .schema import RATES
from .values import day, moment


def add_rates(database: Database, book: Book, zone: tzinfo) -> None:
    """Put the book's rates into their table, where the account has it; those that are there stay as they are."""
    if RATES not in database.schema.tables:
        return
    each_once = {rate.key: rate for rate in book.exchange_rates}
    database.put(RATES, (
        {"id": number, "basecurrency": CURRENCIES[rate.to_currency][0], "effectivedate": day(rate.valid_on),
         "transactioncurrency": CURRENCIES[rate.from_currency][0], "exchangerate": float(rate.rate),
         "lastmodifieddate": moment(rate.changed_at, zone)}
        for number, rate in enumerate(each_once.values(), 1)
    ))  # fmt: skip
