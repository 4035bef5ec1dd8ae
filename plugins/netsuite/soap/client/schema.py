"""The account's own WSDL, which NetSuite serves and zeep reads: messages are made by it, never by hand.

It is fetched with the documents that it imports, once a process, and kept in `wsdl_folder` where that is named:
the version of an endpoint never changes. A machine that may not fetch it is given that folder filled.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

from duehook.core.errors import ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.wire import Call, WireSession
from duehook.plugins.netsuite.soap.search import MAIN, Search

VERSION: Final = "2025_2"
WSDL: Final = f"/wsdl/v{VERSION}_0/netsuite.wsdl"
SCHEMAS: Final = "https://webservices.netsuite.com"  # where the WSDL says that its schemas are
MESSAGES: Final = f"urn:messages_{VERSION}.platform.webservices.netsuite.com"
BINDING: Final = f"{{urn:platform_{VERSION}.webservices.netsuite.com}}NetSuiteBinding"
_KEPT: Final = 4  # accounts whose WSDL is held at once
_FIX: Final = "let the NetSuite admin switch on SOAP Web Services, or fill the folder that `wsdl_folder` names."


class Schema:
    """What the WSDL says: makes values of its types, and envelopes of its operations."""

    def __init__(self, client: Any, address: str) -> None:
        """Take zeep's client, and the address of the services."""
        self._client = client
        self._proxy = client.create_service(BINDING, address)
        self._names: dict[str, str] = {
            kind.qname.localname: kind.qname.text for kind in client.wsdl.types.types if kind.qname is not None
        }

    def make(self, name: str, /, **fields: Any) -> Any:
        """Return a value of a type; ConnectorRefused where the account's WSDL has none such, or not such a field."""
        try:
            return self._client.get_type(self._names[name])(**fields)
        except (KeyError, TypeError) as error:
            raise ConnectorRefused(f"The account's WSDL does not know {name}: {error}.", fix=_FIX) from None

    def fields(self, name: str) -> list[str]:
        """Return the names of the elements of a type."""
        return [field for field, _ in self._client.get_type(self._names[name]).elements]

    def header(self, name: str, /, **fields: Any) -> Any:
        """Return a header of a message."""
        return self._client.get_element(f"{{{MESSAGES}}}{name}")(**fields)

    def envelope(self, operation: str, arguments: Sequence[Any], headers: Sequence[Any]) -> bytes:
        """Return a message as it goes over the wire. ConnectorRefused for what the WSDL does not allow."""
        from lxml import etree
        from zeep.exceptions import Error

        try:
            made = self._client.create_message(self._proxy, operation, *arguments, _soapheaders=list(headers))
        except (Error, AttributeError, TypeError, ValueError) as error:
            raise ConnectorRefused(f"The account's WSDL does not allow {operation} so: {error}.", fix=_FIX) from None
        return bytes(etree.tostring(made, xml_declaration=True, encoding="utf-8"))

    def search(self, search: Search) -> Any:
        """Return an advanced search."""
        criteria, columns = search.parts()
        rows: dict[str, Any] = {part: {name: [{}] for name in names} for part, names in columns.items()}
        for place, kind in search.custom.items():
            part, _, name = place.rpartition(".")
            listed = rows.setdefault(part or MAIN, {}).setdefault("customFieldList", {"customField": []})
            listed["customField"].append(self.make(f"SearchColumn{kind}CustomField", scriptId=name))
        return self.make(
            f"{search.name}SearchAdvanced",
            criteria=self.make(f"{search.name}Search", **criteria),
            columns=self.make(f"{search.name}SearchRow", **rows),
        )


_loaded: OrderedDict[tuple[str, str], Schema] = OrderedDict()
_loading: Final = Lock()


def schema_of(wire: WireSession, root: str, folder: str | None) -> Schema:
    """Return what the account's WSDL says, read once a process."""
    name = root, folder or ""
    with _loading:
        if name not in _loaded:
            _loaded[name] = _read(wire, root, folder)
            while len(_loaded) > _KEPT:
                _loaded.popitem(last=False)
        return _loaded[name]


def _read(wire: WireSession, root: str, folder: str | None) -> Schema:
    try:
        import zeep as zeep_itself
        from lxml.etree import LxmlError
        from zeep.exceptions import Error
    except ImportError:
        told = "zeep, which makes the messages of SOAP, is not installed."
        raise ConnectorRefused(told, fix="pip install 'duehook[netsuite]'.") from None
    zeep: Any = zeep_itself  # whose types are half written
    rules = zeep.Settings(strict=False, forbid_dtd=True, forbid_entities=True, xml_huge_tree=True)
    documents = _Documents(wire, Path(folder) if folder else None)
    try:
        client = zeep.Client(f"{root}{WSDL}", transport=documents, settings=rules)
        return Schema(client, f"{root}/services/NetSuitePort_{VERSION}")
    except ConnectorError:
        raise
    except (Error, LxmlError, LookupError, ValueError, AttributeError, TypeError) as error:
        told = f"{root}{WSDL} is no WSDL that can be read: {type(error).__name__} {error}."
        raise ConnectorGarbled(told, fix=_FIX) from error


class _Documents:
    """Gives zeep the WSDL and what it imports, over the connection's own wire; kept in a folder where there is one."""

    def __init__(self, wire: WireSession, folder: Path | None) -> None:
        self._wire, self._folder = wire, folder

    def load(self, url: str) -> bytes:
        """Return a document."""
        file = self._folder / file_of(url) if self._folder else None
        if file is not None and file.exists():
            return file.read_bytes()
        body = self._wire.send(Call("GET", url, headers={"Accept": "text/xml, application/xml"})).body
        if file is not None:
            _keep(file, body)
        return body


def file_of(url: str) -> str:
    """Return how a document is called in the folder: lists_v2025_2_0_relationships.xsd."""
    return re.sub(r"\W+", "_", urlsplit(url).path.rpartition(".")[0]).strip("_") + Path(urlsplit(url).path).suffix


def _keep(file: Path, body: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(".part")
        half.write_bytes(body)
        half.replace(file)
    except OSError as error:
        told = f"{file} cannot be written: {error.strerror}."
        raise ConnectorRefused(told, fix="correct `wsdl_folder`.") from None
