"""CRS618MI, persons, and CRS111MI, e-mail addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from duehook.plugins.infor_m3.simulator.asked import Asked, Handler, Record
from duehook.plugins.infor_m3.simulator.codes import MAIL_TYPE
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
    if asked.get("EMTP") not in ("", MAIL_TYPE):
        return
    customers = asked.site.customers
    for customer in customers.behind(asked.get("EMKY")):
        mail = customers.own(customer.key, "email")
        if mail:
            yield {"EMTP": MAIL_TYPE, "EMKY": customer.key, "EMAL": mail[:60]}


def _get_mail(asked: Asked) -> Iterator[Record]:
    mail = asked.site.customers.own(asked.get("EMKY"), "email") if asked.get("EMTP") == MAIL_TYPE else ""
    if not mail:
        raise nok("EMKY", UNKNOWN, f"E-mail key {asked.get('EMKY')}")
    yield {"EMTP": MAIL_TYPE, "EMKY": asked.get("EMKY"), "EMAL": mail[:60]}


def _list_customers(asked: Asked) -> Iterator[Record]:
    for customer in asked.site.customers.behind(asked.get("CUNO")):
        yield asked.site.customers.of(customer, asked.columns)


CRS618MI: Final[Mapping[str, Handler]] = {"Lst": _list_persons, "Get": _get_person}
CRS111MI: Final[Mapping[str, Handler]] = {"List": _list_mails, "Get": _get_mail, "LstCustomers": _list_customers}
