"""What `check` tries on an M3: the sign-in, each transaction by name, the divisions, EXPORTMI, M3's own reminders."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from duehook.core.errors import BadRecord, ConnectorError
from duehook.core.hookspecs import CommandKind, Finding

from . import entities, mails, stops, values
from .client.answers import Nok, Rows
from .client.service import Asking
from .entities import Transaction
from .key import ItemKey
from .reading.documents import Documents
from .site import M3Site

RIGHT: Final = "let the M3 admin give the user the right to {0}, in this company and its divisions."
OWN_REMINDERS: Final = timedelta(days=30)
SOME: Final = 50
NOBODY: Final = "000"
WRITTEN: Final[Mapping[CommandKind, tuple[Transaction, ...]]] = {
    "set_credit_hold": (entities.CHANGE_FINANCIAL,),
    "set_dunning_block": (entities.STOP_REMINDERS,),
    "set_dunning_level": (entities.UPDATE_INVOICE,),
    "set_promise": (entities.ADD_EXTENSION, entities.CHANGE_EXTENSION, entities.CHANGE_MORE),
    "set_dispute": (entities.ADD_INFORMATION,),
}


def customers(site: M3Site) -> Iterator[Finding]:
    """Try the sign-in, the customers, terms and rates, and the divisions with their currencies."""
    for probe in (_sign_in, _clock):
        needed = probe(site)
        yield needed
        if not needed.ok:
            return
    company = {"CONO": site.settings.company}
    found, first = _first(site, entities.CUSTOMERS, company)
    yield found
    someone = first[0]["CUNO"] if first else NOBODY
    financial = _readable(site, entities.FINANCIAL, {**company, "CUNO": someone})
    yield financial
    if first and financial.ok:
        yield from _guarded("stops of customers", lambda: _customer_stops(site))
    yield _terms(site)
    for rate_type in site.settings.rates.types if site.settings.rates else ():
        asked = {**company, "CRTP": rate_type, "CUTD": values.written(site.bound().at.date())}
        yield _readable(site, entities.RATES, asked, Asking(1))
    yield from _guarded("divisions", lambda: _divisions(site))
    if first:
        yield from _guarded("paging by key", lambda: _keyset(site))


def contacts(site: M3Site) -> Iterator[Finding]:
    """Try the people, and whether those of customers are told from others."""
    found, rows = _first(site, entities.PEOPLE, {}, most=SOME)
    yield found
    wanted = site.settings.contacts.employer_type
    types = sorted({row["ERTP"].strip() or "blank" for row in rows if row["EMRE"].strip()})
    if types and wanted is not None and wanted not in types:
        yield Finding("contacts", False, f"no contact has the employer type {wanted}; there is {', '.join(types)}",
                      "write as `contacts.employer_type` the one that stands for customers.", "warning")  # fmt: skip
    for of_type in site.settings.contacts.email_types:
        told, addresses = _first(site, entities.MAILS, {"EMTP": of_type}, most=SOME)
        yield told if told.ok else replace(told, severity="warning", advice=f"{told.advice} {mails.ELSE}")
        if told.ok:
            yield from _guarded("e-mail addresses", partial(mails.checked, site, of_type, addresses))


def items(site: M3Site) -> Iterator[Finding]:
    """Try the lists and details of invoices, EXPORTMI where it is used, and look for M3's own reminders."""
    found, rows = _first(site, entities.INVOICES, {"AAC0": "1", **_division(site)}, most=SOME)
    yield found
    key = ItemKey.of(rows[0]) if rows else ItemKey("", NOBODY, NOBODY, NOBODY, "2000")
    asked = {name: held for name, held in key.asked.items() if held}
    yield _readable(site, entities.INVOICE, asked)
    yield _readable(site, entities.RECORD, {"CONO": site.settings.company, "YEA4": "2000", "JRNO": "1", "JSNO": "1"})
    if site.settings.cash_discounts:
        yield _discounts(site)
    if site.settings.exportmi:
        yield from _guarded(entities.SELECT.title, lambda: _export(site))
    if rows:
        yield from _guarded("M3's own reminders", lambda: _looked_at(site, rows))


