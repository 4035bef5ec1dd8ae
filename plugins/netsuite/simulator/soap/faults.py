"""How SuiteTalk refuses: a SOAP fault, which refuses the request, or a status in an answer that is none."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element, SubElement

from duehook.core.testing.simulator import Reply

from .names import FAULTS, SOAP, tag

XML: Final = "text/xml; charset=utf-8"
_HOST: Final = "http://xml.apache.org/axis/"


class Fault(Exception):
    """A request that is refused as a whole: the kind of fault (none: the parser's own), its code and its words."""

    def __init__(self, kind: str, code: str, message: str) -> None:
        """Say what is refused."""
        super().__init__(message)
        self.kind, self.code, self.message = kind, code, message

    def element(self) -> Element:
        """Return the fault as it stands in the body of an answer."""
        fault = Element(tag(SOAP, "Fault"))
        SubElement(fault, "faultcode").text = "soapenv:Server.userException"
        SubElement(fault, "faultstring").text = self.message
        detail = SubElement(fault, "detail")
        if self.kind:
            told = SubElement(detail, tag(FAULTS, self.kind))
            SubElement(told, tag(FAULTS, "code")).text = self.code
            SubElement(told, tag(FAULTS, "message")).text = self.message
        SubElement(detail, tag(_HOST, "hostname")).text = "partners-java10001.sea.netledger.com"
        return fault


class Failed(Exception):
    """What is asked for cannot be had: the answer is 200, and its status says isSuccess false with code and words."""

    def __init__(self, code: str, message: str) -> None:
        """Say what failed."""
        super().__init__(message)
        self.code, self.message = code, message


def invalid_login() -> Fault:
    """Refuse a sign-in: why, NetSuite tells its admin alone."""
    return Fault("invalidCredentialsFault", "USER_ERROR", "Invalid login attempt.")


def no_sign_in() -> Fault:
    """Refuse a request whose header has no tokenPassport."""
    return Fault("invalidCredentialsFault", "USER_ERROR", "Ambiguous authentication")


def not_permitted(permission: str) -> Fault:
    """Refuse a role that may not use SOAP web services."""
    said = f"You do not have permission to access {permission}. Please contact your account administrator."
    return Fault("insufficientPermissionFault", "WS_PERMISSION_REQD", said)


def too_many_requests() -> Fault:
    """Refuse a request beyond the account's limit of requests at once."""
    said = "The maximum number of concurrent requests has been exceeded. Request blocked."
    return Fault("exceededConcurrentRequestLimitFault", "WS_REQUEST_BLOCKED", said)


def too_many_records(most: int) -> Fault:
    """Refuse a list longer than an operation takes."""
    said = f"The maximum number of records allowed for this operation is {most}."
    return Fault("exceededRecordCountFault", "MAX_RCRDS_EXCEEDED", said)


def too_large() -> Fault:
    """Refuse a request that is too long."""
    return Fault("exceededRequestSizeFault", "USER_ERROR", "The size of the request exceeds 100 MB.")


def unexpected(said: str = "An unexpected error occurred.") -> Fault:
    """Say that something went wrong."""
    return Fault("unexpectedErrorFault", "UNEXPECTED_ERROR", said)


def wrong_version(asked: str) -> Fault:
    """Refuse an endpoint that the account has not."""
    return Fault("invalidVersionFault", "UNSUPPORTED_WS_VERSION", f"The endpoint {asked} is not supported.")


def unreadable(said: str) -> Fault:
    """Refuse what is no request."""
    return Fault("", "", f"org.xml.sax.SAXException: {said}")


def of_status(status: int) -> Fault:
    """Word the fault of an HTTP status that something on the way gives."""
    return too_many_requests() if status == 429 else unexpected()


def reply(body: bytes, status: int = 200) -> Reply:
    """Return an answer of XML."""
    return Reply(body, status, XML)
