"""A WSDL that a site has as a file: which operations it has, what their messages are made of, and envelopes by it.

zeep reads it and writes the envelopes. Nothing is fetched, neither what it imports nor what it names as its address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from duehook.core.errors import ConnectorRefused

ADDRESSING: Final = "http://www.w3.org/2005/08/addressing"
_AGAIN: Final = "download it again, whole, from the system."


class SoapDescription:
    """One WSDL, by its bindings of SOAP 1.1."""

    def __init__(self, client: Any, name: str) -> None:
        """Take zeep's client, and what the file is called in messages."""
        self._client, self._name = client, name

    @classmethod
    def read(cls, file: str | Path, *, extra: str) -> SoapDescription:
        """Read a file; ConnectorRefused for one that is no whole WSDL. `extra` is what installs zeep."""
        try:
            import zeep as zeep_itself
            from lxml.etree import LxmlError
            from zeep.exceptions import Error
        except ImportError:
            told = "zeep, which makes the messages of SOAP, is not installed."
            raise ConnectorRefused(told, fix=f"pip install '{extra}'.") from None
        zeep: Any = zeep_itself  # whose types are half written
        rules = zeep.Settings(forbid_dtd=True, forbid_entities=True)
        try:
            text = Path(file).read_bytes()
            found = cls(zeep.Client(BytesIO(text), transport=_Nothing(), settings=rules), str(file))
        except OSError as error:
            raise ConnectorRefused(f"{file} cannot be read: {error.strerror}.", fix="correct its path.") from None
        except (Error, LxmlError, LookupError, ValueError, AttributeError, TypeError) as error:
            told = f"{file} is no WSDL that can be read: {type(error).__name__} {error}."
            raise ConnectorRefused(told, fix=_AGAIN) from error
        if not found.operations:
            raise ConnectorRefused(f"{file} is no WSDL that can be read: it has no operation of SOAP 1.1.", fix=_AGAIN)
        return found

    @property
    def operations(self) -> list[str]:
        """Return the names of the operations of SOAP 1.1."""
        return sorted({name for binding in self._bindings() for name in binding._operations})

    @property
    def addresses(self) -> list[str]:
        """Return where it says that the service is."""
        ports = (port for service in self._client.wsdl.services.values() for port in service.ports.values())
        return sorted({str(port.binding_options.get("address", "")) for port in ports})

    def parts(self, operation: str, *path: str) -> list[str]:
        """Return the names of the elements in a message, or in the element at a path of it; none where it has none."""
        found: Any = self._operation(operation).input.body
        for name in path:
            found = dict(found.type.elements).get(name) if hasattr(found.type, "elements") else None
            if found is None:
                return []
        return [name for name, _ in getattr(found.type, "elements", ())]

    def action(self, operation: str) -> str:
        """Return the SOAPAction of an operation."""
        return str(self._operation(operation).soapaction)

    def envelope(self, operation: str, message: Mapping[str, Any], *, message_id: str) -> bytes:
        """Return a message as it goes over the wire, with its id and action as WS-Addressing has them.

        ConnectorRefused for what the WSDL does not allow.
        """
        from lxml import etree
        from zeep.exceptions import Error

        headers = _addressed(self.action(operation), message_id)
        service = self._client.create_service(self._binding(operation).name.text, "")
        try:
            made = self._client.create_message(service, operation, _soapheaders=headers, **message)
        except (Error, AttributeError, TypeError, ValueError) as error:
            told = f"{self._name} does not allow {operation} so: {error}."
            raise ConnectorRefused(told, fix="`duehook check` names what is not in it.") from None
        return bytes(etree.tostring(made, xml_declaration=True, encoding="utf-8"))

    def _operation(self, name: str) -> Any:
        return self._binding(name).get(name)

    def _binding(self, operation: str) -> Any:
        """Return the binding that has an operation; ConnectorRefused where none has."""
        found = next((each for each in self._bindings() if operation in each._operations), None)
        if found is None:
            told = f"{self._name} has no operation {operation}; it has {', '.join(self.operations) or 'none'}."
            raise ConnectorRefused(told, fix="name the operation that it has.")
        return found

    def _bindings(self) -> Iterator[Any]:
        from zeep.wsdl.bindings.soap import Soap11Binding

        return (each for each in self._client.wsdl.bindings.values() if isinstance(each, Soap11Binding))


class _Nothing:
    """Fetches nothing for zeep."""

    def load(self, url: str) -> bytes:
        """Refuse what a WSDL imports."""
        told = f"The WSDL imports {url}, which is not fetched."
        raise ConnectorRefused(told, fix="download it as one file with all of its types.")


def _addressed(action: str, message_id: str) -> Sequence[Any]:
    from lxml import etree

    found = []
    for name, text in (("Action", action), ("MessageID", message_id)):
        made = etree.Element(f"{{{ADDRESSING}}}{name}", nsmap={"wsa": ADDRESSING})
        made.text = text
        found.append(made)
    return found