def payments(site: M3Site) -> Iterator[Finding]:
    """Try the records of an invoice, where EXPORTMI does not give them."""
    if site.settings.exportmi:
        yield Finding("payments", True, f"are read by {entities.SELECT.title}", severity="info")
        return
    key = ItemKey("", NOBODY, NOBODY, NOBODY, "2000")
    asked = {name: held for name, held in key.asked.items() if held}
    yield _readable(site, entities.MOVEMENTS, {"CONO": site.settings.company, **asked})


def target(site: M3Site, kinds: Collection[CommandKind]) -> Iterator[Finding]:
    """Ask for each change without saying of what: nothing is changed, and a missing right is told."""
    written = [transaction for kind, found in WRITTEN.items() if kind in kinds for transaction in found]
    notes, company = site.settings.notes, site.settings.company
    if notes is not None:
        by_block = (entities.SET_TEXT, entities.ADD_BLOCK, entities.ADD_LINE)
        written += [entities.ADD_TEXT] if notes.mode == "AddText" else by_block
        text = {"TXID": "1", "TFIL": notes.transfer_file, "CONO": company}
        yield _readable(site, entities.BASIC, {"CUNO": NOBODY, "CONO": company})
        for transaction in (entities.TEXT_BLOCKS, entities.TEXT_LINES):
            yield _readable(site, transaction, text)
    if "set_promise" in kinds:
        place = {"FILE": entities.LEDGER, "PK01": NOBODY}
        for transaction in (entities.EXTENSION, entities.EXTENSION_MORE):
            yield _readable(site, transaction, place)
    if "set_dispute" in kinds:
        yield _readable(site, entities.INFORMATION, {"YEA4": "2000", "JRNO": "1", "JSNO": "1", "CONO": company})
    for transaction in written:
        yield _writable(site, transaction)


def _sign_in(site: M3Site) -> Finding:
    try:
        row = site.service.rows(entities.USER, {})
    except ConnectorError as error:
        return Finding("sign-in", False, error.message, error.fix or RIGHT.format(entities.USER.title))
    own = (row[0].get("ZDCONO") or "").strip() if row else ""
    told = f"; by itself it works in company {own}" if own else ""
    return Finding("sign-in", True, f"M3 lets user {row[0].get('ZZUSID', '') if row else ''} in{told}")


def _clock(site: M3Site) -> Finding:
    return _readable(site, entities.SERVER_TIME)


def _readable(
    site: M3Site, transaction: Transaction, asked: Mapping[str, str] | None = None, asking: Asking | None = None
) -> Finding:
    return _asked(site, transaction, asked or {}, asking or Asking(1))[0]


def _first(site: M3Site, transaction: Transaction, asked: Mapping[str, str], *, most: int = 1) -> tuple[Finding, Rows]:
    return _asked(site, transaction, asked, Asking(most))


def _asked(site: M3Site, transaction: Transaction, asked: Mapping[str, str], asking: Asking) -> tuple[Finding, Rows]:
    """Ask; that there is no such record is a good answer too."""
    try:
        return Finding(transaction.title, True, "can be read"), site.service.rows(transaction, asked, asking)
    except Nok as refused:
        if refused.is_authority:
            return Finding(transaction.title, False, refused.message, RIGHT.format(transaction.title)), []
        return Finding(transaction.title, True, f"may be asked; it says: {refused.message}"), []
    except ConnectorError as error:
        return Finding(transaction.title, False, error.message, error.fix or RIGHT.format(transaction.title)), []


def _terms(site: M3Site) -> Finding:
    found = _readable(site, entities.TERMS, {"TEPY": ""})
    return found if not found.ok else _readable(site, entities.TERM, {"TEPY": NOBODY})


def _writable(site: M3Site, transaction: Transaction) -> Finding:
    try:
        site.service.may_write(transaction)
    except ConnectorError as error:
        return Finding(transaction.title, False, error.message, RIGHT.format(transaction.title))
    return Finding(transaction.title, True, "may be asked for; nothing was changed")


