"""The namespaces of SuiteTalk 2025.2, and names in them."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import QName, register_namespace

VERSION: Final = "2025_2"
PORTS: Final = "/services/NetSuitePort_"
PATH: Final = f"{PORTS}{VERSION}"


def _urn(area: str, group: str) -> str:
    return f"urn:{area}_{VERSION}.{group}.webservices.netsuite.com"


CORE: Final = _urn("core", "platform")
COMMON: Final = _urn("common", "platform")
MESSAGES: Final = _urn("messages", "platform")
FAULTS: Final = _urn("faults", "platform")
RELATIONSHIPS: Final = _urn("relationships", "lists")
ACCOUNTING: Final = _urn("accounting", "lists")
SALES: Final = _urn("sales", "transactions")
CUSTOMERS: Final = _urn("customers", "transactions")
PURCHASES: Final = _urn("purchases", "transactions")
GENERAL: Final = _urn("general", "transactions")
COMMUNICATION: Final = _urn("communication", "general")
SCHEDULING: Final = _urn("scheduling", "activities")
CUSTOMIZATION: Final = _urn("customization", "setup")
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
TYPE: Final = f"{{{XSI}}}type"


def tag(namespace: str, name: str) -> str:
    """Return an element's or a type's full name."""
    return f"{{{namespace}}}{name}"


def qualified(namespace: str, name: str) -> str:
    """Return a name that stands in a value, such as a type's: it is written with the prefix of its namespace."""
    return QName(namespace, name)  # type: ignore[return-value]


def local(full: str) -> str:
    """Return a full name without its namespace."""
    return full.rpartition("}")[2]


def use_prefixes() -> None:
    """Let answers have the prefixes that NetSuite's own have."""
    for prefix, namespace in _PREFIXES.items():
        register_namespace(prefix, namespace)


_PREFIXES: Final = {
    "soapenv": SOAP, "platformCore": CORE, "platformCommon": COMMON, "platformMsgs": MESSAGES,
    "platformFaults": FAULTS, "listRel": RELATIONSHIPS, "listAcct": ACCOUNTING, "tranSales": SALES,
    "tranCust": CUSTOMERS, "tranPurch": PURCHASES, "tranGeneral": GENERAL, "generalComm": COMMUNICATION,
    "actSched": SCHEDULING, "setupCustom": CUSTOMIZATION,
}  # fmt: skip
