"""Mails and letter files on their way out: what is sent, what is not, and what is in doubt."""

from __future__ import annotations

import email
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duehook.core.deliver import letter_file, mail
from duehook.core.deliver.letter_file import LetterChannel
from duehook.core.deliver.mail import MailChannel, MailSettings
from duehook.core.deliver.mime import Envelope, compose, mail_address, message_id
from duehook.core.deliver.notice import NoticeLetter
from duehook.core.deliver.sheet import sheet
from duehook.core.deliver.wording import Templates
from duehook.core.errors import BadRecord, ConfigError
from duehook.core.hookspecs import Message
from tests.rigs.mail_catcher import breaking, catching, certificate
from tests.rigs.notice_letter import CREDITOR, DEBTOR, SENDER, letter

SENT_AT = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
TO = Envelope(("ap@mueller.example",), SENT_AT, "pumpen.example", copies=("boss@mueller.example",))
TEMPLATES = Templates()
HEADERS = {
    *("From", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Duehook-Notice", "To", "Cc"),
    *("MIME-Version", "Content-Type", "Content-Language"),
}


def composed(notice: NoticeLetter, envelope: Envelope = TO) -> Message:
    shown = sheet(notice, TEMPLATES.wording("firm", [notice.language]).text(notice))
    return compose(notice, shown, b"%PDF-1.7 x", envelope=envelope, templates=TEMPLATES)


def read(message: Message) -> EmailMessage:
    parsed = email.message_from_bytes(message.content, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_a_mail_carries_text_html_and_pdf_from_a_mailbox_that_is_answered() -> None:
    message = composed(letter())
    made = read(message)
    assert set(made.keys()) == HEADERS
    assert made["From"] == '"Anke Petersen, Pumpen GmbH" <mahnwesen@pumpen.example>'
    assert made["Reply-To"] == made["From"]
    assert made["To"] == "ap@mueller.example"
    assert made["Cc"] == "boss@mueller.example"
    assert made["Subject"] == "Second reminder: please pay EUR 1,400.00 (notice N-000123)"
    assert made["Date"].datetime == SENT_AT
    assert made["Auto-Submitted"] == "auto-generated"
    assert made["Content-Language"] == "en"
    assert [part.get_content_type() for part in made.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    (pdf,) = made.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content()) == ("N-000123.pdf", b"%PDF-1.7 x")
    assert message.recipients == ("ap@mueller.example", "boss@mueller.example")
    assert message.sender == "mahnwesen@pumpen.example"
    assert message.id == made["Message-ID"] == message_id(letter().key, "pumpen.example")


def test_the_same_notice_gives_the_same_bytes_and_another_one_another_id() -> None:
    assert composed(letter()) == composed(letter())
    assert composed(letter()).id != composed(letter(key="00070|4711|EUR|2026-03-15")).id


@pytest.mark.parametrize("number", ["N-000123", "M/2026 (7)"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_bytes_are_those_that_the_mail_library_writes(language: str, number: str) -> None:
    message = composed(letter(language=language, number=number))
    parsed = read(message)
    text, page = (part.get_content() for part in list(parsed.walk())[2:4])
    made = EmailMessage(policy=SMTP)
    for name in set(parsed.keys()) - {"MIME-Version", "Content-Type", "Content-Language"}:
        made[name] = str(parsed[name])
    made.set_content(text, cte="quoted-printable")
    made.add_alternative(page, subtype="html", cte="quoted-printable")
    file = "M-2026-7.pdf" if number.startswith("M") else "N-000123.pdf"
    made.add_attachment(b"%PDF-1.7 x", maintype="application", subtype="pdf", filename=file)
    made["Content-Language"] = language
    for ours, theirs in zip(parsed.walk(), made.walk(), strict=True):
        if ours.is_multipart():
            theirs.set_boundary(str(ours.get_boundary()))
    head, _, body = made.as_bytes().partition(b"\r\n\r\n")
    assert sorted(head.split(b"\r\n")) == sorted(message.content.partition(b"\r\n\r\n")[0].split(b"\r\n"))
    assert body == message.content.partition(b"\r\n\r\n")[2]


def test_the_bytes_are_seven_bit_lines_that_every_server_takes() -> None:
    content = composed(letter(language="de")).content
    assert content.isascii()
    assert all(line.endswith(b"\r\n") and len(line) <= 998 for line in content.splitlines(keepends=True))
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_a_test_mail_goes_to_the_catch_all_alone_and_says_so() -> None:
    notice = letter(test=True, intended=("ap@mueller.example", "boss@mueller.example"))
    envelope = Envelope(TO.recipients, SENT_AT, "pumpen.example", copies=TO.copies, catch_all="test@pumpen.example")
    message = composed(notice, envelope)
    made = read(message)
    assert message.recipients == ("test@pumpen.example",)
    assert (made["To"], made["Cc"], made["X-Duehook-Test"]) == ("test@pumpen.example", None, "yes")
    assert made["Subject"].startswith("[TEST] Second reminder")
    for kind in ("plain", "html"):
        body = made.get_body((kind,))
        assert body is not None
        assert "asks nobody to pay" in body.get_content()
        assert "boss@mueller.example" in body.get_content()


def test_a_test_without_catch_all_and_a_catch_all_without_test_are_refused() -> None:
    with pytest.raises(ValueError, match="catch-all"):
        composed(letter(test=True))
    with pytest.raises(ValueError, match="catch-all"):
        composed(letter(), Envelope(TO.recipients, SENT_AT, "pumpen.example", catch_all="a@b.example"))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@x.example",
        "a@",
        "a b@x.example",
        "a@x.example, b@x.example",
        "a@x.example\r\nBcc: b@x.example",
        "a\n@x.example",
        "<a@x.example>",
        "ä@x.example",
        "a..b@x.example",
        "a@x_y.example",
        "a@" + "x" * 300 + ".example",
        "a@\u2028.example",
    ],
)
def test_an_address_that_could_be_something_else_is_refused(address: str) -> None:
    with pytest.raises(BadRecord, match="is no mail address. Fix"):
        mail_address(address)
    with pytest.raises(BadRecord):
        composed(letter(), Envelope((address,), SENT_AT, "pumpen.example"))


def test_an_address_keeps_its_tag_and_its_foreign_domain() -> None:
    assert mail_address(" o'hara+ap@Müller.example ") == "o'hara+ap@xn--mller-kva.example"


def test_a_notice_without_any_address_is_refused() -> None:
    with pytest.raises(BadRecord, match="N-000123 has no mail address"):
        composed(letter(), Envelope((), SENT_AT, "pumpen.example"))


HOSTILE = st.text(st.sampled_from('ab\r\n\t\0\x0b\x0c\x1c\x85\u2028\u202e:;,<>@"\\()=?{}ä€😀'), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_text_of_the_books_adds_a_header_or_a_recipient(name: str, number: str, creditor: str, debtor: str) -> None:
    notice = letter(
        number=f"1{number}\r\nBcc: thief@evil.example\r\n\r\nbody",
        sender=SENDER.model_copy(update={"name": f"{name}\nX-Evil: 1"}),
        creditor=CREDITOR.model_copy(update={"legal_name": f"{creditor}\r\nX-Evil: 1"}),
        debtor=DEBTOR.model_copy(update={"name": debtor}),
    )
    message = composed(notice)
    made = read(message)
    assert set(made.keys()) == HEADERS
    assert len(made.keys()) == len(HEADERS)
    assert [str(each.addr_spec) for each in made["From"].addresses] == ["mahnwesen@pumpen.example"]
    assert [str(each.addr_spec) for each in made["To"].addresses] == ["ap@mueller.example"]
    assert message.recipients == ("ap@mueller.example", "boss@mueller.example")


@contextmanager
def mail_channel(port: int, **other: Any) -> Iterator[MailChannel]:
    given_settings = {"host": "127.0.0.1", "port": port, "security": "none", "timeout": 5, **other}
    channel = MailChannel(MailSettings.model_validate(given_settings))
    try:
        yield channel
    finally:
        channel.close()


def message(*recipients: str, content: bytes = b"Subject: x\r\n\r\nbody\r\n") -> Message:
    return Message("<1@x.example>", content, "ar@x.example", recipients or ("ap@y.example",), "1.eml")


def test_a_mail_arrives_byte_by_byte() -> None:
    sent = composed(letter(language="de"))
    with catching() as catcher, mail_channel(catcher.port) as channel:
        assert channel.send(sent).outcome == "sent"
    assert catcher.mails == [("mahnwesen@pumpen.example", list(sent.recipients), sent.content)]


@pytest.mark.parametrize(
    ("content", "arrives"),
    [
        (b".\r\n..\r\nQUIT\r\n.x\r\n", b".\r\n..\r\nQUIT\r\n.x\r\n"),
        (b"a\n.\nb", b"a\r\n.\r\nb\r\n"),
        (b"a\r.\rb\r\n", b"a\r\n.\r\nb\r\n"),
    ],
)
def test_dots_and_bare_line_ends_cannot_end_the_mail(content: bytes, arrives: bytes) -> None:
    with catching() as catcher, mail_channel(catcher.port) as channel:
        assert channel.send(message(content=content)).outcome == "sent"
    assert [mail[2] for mail in catcher.mails] == [arrives]


def test_a_connection_serves_a_hundred_mails_then_another_one_is_made() -> None:
    with catching() as catcher, mail_channel(catcher.port) as channel:
        assert {channel.send(message()).outcome for _ in range(205)} == {"sent"}
    assert len(catcher.mails) == 205
    assert len(catcher.sessions) == 3


def test_a_connection_that_went_away_is_made_anew_without_a_second_mail() -> None:
    with catching() as catcher, mail_channel(catcher.port) as channel:
        catcher.hang_up = True
        for _ in range(3):
            assert channel.send(message()).outcome == "sent"
            assert catcher.gone.wait(10)
            catcher.gone.clear()
    assert len(catcher.mails) == 3


def test_a_server_that_no_longer_wants_the_connection_gets_the_next_mail_over_another_one() -> None:
    with catching() as catcher, mail_channel(catcher.port) as channel:
        catcher.tired = "421 too long idle"
        assert [channel.send(message()).outcome for _ in range(2)] == ["sent", "sent"]
    assert (len(catcher.mails), len(catcher.sessions)) == (2, 2)


def test_a_server_that_does_not_forget_a_refused_mail_gets_the_next_one_over_another_connection() -> None:
    with catching() as catcher, mail_channel(catcher.port) as channel:
        catcher.answers, catcher.tired = ["554 looks like spam"], "503 not now"
        assert channel.send(message()).outcome == "failed"
        catcher.tired = None
        assert channel.send(message()).outcome == "sent"
    assert (len(catcher.mails), len(catcher.sessions)) == (1, 2)


@pytest.mark.parametrize(
    ("refuses", "outcome", "names"),
    [
        ({"a@y.example": "451 greylisted, come back"}, "retry", "a@y.example: 451"),
        ({"a@y.example": "550 no such user"}, "failed", "a@y.example: 550 no such user"),
        ({"b@y.example": "550 no such user"}, "failed", "b@y.example: 550"),
        ({"a@y.example": "451 wait", "b@y.example": "550 no"}, "failed", "a@y.example: 451 wait; b@y.example: 550 no"),
    ],
)
def test_refused_recipients_stop_the_whole_mail_and_are_named(
    refuses: dict[str, str], outcome: str, names: str
) -> None:
    with catching() as catcher, mail_channel(catcher.port) as channel:
        catcher.refuses = refuses
        sent = channel.send(message("a@y.example", "b@y.example"))
        assert (sent.outcome, catcher.mails) == (outcome, [])
        assert names in sent.message
        catcher.refuses = {}
        assert channel.send(message("a@y.example")).outcome == "sent"


@pytest.mark.parametrize(
    ("reply", "outcome"), [("550 not from you", "failed"), ("451 later", "retry"), ("421 going down", "retry")]
)
def test_a_refused_sender_stops_the_mail(reply: str, outcome: str) -> None:
    with catching() as catcher, mail_channel(catcher.port) as channel:
        catcher.refuses = {"ar@x.example": reply}
        sent = channel.send(message())
        assert (sent.outcome, sent.message, catcher.mails) == (outcome, reply, [])
        catcher.refuses = {}
        assert channel.send(message()).outcome == "sent"


def test_a_server_that_takes_no_text_gets_none_and_leaves_unmissed() -> None:
    with breaking("closed") as server, mail_channel(server.port) as channel:
        sent = channel.send(message())
    assert (sent.outcome, sent.message) == ("failed", "554 no mail today")
    assert b"body" not in server.heard


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("554 looks like spam", "failed"), ("452 disk full", "retry"), ("421 going down", "retry")],
)
def test_the_reply_to_the_text_settles_it(answer: str, outcome: str) -> None:
    with catching() as catcher, mail_channel(catcher.port) as channel:
        catcher.answers = [answer]
        sent = channel.send(message())
        assert (sent.outcome, catcher.mails) == (outcome, [])
        assert answer in sent.message
        assert channel.send(message()).outcome == "sent"


@pytest.mark.parametrize("point", ["greeting", "ehlo", "mail", "rcpt", "data"])
def test_a_break_before_the_text_is_tried_again_later(point: str) -> None:
    with breaking(point) as server, mail_channel(server.port, hello="me.example") as channel:
        sent = channel.send(message())
    assert sent.outcome == "retry"
    assert "nothing was handed over" in sent.message
    assert b"body" not in server.heard


@pytest.mark.parametrize("point", ["within", "reply", "nonsense"])
def test_a_break_between_data_and_its_reply_is_in_doubt_and_never_resent(point: str) -> None:
    content = b"Subject: x\r\n\r\n" + (b"x" * 76 + b"\r\n") * (50_000 if point == "within" else 1)
    with breaking(point) as server, mail_channel(server.port) as channel:
        sent = channel.send(message(content=content))
    assert sent.outcome == "in_doubt"
    assert len(server.heard) < len(content) or point != "within"
    assert server.connections == 1
    assert server.heard.count(b"Subject: x") == 1


def test_a_server_that_never_answers_the_text_is_in_doubt_after_the_timeout() -> None:
    with breaking("silent") as server, mail_channel(server.port, timeout=0.5) as channel:
        sent = channel.send(message(content=b"Subject: short\r\n\r\nbody\r\n"))
    assert sent.outcome == "in_doubt"
    assert sent.message == "the connection broke before the server confirmed: it did not answer in time"


def test_no_server_is_tried_again_later_and_check_names_the_fix() -> None:
    with catching() as catcher:
        port = catcher.port
    with mail_channel(port) as channel:
        assert channel.send(message()).outcome == "retry"
        (finding,) = channel.check()
    assert not finding.ok
    assert finding.message == f"The mail server 127.0.0.1:{port} cannot be used: Connection refused."
    assert finding.advice == "correct host and port, or open the firewall to them."


@pytest.mark.parametrize("bad", ["a@y.example\r\nRCPT TO:<b@y.example>", "ä@y.example", "nobody"])
def test_an_address_that_is_none_fails_without_a_connection(bad: str) -> None:
    with mail_channel(1) as channel:
        assert channel.send(message(bad)).outcome == "failed"
        assert channel.send(Message("<1@x>", b"x", bad, ("a@y.example",), "x.eml")).outcome == "failed"
        assert channel.send(Message("<1@x>", b"x", "a@y.example", (), "x.eml")).outcome == "failed"


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    return certificate(tmp_path_factory.mktemp("tls"))


SIGN_IN = {"user": "duehook", "password": "secret"}


def test_starttls_and_sign_in(tls: tuple[ssl.SSLContext, Path]) -> None:
    with (
        catching(tls_context=tls[0], require_starttls=True, sign_in=True) as catcher,
        mail_channel(catcher.port, security="starttls", ca_file=tls[1], **SIGN_IN) as channel,
    ):
        (finding,) = channel.check()
        assert (finding.ok, finding.message) == (True, "reached with STARTTLS, signed in")
        assert channel.send(message()).outcome == "sent"
        assert channel.send(message()).outcome == "sent"
    assert catcher.secured == [True, True]
    assert catcher.users == ["duehook", "duehook"]


def test_implicit_tls_and_sign_in(tls: tuple[ssl.SSLContext, Path]) -> None:
    with (
        catching(implicit=tls[0], sign_in=True) as catcher,
        mail_channel(catcher.port, security="tls", ca_file=tls[1], **SIGN_IN) as channel,
    ):
        assert channel.send(message()).outcome == "sent"
    assert catcher.users == ["duehook"]


def test_a_server_that_does_not_offer_starttls_gets_nothing() -> None:
    with catching() as catcher, mail_channel(catcher.port, security="starttls") as channel:
        sent = channel.send(message())
        (finding,) = channel.check()
    assert (sent.outcome, catcher.mails) == ("retry", [])
    assert "STARTTLS" in sent.message
    assert finding.advice == "let the server offer STARTTLS and AUTH, or set `security: tls`."


def test_a_certificate_that_nobody_vouches_for_gets_nothing(tls: tuple[ssl.SSLContext, Path]) -> None:
    with catching(tls_context=tls[0]) as catcher, mail_channel(catcher.port, security="starttls") as channel:
        sent = channel.send(message())
        (finding,) = channel.check()
    assert (sent.outcome, catcher.mails) == ("retry", [])
    assert "its certificate is not trusted: self-signed" in sent.message
    assert "ca_file" in (finding.advice or "")


def test_a_wrong_password_is_named_and_shown_nowhere(tls: tuple[ssl.SSLContext, Path]) -> None:
    wrong = {"user": "duehook", "password": "hunter2"}
    with (
        catching(tls_context=tls[0], require_starttls=True, sign_in=True) as catcher,
        mail_channel(catcher.port, security="starttls", ca_file=tls[1], **wrong) as channel,
    ):
        sent = channel.send(message())
        (finding,) = channel.check()
        assert "hunter2" not in f"{sent} {finding} {vars(channel)}"
    assert (sent.outcome, catcher.mails) == ("retry", [])
    assert "535" in sent.message
    assert "correct user and password" in (finding.advice or "")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"host": "x", "security": "none", **SIGN_IN}, "signing in without TLS"),
        ({"host": "x", "user": "me"}, "user and password come together"),
        ({"host": "x", "hots": "y"}, "hots: Extra inputs"),
        ({}, "host: Field required"),
    ],
)
def test_wrong_settings_are_named(wrong: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says) as refused:
        mail.channel("mail", wrong)
    assert "secret" not in str(refused.value)


def test_each_channel_answers_to_its_own_name(tmp_path: Path) -> None:
    made = mail.channel("mail", {"host": "x", "from": "bounce@x.example"})
    assert isinstance(made, MailChannel)
    assert made.needs_address
    assert mail.channel("letter", {}) is None
    paper = letter_file.channel("letter", {"folder": str(tmp_path)})
    assert isinstance(paper, LetterChannel)
    assert not paper.needs_address
    assert letter_file.channel("mail", {}) is None
    with pytest.raises(ConfigError, match="needs a `folder`"):
        letter_file.channel("letter", {})


def test_the_envelopes_sender_may_be_set() -> None:
    with catching() as catcher, mail_channel(catcher.port, **{"from": "bounce@x.example"}) as channel:
        channel.send(message())
    assert catcher.mails[0][0] == "bounce@x.example"