def _divisions(site: M3Site) -> Iterator[Finding]:
    if not site.divisions:
        yield Finding("divisions", False, "none can be seen in the ledger",
                      "name them as `divisions`, and see what the M3 user may read.", "warning")  # fmt: skip
    for division in site.divisions:
        asked = {"FDIV": division, "TDIV": division}
        found = _readable(site, entities.INVOICES, asked)
        currency = site.currency(division) if found.ok else None
        if not found.ok:
            yield Finding(f"division {division}", False, found.message, found.advice)
        elif currency:
            yield Finding(f"division {division}", True, f"can be seen, and keeps its books in {currency}")
        else:
            yield Finding(f"division {division}", False, "has no invoice that says its currency",
                          f"write `division_currencies: {{{division}: …}}`.", "warning")  # fmt: skip


def _keyset(site: M3Site) -> Iterator[Finding]:
    """See that a list begins at the key that it is asked to begin at."""
    company = {"CONO": site.settings.company}
    first = site.service.rows(entities.CUSTOMER_KEY, company, Asking(2))
    again = site.service.rows(entities.CUSTOMER_KEY, {**company, "CUNO": first[-1]["CUNO"]}, Asking(1))
    if [row["CUNO"] for row in again] == [first[-1]["CUNO"]]:
        yield Finding("paging by key", True, "a list begins at the key that it is asked for")
    else:
        told = f"{entities.CUSTOMERS.title} does not begin at the number that it is asked for"
        yield Finding("paging by key", False, told, "tell us: this M3 lists otherwise.")


def _export(site: M3Site) -> Iterator[Finding]:
    """Select a record of the ledger with every column that is read."""
    try:
        site.export.any(columns=site.money_columns)
    except Nok as refused:
        advice = f"{RIGHT.format(entities.SELECT.title)} Else write `exportmi: false`: every reading is whole then."
        yield Finding(entities.SELECT.title, False, refused.message, advice)
        return
    yield Finding(entities.SELECT.title, True, f"selects rows of {entities.LEDGER}")


def _customer_stops(site: M3Site) -> Iterator[Finding]:
    company = {"CONO": site.settings.company}
    listed = site.service.rows(entities.CUSTOMER_KEY, company, Asking(SOME))
    found = site.service.each(entities.FINANCIAL, [{**company, "CUNO": row["CUNO"]} for row in listed])
    yield from stops.unlisted([row for row in found if row], stops.OF_CUSTOMERS, site.settings.codes)


def _discounts(site: M3Site) -> Finding:
    """Try the cash discounts, without which items are read."""
    asked = {"CONO": site.settings.company, "YEA4": "2000", "JRNO": "1", "JSNO": "1"}
    found = _readable(site, entities.CASH_DISCOUNT, asked)
    without = "Else write `cash_discounts: false`: items are read without them."
    return found if found.ok else replace(found, severity="warning", advice=f"{found.advice} {without}")


def _looked_at(site: M3Site, listed: Rows) -> Iterator[Finding]:
    """Look at some open invoices: at their stops, and whether M3 itself reminds of them."""
    documents = Documents(site).of(list(dict.fromkeys(ItemKey.of(row) for row in listed)))
    rows = [each.row or {} for each in documents]
    yield from stops.unlisted(rows, stops.OF_ITEMS, site.settings.codes)
    yield _own_reminders(site, rows)


def _own_reminders(site: M3Site, rows: Sequence[values.Row]) -> Finding:
    today, lately = site.bound().at.date(), 0
    for row in rows:
        try:
            last = values.day(row, "LRDT")
        except BadRecord:
            continue
        lately += last is not None and last > today - OWN_REMINDERS
    if lately:
        return Finding(
            "M3's own reminders", False,
            f"{lately} of {len(rows)} open invoices looked at had a reminder within {OWN_REMINDERS.days} days",
            "run no payment reminders in M3 for customers that Duehook writes to.", "warning",
        )  # fmt: skip
    return Finding("M3's own reminders", True, f"none of {len(rows)} open invoices looked at had one lately")


def _division(site: M3Site) -> dict[str, str]:
    named = site.settings.divisions
    return {"FDIV": min(named), "TDIV": max(named)} if named else {}


def _guarded(subject: str, act: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from list(act())
    except ConnectorError as error:
        yield Finding(subject, False, error.message, error.fix or "let the M3 admin look why.")
