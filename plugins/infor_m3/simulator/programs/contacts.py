"""CRS618MI, persons, and CRS111MI, e-mail addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from duehook.plugins.infor_m3.simulator.asked import Asked, Handler, Record
from duehook.plugins.infor_m3.simulator.refusal import UNKNOWN, nok


def _list_persons(asked: Asked) -> Iterator[Record]:
    for row in asked.site.contacts.behind(asked.get("CNPE")):
        if asked.get("RFTP") in ("", row["RFTP"]) and asked.get("DEPT") in ("", row.get("DEPT", "")):
            yield row


def _get_person(asked: Asked) -> Iterator[Record]:
    found = asked.site.contacts.get(asked.get("CNPE"))
    if found is None:
        raise nok("CNPE", UNKNOWN, f"Contact {asked.get('CNPE')}")
    yield found


def _list_mails(asked: Asked) -> Iterator[Record]:
    """List the addresses from a type and a key on: those of the next types stand behind."""
    first = asked.get("EMTP"), asked.get("EMKY")
    for (of_type, key), address in asked.site.mails.behind(first):
        yield {"EMTP": of_type, "EMKY": key, "EMAL": address}


def _get_mail(asked: Asked) -> Iterator[Record]:
    address = asked.site.mails.get((asked.get("EMTP"), asked.get("EMKY")))
    if address is None:
        raise nok("EMKY", UNKNOWN, f"E-mail key {asked.get('EMKY')}")
    yield {"EMTP": asked.get("EMTP"), "EMKY": asked.get("EMKY"), "EMAL": address}


def _list_customers(asked: Asked) -> Iterator[Record]:
    for customer in asked.site.customers.behind(asked.get("CUNO")):
        yield asked.site.customers.of(customer, asked.columns)


CRS618MI: Final[Mapping[str, Handler]] = {"Lst": _list_persons, "Get": _get_person}
CRS111MI: Final[Mapping[str, Handler]] = {"List": _list_mails, "Get": _get_mail, "LstCustomers": _list_customers}
