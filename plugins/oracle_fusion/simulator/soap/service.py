"""ReceivablesCustomerProfileService: the active profile of an account, read and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from duehook.core.testing.simulator import Reply, Request
from duehook.plugins.oracle_fusion.simulator.site.accounts import KEPT, Accounts

from .envelope import XML, Asked, Fault, answer, read
from .wsdl import FIELDS, wsdl

NAME: Final = "ReceivablesCustomerProfileService"
PATH: Final = f"/fscmService/{NAME}"
_FLAGS: Final = ("Y", "N")


class ProfileService:
    """Answers SOAP over the accounts; `denied` are the rights that the user has not."""

    def __init__(self, accounts: Accounts, denied: set[str], keep: Callable[[], None]) -> None:
        """Take the accounts; what is written is kept."""
        self._accounts, self._denied, self._keep = accounts, denied, keep
        self.url = ""

    def answer(self, request: Request) -> Reply:
        """Answer a request of one who is signed in: the WSDL, or an operation."""
        if request.method == "GET" and request.query.lower() == "wsdl":
            return Reply(wsdl(f"{self.url}{PATH}").encode(), 200, XML)
        try:
            return self._answered(read(request.body))
        except Fault as fault:
            return fault.reply()

    def _answered(self, asked: Asked) -> Reply:
        if NAME in self._denied:
            raise Fault("ACCESS_DENIED", f"access denied to the service {NAME} for this user")
        number = asked.cells.get("AccountNumber")
        if not number or not self._accounts.there(number):
            said = f"The record for Account Number {number} doesn't exist."
            raise Fault(
                "FND:::FND_CMN_RCRD_MSNG",
                f"JBO-FND:::FND_CMN_RCRD_MSNG: <MESSAGE><TEXT>{said}</TEXT></MESSAGE>",
            )
        if asked.operation == "updateCustomerProfile":
            self._look(number, asked.cells.get("ObjectVersionNumber"))
            self._accounts.say(number, _written(asked.cells))
            self._keep()
        elif asked.operation != "getActiveCustomerProfile":
            raise Fault("env:Client", f"Unknown method {asked.operation}.")
        profile = self._accounts.profile(number)
        return answer(asked.operation, {name: profile[name] for name in FIELDS})

    def _look(self, number: str, version: str | None) -> None:
        """Raise Fault where the profile has another version than the client read; one that names none wins."""
        held = self._accounts.profile(number)["ObjectVersionNumber"]
        if version is not None and version != str(held):
            said = f"JBO-25014: Another user has changed the row with primary key oracle.jbo.Key[{number} ]."
            raise Fault("25014", said)


def place(request: Request) -> str:
    """Say what a request does: its path, and the operation behind it."""
    if request.path != PATH or not request.body:
        return request.path
    try:
        return f"{request.path}/{read(request.body).operation}"
    except Fault:
        return request.path


def _written(cells: Mapping[str, str | None]) -> dict[str, Any]:
    """Return what is to be written; raises Fault for what the profile has not, or cannot hold."""
    found: dict[str, Any] = {}
    for name, said in cells.items():
        if name not in FIELDS:
            raise Fault("27024", f"JBO-27024: Failed to validate a row: there is no {name}.", attribute=name)
        if name in KEPT:
            found[name] = said
    if found.get("CreditHold", "N") not in _FLAGS:
        said = f"JBO-27014: The value {found['CreditHold']} of CreditHold in CustomerProfileDEO is invalid."
        raise Fault("27024", said, attribute="CreditHold")
    if found.get("CreditLimit") is not None:
        found["CreditLimit"] = _limit(str(found["CreditLimit"]))
    return found


def _limit(said: str) -> float:
    try:
        return float(said) if "." in said else int(said)
    except ValueError:
        raise Fault("27024", f"JBO-27024: CreditLimit {said} is no number.", attribute="CreditLimit") from None
