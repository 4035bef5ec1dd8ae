"""Make a notice's letter or mail: amounts as the gate saw them, dated on the day it goes out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from duehook.core.books.store.accounts import governing_customers
from duehook.core.books.store.delivery import sending
from duehook.core.books.store.delivery.outbox import Entry
from duehook.core.deliver.mime import Envelope, compose, mail_address, message_id
from duehook.core.deliver.notice import Creditor, Debtor, Line, NoticeLetter, Sender
from duehook.core.deliver.sheet import sheet
from duehook.core.errors import BadRecord, ConfigError
from duehook.core.hookspecs import Message
from duehook.core.money import from_scaled
from duehook.core.policy.model import Policy
from duehook.core.records import Address, BankAccount
from duehook.core.runs.days import zone_of
from duehook.core.settings.model import CompanySettings

from .round import Round

PURPOSES: Final = ("dunning", "accounts_payable", "main")
MAIL: Final = "mail"
LETTER: Final = "letter"
NO_MAILBOX: Final = "nobody@example.invalid"
MOST_RECIPIENTS: Final = 10


@dataclass(frozen=True)
class Going:
    """A notice that the gate let through, and all that its letter is made of.

    `data_at` is when its figures were read from the ERP; `letter_on` the company's day.
    """

    entry: Entry
    notice: sending.Notice
    lines: Sequence[Row[Any]]
    policy: Policy
    number: str
    letter_on: date
    data_at: datetime
    test: bool
    customer: Row[Any] | None
    erp_company: Row[Any] | None
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """The final bytes, and the channel they go by. `fallback` says why not by the one chosen."""

    message: Message
    channel: str
    fallback: str | None = None


@dataclass(frozen=True)
class Parties:
    """The debtors, their contacts and the creditor of a batch of one company's notices."""

    customers: Mapping[tuple[str, str], Row[Any]]
    contacts: Mapping[tuple[str, str], Sequence[Row[Any]]]
    creditors: Mapping[str, Row[Any] | None]


def read_parties(tx: Connection, company: str, rows: Collection[sending.Notice]) -> Parties:
    """Read who the notices are from and to."""
    debtors = {(row.connection, row.debtor) for row in rows}
    return Parties(
        governing_customers(tx, company, debtors),
        sending.contacts(tx, company, debtors),
        {connection: sending.company_row(tx, company, connection) for connection, _ in debtors},
    )


def addresses(contacts: Iterable[Row[Any]]) -> tuple[str, ...]:
    """Return the addresses of the first purpose that has one: dunning, payables, main (rule 31).

    An unknown purpose is never written to; nor is an address that cannot be one.
    """
    known = list(contacts)
    for purpose in PURPOSES:
        found = dict.fromkeys(
            contact.email.strip() for contact in known if purpose in contact.purposes and _usable(contact.email)
        )
        if found:
            return tuple(found)[:MOST_RECIPIENTS]
    return ()


def _usable(email: str | None) -> bool:
    try:
        return bool(email) and bool(mail_address(email or ""))
    except BadRecord:
        return False


def make(round_: Round, going: Going) -> Made:
    """Write the notice out to its final bytes.

    Raises ConfigError for what the site has to complete first (a mailbox, an account, a wording),
    BadRecord for figures that cannot be printed.
    """
    row, outside = going.notice, round_.outside
    company = round_.settings.companies.get(row.company)
    letter = notice_letter(round_, going, company)
    languages = [tag for tag in (_language(going), company.language if company else None) if tag]
    wording = outside.templates.wording(row.template, languages, formal=_is_formal(going))
    laid_out = sheet(letter, wording.text(letter))
    pdf = outside.press.pdf(letter, laid_out)
    channel, fallback = _channel(round_, going)
    domain = letter.sender.email.rpartition("@")[2]
    if channel == LETTER:
        file_name = f"{'TEST-' if going.test else ''}{row.company}-{going.number}-{going.letter_on:%Y%m%d}.pdf"
        return Made(Message(message_id(letter.key, domain), pdf, "", (), file_name), LETTER, fallback)
    envelope = Envelope(
        () if going.test else going.recipients,
        round_.now,
        domain,
        catch_all=round_.settings.catch_all if going.test else None,
    )
    return Made(compose(letter, laid_out, pdf, envelope=envelope, templates=outside.templates), channel)


def _channel(round_: Round, going: Going) -> tuple[str, str | None]:
    """Choose the way out: as the level says, else a letter where nobody can be written to."""
    wanted = going.notice.channel
    if wanted == LETTER or not round_.outside.channel(wanted).needs_address:
        return wanted, None
    if going.test or going.recipients:
        return wanted, None
    return LETTER, "the debtor has no mail address for dunning"


def _language(going: Going) -> str | None:
    return going.notice.language or (going.customer.language if going.customer else None)


def _is_formal(going: Going) -> bool:
    return bool(going.notice.level) and going.policy.level(going.notice.level).formal


