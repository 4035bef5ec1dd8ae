"""Customer profiles by SOAP: zeep writes the envelopes, the pod's own session sends them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from duehook.core.errors import ConnectorDown, ConnectorGarbled, ConnectorRefused
from duehook.core.wire import Call, Reply, ReplyLost, Stale
from duehook.plugins.oracle_fusion.settings import FusionSettings

from .envelopes import AGAIN, Fault, profile_of
from .service import FusionService
from .wsdl import ACCOUNT, GET, NAME, SERVICE, UPDATE, wsdl

PATH: Final = f"/fscmService/{NAME}"
ANYBODY: Final = "the-account-that-is-asked-for"
_NOBODY: Final = ("FND_CMN_RCRD_MSNG", "doesn't exist", "does not exist")
_CHANGED: Final = ("JBO-25014", "has been changed by another user")
Values = Mapping[str, str | None]


class Profiles:
    """Reads and changes the profile of a customer account."""

    def __init__(self, service: FusionService, settings: FusionSettings, more: Iterable[str] = ()) -> None:
        """Take what sends, and the settings, which name the elements; `more` are others that are read."""
        self._service, self._settings, self._more = service, settings, tuple(more)

    def of(self, account: str) -> dict[str, str] | None:
        """Return what the active profile of an account holds; None where Fusion says that there is none."""
        reply = self._sent(GET, self._question(account), reads=True)
        try:
            found = profile_of(GET, reply)
        except Fault as fault:
            if fault.is_about(_NOBODY):
                return None
            raise fault.refusal() from None
        if found.get(ACCOUNT, account) != account:
            told = f"{NAME} gave the profile of {found[ACCOUNT]} for {account}."
            raise ConnectorGarbled(told, fix=AGAIN)
        return found

    def change(self, values: Values) -> None:
        """Change elements of a profile, once. Stale where a user was quicker, ReplyLost where nobody knows."""
        reply = self._sent(UPDATE, _written(self._envelope(UPDATE, values)), reads=False)
        try:
            profile_of(UPDATE, reply)
        except Fault as fault:
            if fault.is_about(_CHANGED):
                raise Stale(fault.said, fix="it is looked at again before it is written.") from None
            raise fault.refusal() from None
        except (ConnectorDown, ConnectorGarbled) as error:  # it was sent, whatever came back
            raise ReplyLost(f"{error.message} The write was sent and may have taken effect.") from error

    def _sent(self, operation: str, body: bytes, *, reads: bool) -> Reply:
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{SERVICE}{operation}"',
                   "Accept": "text/xml"}  # fmt: skip
        call = Call("POST", f"{self._settings.root}{PATH}", data=body, headers=headers, reads=reads)
        return self._service.send_soap(call, "Customer Profile")

    def _question(self, account: str) -> bytes:
        """Return the question for a profile: thousands are asked, and they differ in the account alone."""
        before, behind = self._asked
        return b"".join((before, escape(account).encode(), behind))

    @cached_property
    def _asked(self) -> tuple[bytes, bytes]:
        """Return what stands before and behind the account in an envelope that asks for its profile."""
        before, _, behind = _written(self._envelope(GET, {ACCOUNT: ANYBODY})).partition(ANYBODY.encode())
        return before, behind

    def _envelope(self, operation: str, values: Values) -> Any:
        client = self._client  # says what to do where zeep is not installed
        return client.create_message(client.service, operation, customerProfile=dict(values))

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


def _written(envelope: Any) -> bytes:
    from zeep.wsdl.utils import etree_to_string

    return bytes(etree_to_string(envelope))  # type: ignore[no-untyped-call]
