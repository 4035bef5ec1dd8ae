"""A simulated ECC on loopback, and plain requests to it that know no connector."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import requests

from duehook.core.testing.book import Customer
from duehook.core.testing.contract.scenes.acts import newcomer
from duehook.plugins.sap_ecc.simulator import EccSimulator

START = date(2026, 3, 2)


@dataclass
class Site:
    """A simulator that serves, and a session signed in to it."""

    simulator: EccSimulator
    settings: dict[str, str]
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.trust_env = False
        self.http.auth = ("DUEHOOK", "Simulator-1")

    def url(self, name: str, client: str = "100") -> str:
        low = name.lower()
        return f"{self.settings['base_url']}/sap/bc/srt/rfc/sap/{low}/{client}/{low}/{low}"

    def post(self, name: str, inner: str, **more: Any) -> requests.Response:
        """Send the parameters of a function module, written as XML."""
        body = (
            '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            f'<f:{name} xmlns:f="urn:sap-com:document:sap:rfc:functions">{inner}</f:{name}></s:Body></s:Envelope>'
        )
        return self.http.post(self.url(name), data=body.encode(), timeout=30, **more)

    def read(self, table: str, fields: str, *options: str, **more: Any) -> list[str]:
        """Return the lines of RFC_READ_TABLE with a bar between the fields, in order."""
        asked = "".join(f"<item><FIELDNAME>{name}</FIELDNAME></item>" for name in fields.split())
        lines = "".join(
            f"<item><TEXT>{each.replace('<', '&lt;').replace('>', '&gt;')}</TEXT></item>" for each in options
        )
        others = "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
        answer = self.post(
            "RFC_READ_TABLE",
            f"<QUERY_TABLE>{table}</QUERY_TABLE><DELIMITER>|</DELIMITER>{others}<DATA/><FIELDS>{asked}</FIELDS>"
            f"<OPTIONS>{lines}</OPTIONS>",
        )
        assert answer.status_code == 200, answer.text
        return sorted(each.text or "" for each in ElementTree.fromstring(answer.content).iter("WA"))

    def refusal(self, answer: requests.Response) -> str:
        """Return the name of the exception in a fault."""
        assert answer.status_code == 500
        return next(each.text or "" for each in ElementTree.fromstring(answer.content).iter("Name"))


@contextmanager
def served(folder: Path, **options: Any) -> Iterator[Site]:
    """Serve a small ECC."""
    named = {"folder": str(folder), "customers": 20, "items": 60, "start_on": START, **options}
    simulator = EccSimulator(named)
    settings = dict(simulator.start())
    try:
        yield Site(simulator, settings)
    finally:
        simulator.stop()


def nobody_yet(site: Site) -> Customer:
    """Let a customer come who has no documents: number 1021 of this small book."""
    with site.simulator.act() as book:
        return newcomer(book)
