"""Customer profiles by SOAP: zeep writes and reads the envelopes, the pod's own session sends them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from io import BytesIO
from typing import Any, Final

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire import Call, Reply, ReplyLost, Stale
from duehook.plugins.oracle_fusion.settings import FusionSettings

from .service import FusionService
from .wsdl import ACCOUNT, GET, SERVICE, UPDATE, wsdl

PATH: Final = "/fscmService/ReceivablesCustomerProfileService"
NAME: Final = "ReceivablesCustomerProfileService"
LONGEST: Final = 400
_NOBODY: Final = ("FND_CMN_RCRD_MSNG", "doesn't exist", "does not exist")
_CHANGED: Final = ("JBO-25014", "has been changed by another user")
_RIGHTS: Final = ("ACCESS_DENIED", "not authorized", "FailedAuthentication", "WSM-")
_AGAIN: Final = "it is asked again by the next run; see whether a proxy stands in between."
Values = Mapping[str, str | None]


class Profiles:
    """Reads and changes the profile of a customer account."""

    def __init__(self, service: FusionService, settings: FusionSettings, more: Iterable[str] = ()) -> None:
        """Take what sends, and the settings, which name the elements; `more` are others that are read."""
        self._service, self._settings, self._more = service, settings, tuple(more)

    def of(self, account: str) -> dict[str, str] | None:
        """Return what the active profile of an account holds; None where Fusion says that there is none."""
        reply = self._sent(GET, {ACCOUNT: account}, reads=True)
        try:
            found = self._read(GET, reply)
        except _Fault as fault:
            if fault.is_about(_NOBODY):
                return None
            raise fault.refusal() from None
        if found.get(ACCOUNT, account) != account:
            told = f"{NAME} gave the profile of {found[ACCOUNT]} for {account}."
            raise ConnectorGarbled(told, fix=_AGAIN)
        return found

    def change(self, values: Values) -> None:
        """Change elements of a profile, once. Stale where a user was quicker, ReplyLost where nobody knows."""
        reply = self._sent(UPDATE, values, reads=False)
        try:
            self._read(UPDATE, reply)
        except _Fault as fault:
            if fault.is_about(_CHANGED):
                raise Stale(fault.said, fix="it is looked at again before it is written.") from None
            raise fault.refusal() from None
        except (ConnectorDown, ConnectorGarbled) as error:  # it was sent, whatever came back
            raise ReplyLost(f"{error.message} The write was sent and may have taken effect.") from error

    def _sent(self, operation: str, values: Values, *, reads: bool) -> Reply:
        client = self._client  # says what to do where zeep is not installed
        from zeep.wsdl.utils import etree_to_string

        envelope = client.create_message(client.service, operation, customerProfile=dict(values))
        body = etree_to_string(envelope)  # type: ignore[no-untyped-call]
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{SERVICE}{operation}"',
                   "Accept": "text/xml"}  # fmt: skip
        call = Call("POST", f"{self._settings.root}{PATH}", data=body, headers=headers, reads=reads)
        return self._service.send_soap(call, "Customer Profile")

    def _read(self, operation: str, reply: Reply) -> dict[str, str]:
        """Return the first value of an answer; _Fault for a fault."""
        if reply.is_html:
            told = f"{reply.url} answered {reply.status} with a web page instead of data: {reply.excerpt()}"
            raise ConnectorGarbled(told, fix="check the address; a proxy or a sign-in page may stand in between.")
        values = self._parsed(operation, reply)  # zeep leaves out the elements that hold nothing but another
        if not isinstance(values, list) or not values:
            raise ConnectorGarbled(f"{NAME} answered without a profile.", fix=_AGAIN)
        held = {name: str(values[0][name] or "").strip() for name in values[0] if name != "_raw_elements"}
        return {name: text for name, text in held.items() if text}

    def _parsed(self, operation: str, reply: Reply) -> Any:
        from zeep import exceptions

        answer = _Answer(reply)
        try:
            return self._binding.process_reply(self._client, self._binding.get(operation), answer)
        except exceptions.Fault as fault:
            raise _Fault(reply, fault) from None
        except (exceptions.Error, SyntaxError, ValueError, LookupError, AttributeError, TypeError) as error:
            refused = reply.fault()
            if refused is not None:
                raise refused from None
            told = f"{reply.url} answered {reply.status} with what is no envelope of {operation}: {reply.excerpt()}"
            raise ConnectorGarbled(told, fix=_AGAIN) from error

    @cached_property
    def _client(self) -> Any:
        """Return zeep over a WSDL of our own; ConnectorRefused where it is not installed."""
        try:
            import zeep
        except ImportError:
            told = "zeep, which speaks SOAP, is not installed."
            raise ConnectorRefused(told, fix="pip install 'duehook[oracle_fusion]'.") from None
        described = wsdl(f"{self._settings.root}{PATH}", self._settings.profile, self._more).encode()
        settings = zeep.Settings(strict=False)
        return zeep.Client(BytesIO(described), settings=settings)  # type: ignore[no-untyped-call]

    @property
    def _binding(self) -> Any:
        return self._client.service._binding


class _Answer:
    """A reply as zeep takes it."""

    def __init__(self, reply: Reply) -> None:
        self.status_code, self.content = reply.status, reply.body
        self.headers, self.encoding = dict(reply.headers), "utf-8"


class _Fault(Exception):
    """What a SOAP fault says, in a line."""

    def __init__(self, reply: Reply, fault: Any) -> None:
        self._words = f"{fault.message} {_detail(fault)}"
        self.said = f"{reply.url} answered {reply.status}: {one_line(redact(self._words))[:LONGEST]}"

    def is_about(self, words: tuple[str, ...]) -> bool:
        """Say whether it says one of these."""
        return any(each in self._words for each in words)

    def refusal(self) -> ConnectorError:
        """Return it as a refusal, with what to do."""
        if self.is_about(_RIGHTS):
            fix = "let the Fusion admin give the user the right to Customer Profile; README.md has the list."
            return ConnectorRefused(self.said, fix=fix)
        return ConnectorRefused(self.said, fix="let the Fusion admin look why; `duehook check` tries the service.")


def _detail(fault: Any) -> str:
    detail = getattr(fault, "detail", None)
    return " ".join(detail.itertext()) if detail is not None else ""