def notice_letter(round_: Round, going: Going, company: CompanySettings | None) -> NoticeLetter:
    """Return the notice as it is printed, refusing one whose sum is not the sum that was decided."""
    row = going.notice
    sections = _sections(going)
    letter = NoticeLetter(
        key=going.entry.key,
        number=going.number,
        kind="reminder" if row.kind == "reminder" else "dunning",
        level=row.level,
        level_name=row.level_name,
        language=_language(going) or (company.language if company else "en"),
        letter_on=going.letter_on,
        data_at=going.data_at,
        timezone=zone_of(round_.settings, row.company),
        currency=row.currency,
        creditor=_creditor(round_, going, company),
        sender=_sender(round_, going, company),
        debtor=_debtor(going),
        payment_reference=going.number,
        deduct_credits=going.policy.netting,
        test=going.test,
        intended=going.recipients if going.test else (),
        **sections,
    )
    if letter.demanded != from_scaled(row.demanded, row.currency):
        decided = from_scaled(row.demanded, row.currency)
        raise BadRecord(f"Notice {going.number} would demand {letter.demanded}, but {decided} was decided.")
    return letter


def _sections(going: Going) -> dict[str, tuple[Line, ...]]:
    found: dict[str, list[Line]] = {"overdue": [], "credits": [], "disputed": [], "not_yet_due": []}
    for line in going.lines:
        found[_section(line)].append(_line(line, going))
    if going.notice.item and going.notice.credits and going.policy.netting:
        found["credits"].append(_credits_of_one(going))
    return {name: tuple(lines) for name, lines in found.items()}


def _section(line: Row[Any]) -> str:
    if line.role == "disputed" and line.disputed_amount < line.open_amount:
        return "overdue"  # its own credits took the rest: both are shown
    return {"overdue": "overdue", "credit": "credits", "disputed": "disputed"}.get(line.role, "not_yet_due")


def _line(line: Row[Any], going: Going) -> Line:
    currency = going.notice.currency
    return Line(
        document_no=line.document_no,
        document_type=line.document_type,
        document_on=line.document_on,
        due_on=line.due_on,
        days_past_due=(going.letter_on - line.due_on).days,
        purchase_order=line.purchase_order,
        reference=line.reference,
        amount=from_scaled(line.amount, currency),
        open_amount=from_scaled(line.open_amount, currency),
        disputed=from_scaled(line.disputed_amount, currency),
        level=line.new_level,
    )


def _credits_of_one(going: Going) -> Line:
    """Return the part of the account's credits that one invoice's notice is reckoned with."""
    off = -from_scaled(going.notice.credits, going.notice.currency)
    only = going.lines[0]
    return Line(document_no="", document_on=only.document_on, due_on=only.due_on, amount=off, open_amount=off)


def _creditor(round_: Round, going: Going, company: CompanySettings | None) -> Creditor:
    row, erp = going.notice, going.erp_company
    written = company.address if company else None
    address = Address(**written.model_dump()) if written else Address(**((erp.address if erp else None) or {}))
    logo = str(round_.settings.path(company.logo)) if company and company.logo else None
    return Creditor(
        company=row.company,
        legal_name=(company.legal_name if company else None) or (erp and (erp.legal_name or erp.name)) or row.company,
        address=address,
        bank_account=_bank_account(going, company),
        vat_id=(company.vat_id if company else None) or (erp.vat_id if erp else None),
        register_number=(company.register_number if company else None) or (erp.register_number if erp else None),
        logo=logo,
    )


def _bank_account(going: Going, company: CompanySettings | None) -> BankAccount:
    currency = going.notice.currency
    written = company.bank_account(currency) if company else None
    if written is not None:
        return BankAccount(**written.model_dump())
    for account in (going.erp_company.bank_accounts if going.erp_company else None) or ():
        if account["currency"] == currency:
            return BankAccount(**account)
    if going.test:
        return BankAccount(currency=currency, bank="(no bank account is set up)")
    at = f"companies.{going.notice.company}.bank_accounts"
    raise ConfigError(f"there is no bank account for {currency}.", fix=f"add {currency} to {at}.")


def _sender(round_: Round, going: Going, company: CompanySettings | None) -> Sender:
    mailbox = company.mailbox if company else None
    if mailbox is not None:
        name = mailbox.name or (company.legal_name if company else None) or going.notice.company
        return Sender(name=name, email=mailbox.address, phone=mailbox.phone)
    if going.test:
        return Sender(name=going.notice.company, email=round_.settings.catch_all or NO_MAILBOX)
    at = f"companies.{going.notice.company}.mailbox"
    raise ConfigError("there is no mailbox that a debtor could answer to.", fix=f"write {at}.")


def _debtor(going: Going) -> Debtor:
    row, customer = going.notice, going.customer
    printed = next((line.address for line in going.lines if line.address), None)
    address = printed or (customer.address if customer else None) or {}
    return Debtor(customer=row.debtor, name=customer.name if customer else row.debtor, address=Address(**address))
