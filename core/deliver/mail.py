"""The channel "mail": SMTP with TLS and sign-in, one connection for up to a hundred mails.

What can go wrong is told apart by when it went wrong (rule 34). Until DATA nothing was handed
over: a 5xx about this mail is `failed`, everything else `retry`. From DATA to its reply nobody
can say: `in_doubt`. The reply settles it: 2xx sent, 4xx retry, 5xx failed. Trouble with the
connection itself (TLS, sign-in, greeting) is `retry`: it is not the mail's fault.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from duehook.core.errors import BadRecord, ConfigError, ConnectorDown
from duehook.core.hookspecs import Channel, Finding, Message, Sent, hookimpl

from .formats import plain
from .mime import mail_address

duehook_api = 1
MOST_MAILS: Final = 100
PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_DOT: Final = re.compile(rb"(?m)^\.")


class MailSettings(BaseModel):
    """The `mail` part of the channels; `from` is the envelope's sender, else the notice's mailbox."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    host: str = Field(min_length=1)
    port: int | None = Field(None, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    timeout: float = Field(30, gt=0, le=600)
    sender: str | None = Field(None, alias="from")
    ca_file: Path | None = None
    hello: str | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.user is not None and self.security == "none":
            raise ValueError("signing in without TLS would show the password; set security to starttls or tls")
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password come together")
        return self


class _Refused(Exception):
    """A reply that ends the attempt before DATA."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code


class MailChannel:
    """Sends finished mails over one SMTP connection at a time."""

    name = "mail"
    needs_address = True

    def __init__(self, settings: MailSettings) -> None:
        """Connect on first use."""
        self._settings = settings
        self._server: smtplib.SMTP | None = None
        self._mails = 0
        self._lock = Lock()

    def check(self) -> Iterable[Finding]:
        """Connect, secure, sign in and leave."""
        subject = f"mail by {self._settings.host}"
        try:
            with self._lock:
                self._drop()
                self._connected()
                self._drop(quit_first=True)
        except ConnectorDown as error:
            return [Finding(subject, ok=False, message=error.message, advice=error.fix)]
        secured = {"starttls": "STARTTLS", "tls": "TLS", "none": "no TLS"}[self._settings.security]
        signed = "signed in" if self._settings.user else "no sign-in"
        return [Finding(subject, ok=True, message=f"reached with {secured}, {signed}", severity="info")]

    def send(self, message: Message) -> Sent:
        """Hand the mail over once."""
        try:
            sender = mail_address(self._settings.sender or message.sender)
            recipients = [mail_address(address) for address in message.recipients]
        except BadRecord as error:
            return Sent("failed", str(error))
        if not recipients:
            return Sent("failed", "the mail has no recipient")
        with self._lock:
            try:
                server = self._connected()
            except ConnectorDown as error:
                return _kept(error)
            try:
                self._announce(server, sender, recipients)
            except _Refused as refused:
                self._reset(server)
                return Sent("failed" if refused.code >= 500 else "retry", str(refused))
            except (smtplib.SMTPException, OSError) as error:
                self._drop()
                return _kept(error)
            return self._hand_over(server, message.content)

    def close(self) -> None:
        """Say goodbye to the server."""
        with self._lock:
            self._drop(quit_first=True)

    def _announce(self, server: smtplib.SMTP, sender: str, recipients: list[str]) -> None:
        _expect(*server.mail(sender))
        refused = {}
        for address in recipients:
            code, text = server.rcpt(address)
            if code not in (250, 251):
                refused[address] = (code, _decoded(text))
        if refused:
            # One mail to some of its recipients is no notice: none gets it, and a person is told who.
            names = "; ".join(f"{address}: {code} {text}" for address, (code, text) in refused.items())
            raise _Refused(max(code for code, _ in refused.values()), f"recipients refused: {names}")
        code, text = server.docmd("DATA")
        if code != 354:
            raise _Refused(code, _decoded(text))

    def _hand_over(self, server: smtplib.SMTP, content: bytes) -> Sent:
        try:
            server.send(_stuffed(content))
            code, reply = server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Sent("in_doubt", f"the connection broke before the server confirmed: {_words(error)}")
        self._mails += 1
        said = f"{code} {_decoded(reply)}"
        if 200 <= code < 300:
            return Sent("sent", said)
        if 400 <= code < 600:
            self._reset(server)
            return Sent("failed" if code >= 500 else "retry", said)
        self._drop()
        return Sent("in_doubt", f"the server answered nonsense to the mail: {said}")

    def _connected(self) -> smtplib.SMTP:
        """Return a live connection: the one at hand, while it answers, or a new one."""
        if self._server is not None and self._mails < MOST_MAILS:
            with suppress(smtplib.SMTPException, OSError):
                if self._server.noop()[0] == 250:
                    return self._server
        self._drop(quit_first=True)
        try:
            self._server = self._opened()
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            self._drop()
            raise ConnectorDown(
                f"{self._place()} cannot be used: {_words(error).rstrip('.')}.", fix=_advice(error)
            ) from error
        self._mails = 0
        return self._server

    def _place(self) -> str:
        return f"The mail server {self._settings.host}:{self._port()}"

    def _port(self) -> int:
        return self._settings.port or PORTS[self._settings.security]

    def _opened(self) -> smtplib.SMTP:
        wanted = self._settings
        port, name = self._port(), wanted.hello
        if wanted.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                wanted.host, port, local_hostname=name, timeout=wanted.timeout, context=self._tls()
            )
        else:
            server = smtplib.SMTP(wanted.host, port, local_hostname=name, timeout=wanted.timeout)
        self._server = server  # so that a failure below closes it
        server.ehlo_or_helo_if_needed()
        if wanted.security == "starttls":
            server.starttls(context=self._tls())  # raises when it is not offered: never goes on in the clear
            server.ehlo()
        if wanted.user is not None and wanted.password is not None:
            server.login(wanted.user, wanted.password.get_secret_value())
        return server

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self._settings.ca_file) if self._settings.ca_file else None)

    def _reset(self, server: smtplib.SMTP) -> None:
        """Keep the connection for the next mail when the server forgets this one; else let it go."""
        with suppress(smtplib.SMTPException, OSError):
            if server.rset()[0] == 250:
                return
        self._drop()

    def _drop(self, *, quit_first: bool = False) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        if quit_first:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        server.close()


@hookimpl
def channel(name: str, settings: Mapping[str, Any]) -> Channel | None:
    """Give the channel "mail"; raises ConfigError where its settings do not hold together."""
    if name != MailChannel.name:
        return None
    try:
        return MailChannel(MailSettings.model_validate(dict(settings)))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'mail'}: {fault['msg']}" for fault in error.errors())
        raise ConfigError(f"The mail channel's settings are wrong: {faults}.", fix="correct them.") from error


def _kept(error: Exception) -> Sent:
    return Sent("retry", f"nothing was handed over: {_words(error)}")


def _expect(code: int, text: bytes) -> None:
    if code != 250:
        raise _Refused(code, _decoded(text))


def _stuffed(content: bytes) -> bytes:
    lines = _LINE_END.sub(b"\r\n", content)
    return _DOT.sub(b"..", lines.removesuffix(b"\r\n")) + b"\r\n.\r\n"


def _decoded(text: bytes) -> str:
    return plain(text.decode("utf-8", "replace"))[:500]


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        return f"{error.smtp_code} {_decoded(text)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "it did not answer in time"
    if isinstance(error, socket.gaierror):
        return "no server of that name is known"
    if isinstance(error, OSError) and error.strerror and not isinstance(error, (ssl.SSLError, smtplib.SMTPException)):
        return error.strerror
    return plain(str(error)) or type(error).__name__


def _advice(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "correct user and password of the mail channel, or let the account send by SMTP."
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "let the server offer STARTTLS and AUTH, or set `security: tls`."
    if isinstance(error, ssl.SSLError):
        return "correct host and security, or name the certificate's issuer in `ca_file`."
    return "correct host and port, or open the firewall to them."
