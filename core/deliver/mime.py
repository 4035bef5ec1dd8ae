"""The mail of a notice: text, HTML and the PDF, as final bytes that never differ for one input.

A header's value is one line of printable text; an address is ASCII with an IDNA domain. So nothing
a customer is called can add a header or a recipient. A TEST mail goes to the catch-all alone and
says so in the subject, in both bodies and in X-Duehook-Test (rule 23).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from typing import Any, Final

from duehook.core.errors import BadRecord
from duehook.core.hookspecs import Message

from .allowed import Allowed, fields_of
from .formats import plain
from .guard import Guarded, guarded
from .notice import NoticeLetter
from .sheet import Sheet
from .wording import Templates

LONGEST_SUBJECT: Final = 200
_SPACES: Final = str.maketrans({"\u00a0": " ", "\u202f": " "})
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*\Z")
_DOMAIN: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9-]{2,63}\Z")


@dataclass(frozen=True)
class Envelope:
    """Where a mail goes and when it is said to be sent.

    `domain` is the right side of the Message-ID. `catch_all` is named for TEST notices and
    only for them; it takes the place of every recipient.
    """

    recipients: tuple[str, ...]
    sent_at: datetime
    domain: str
    copies: tuple[str, ...] = ()
    catch_all: str | None = None


def message_id(key: str, domain: str) -> str:
    """Return the Message-ID of the notice with this key: always the same one."""
    return f"<duehook.{sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def mail_address(text: str) -> str:
    """Return the address as it travels, its domain in ASCII; raises BadRecord."""
    local, at, domain = text.strip().rpartition("@")
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    if not at or len(local) > 64 or len(domain) > 253 or not _LOCAL.match(local) or not _DOMAIN.match(domain):
        raise BadRecord(f"{text!r} is no mail address.", fix="correct the contact's address.")
    return f"{local}@{domain}"


def compose(notice: NoticeLetter, sheet: Sheet, pdf: bytes, *, envelope: Envelope, templates: Templates) -> Message:
    """Return the finished mail; raises BadRecord for an address that cannot be written to."""
    to, copies = _recipients(notice, envelope)
    number = re.sub(r"[^A-Za-z0-9._-]+", "-", notice.number).strip(".-") or "notice"
    made = EmailMessage(policy=SMTP)
    sender = mail_address(notice.sender.email)
    names = dict.fromkeys((notice.sender.name, sheet.creditor))
    mailbox = str(Address(display_name=plain(", ".join(names)), addr_spec=sender))
    for name, said in _headers(notice, sheet, envelope, mailbox).items():
        made[name] = said
    made["To"] = ", ".join(to)
    if copies:
        made["Cc"] = ", ".join(copies)
    text, page = bodies(sheet, templates)
    made.set_content(text, cte="quoted-printable")
    made.add_alternative(page, subtype="html", cte="quoted-printable")
    made.add_attachment(pdf, maintype="application", subtype="pdf", filename=f"{number}.pdf")
    made["Content-Language"] = sheet.language  # last: the library moves Content-* into the first part
    _fix_boundaries(made, notice.key)
    identity = message_id(notice.key, envelope.domain)
    return Message(identity, made.as_bytes(), sender, (*to, *copies), f"{number}.eml")


def bodies(sheet: Sheet, templates: Templates) -> tuple[str, str]:
    """Return the mail's text and its HTML."""
    values = {"sheet": sheet}
    return _layout("mail.txt.j2", templates).render(values), _layout("mail.html.j2", templates).render(values)


def _layout(name: str, templates: Templates) -> Guarded:
    return guarded(*templates.need(f"layout/{name}"), _allowed(autoescape=".html" in name))


@cache
def _allowed(*, autoescape: bool) -> Allowed:
    names: Mapping[str, Any] = {"sheet": fields_of(Sheet)}
    return Allowed(names=names, filters={}, autoescape=autoescape)


def _recipients(notice: NoticeLetter, envelope: Envelope) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if notice.test != (envelope.catch_all is not None):
        raise ValueError("a TEST notice goes to a catch-all, and nothing else does")
    if envelope.catch_all is not None:
        return (mail_address(envelope.catch_all),), ()
    to = tuple(dict.fromkeys(map(mail_address, envelope.recipients)))
    copies = tuple(copy for copy in dict.fromkeys(map(mail_address, envelope.copies)) if copy not in to)
    if not to:
        raise BadRecord(f"Notice {notice.number} has no mail address.", fix="add a contact, or send it as a letter.")
    return to, copies


def _headers(notice: NoticeLetter, sheet: Sheet, envelope: Envelope, mailbox: str) -> dict[str, str]:
    # A no-break space would have the whole subject encoded; nobody breaks a subject anyway.
    subject = plain(sheet.subject).translate(_SPACES)[:LONGEST_SUBJECT]
    headers = {
        "From": mailbox,
        "Reply-To": mailbox,
        "Subject": f"[{sheet.test}] {subject}" if notice.test else subject,
        "Date": format_datetime(envelope.sent_at.astimezone(UTC)),
        "Message-ID": message_id(notice.key, envelope.domain),
        "Auto-Submitted": "auto-generated",
        "X-Duehook-Notice": plain(notice.number),
    }
    return {**headers, "X-Duehook-Test": "yes"} if notice.test else headers


def _fix_boundaries(made: EmailMessage, key: str) -> None:
    """Name the parts' boundaries by the notice: the library draws them at random."""
    many = [part for part in made.walk() if part.is_multipart()]
    for index, part in enumerate(many):
        part.set_boundary(f"=_duehook_{sha256(f'{index} {key}'.encode()).hexdigest()[:40]}")
