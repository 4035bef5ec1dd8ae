"""The SOAP service "Journal Entry – Change (Asynchronous)": one field of one item, in a message that nobody answers.

What stands here of it is sourced:

- what it changes, that the field status rules over it as over the app Manage Journal Entries, and its scenario
  SAP_COM_0002: blogs.sap.com/2019/09/10/guidelines-for-api-journal-entry-change-asynchronous/
- that a caller hears nothing of what became of it, which stands in the app Message Dashboard (in AIF on premise), and
  that a confirmation goes to the sender's business system by a call of SAP's own, where that is set up:
  blogs.sap.com/2019/11/26/guidelines-for-enabling-outbound-api-journal-entry-change-confirmation-asynchronous/
- that messages without WS-RM may be lost, come twice or in another order:
  wiki.scn.sap.com/wiki/display/ABAPConn/Plain+SOAP
- the names of the namespace, operation, message and elements, its address, SOAP 1.1 and the header MessageID: the
  service's own WSDL and programs that call it, which others have published, such as
  github.com/hasanciftci26/cap-journal-entry-travelopia.

Not sourced: that an empty code, with its indicator, lifts a block (`lifted_as`); and that a message of an ID or UUID
that was here before is not carried out again, so none is sent again by itself. What a site has otherwise is a setting.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

from duehook.core.connecting.checking import tried
from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Command, Finding
from duehook.core.wire.soap import SoapDescription
from duehook.plugins.sap.settings import JournalEntryNames, JournalEntrySettings
from duehook.plugins.sap.site import SapSite
from duehook.plugins.sap_lines.lines import LineKey

MONITOR: Final = "the app Message Dashboard (AIF on premise: /FINAC, JECHANGEIN)"
_SPACE: Final = uuid.UUID("8d7a5f0c-3c1e-5c55-9f43-6a0f1c0d2b77")
_SETTING: Final = "journal_entry_change"
_WSDL: Final = "compare it with the WSDL, and write the name that stands there as"
_RIGHT: Final = (
    "let the SAP admin set up a communication arrangement of SAP_COM_0002 for the user (on premise: its service in "
    "SOAMANAGER and the authority to change documents)."
)


class JournalEntryChange:
    """The service of one site, by the WSDL that was downloaded from it."""

    def __init__(self, site: SapSite, asked: JournalEntrySettings) -> None:
        """Take the site and what its settings say of the service."""
        self._site, self._asked = site, asked
        self._service = site.client.soap(asked.endpoint, fixes={403: _RIGHT, 404: f"correct `{_SETTING}.endpoint`."})

    def block(self, command: Command, key: LineKey, code: str) -> None:
        """Send once that an item shall have this block, or none. ReplyLost where nobody knows whether it was taken."""
        operation = self._asked.names.operation
        message = self._message(command, key, code)
        envelope = self._description.envelope(operation, message, message_id=f"urn:uuid:{unique_id(command)}")
        self._service.tell(envelope, self._description.action(operation))

    def _message(self, command: Command, key: LineKey, code: str) -> dict[str, Any]:
        """Return what is sent: the item by its key, and its block with the sign that it shall be changed."""
        names, (company, year, document, line) = self._asked.names, key
        at = self._site.items.clock()
        sender = {names.sender: self._asked.business_system} if self._asked.business_system else {}
        of_item = {names.id: f"{name_of(command)}-1", names.created: at}
        of_all = {names.id: name_of(command), names.uuid: unique_id(command), names.created: at, **sender}
        keyed = {names.document: document, names.company: company, names.year: year, names.line: line}
        change = {names.value: code, names.requested: True}
        return {
            names.header: of_all,
            names.item: [{names.header: of_item, names.item_key: keyed, names.change: change}],
        }

    def check(self) -> Iterator[Finding]:
        """Compare the names with the WSDL, and ask at the endpoint whether it is there for us; nothing is sent."""
        try:
            description = self._description
            yield from self._names(description, self._asked.names)
        except ConnectorError as error:
            yield Finding(f"{_SETTING}.wsdl", False, error.message, error.fix or f"correct `{_SETTING}`.")
            return
        yield from self._endpoint(description)
        yield from tried("change of journal entries", self._reached, otherwise=_RIGHT)

    @cached_property
    def _description(self) -> SoapDescription:
        return SoapDescription.read(self._asked.wsdl, extra="duehook[sap]")

    def _names(self, description: SoapDescription, names: JournalEntryNames) -> Iterator[Finding]:
        """Name each element that the WSDL does not have where it is looked for."""
        missing = 0
        sender = [((names.header,), ("sender",))] if self._asked.business_system else []
        for path, wanted in [*names.places(), *sender]:
            there = description.parts(names.operation, *path)
            for setting in wanted:
                name = getattr(names, setting)
                if name not in there:
                    missing += 1
                    told = f"{'/'.join(path) or 'the message'} has no {name}; it has {', '.join(there) or 'nothing'}"
                    yield Finding(f"{_SETTING}.names.{setting}", False, told, f"{_WSDL} `{_SETTING}.names.{setting}`.")
        if not missing:
            yield Finding(f"{_SETTING}.wsdl", True, f"has {names.operation} and every name that is sent")

    def _endpoint(self, description: SoapDescription) -> Iterator[Finding]:
        paths = [urlsplit(address).path for address in description.addresses if address]
        if paths and self._asked.endpoint not in paths:
            told = f"the WSDL says that the service is at {', '.join(paths)}, not at {self._asked.endpoint}"
            yield Finding(f"{_SETTING}.endpoint", False, told, f"write it as `{_SETTING}.endpoint`.", "warning")

    def _reached(self) -> str:
        self._service.reach()
        return "the endpoint is there; whether an item's block may be changed is seen by the first message"


def name_of(command: Command) -> str:
    """Return the ID of a command's message, at most 35 signs: the same command always has the same."""
    return f"DH-{command.mark}"


def unique_id(command: Command) -> str:
    """Return the UUID of a command's message: the same command always has the same."""
    return str(uuid.uuid5(_SPACE, command.key))
