"""What a service says of itself in its $metadata: which properties may be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError, fromstring

from duehook.core.errors import ConnectorGarbled
from duehook.core.wire import Reply

_SAP: Final = "{http://www.sap.com/Protocols/SAPData}"


@dataclass(frozen=True)
class Description:
    """A service's $metadata (EDMX)."""

    root: Element

    @classmethod
    def read(cls, reply: Reply) -> Description:
        """Read it from an answer; ConnectorGarbled where that is no such description."""
        if b"<!DOCTYPE" in reply.body:  # entities may swell without end, and EDMX has none
            raise ConnectorGarbled(
                f"{reply.url} gave a DOCTYPE, which no $metadata has.", fix="check the service's address."
            )
        try:
            return cls(fromstring(reply.body))
        except ParseError as error:
            raise ConnectorGarbled(
                f"{reply.url} gave no $metadata: {error}", fix="check the service's address."
            ) from error

    def denies(self, type: str, property: str, word: str) -> bool:
        """Say whether `sap:creatable` or `sap:updatable` of a property is false; what is not said is allowed."""
        for found in self.root.iter():
            if found.tag.endswith("}EntityType") and found.get("Name") == type:
                held = next((each for each in found if each.get("Name") == property), None)
                return held is not None and held.get(f"{_SAP}{word}") == "false"
        return False
