"""What a simulated site can be: its options, what it lacks because of them, and the rights on its programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

OPTIONS: Final[Mapping[str, Any]] = {
    "mode": "basic",  # or ionapi
    "version": "v2",  # or v1; both are served
    "exportmi": True,
    "extension_table": False,
    "info_category": None,  # a number of three digits, where ARS251MI carries disputes
    "note_mode": "AddText",  # or CRS980MI
    "without": (),  # programs, and transactions as PROGRAM/Transaction, that the site's release does not have
    "division": "AAA",  # the user's own, where a call names none
    "date_format": "DMY",  # the user's own, as on-premises sites have it
    "token_life": 7200.0,
    "gateway_rows": None,  # records that are too many for the gateway's time-out
}
VARIANTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "v1": {"version": "v1"},
    "ION API": {"mode": "ionapi"},
    "without EXPORTMI": {"exportmi": False},
    "text blocks": {"note_mode": "CRS980MI"},
}
FULLEST: Final[Mapping[str, Any]] = {"exportmi": True, "extension_table": True, "info_category": 700}
_PROGRAMS: Final = ("CRS610MI", "CRS618MI", "CRS111MI", "CRS075MI", "CRS055MI", "CRS980MI", "ARS200MI", "ARS201MI")
_LACKS: Final = {
    "unposted": "FSLEDG holds only what is posted",
    "deletes": "ledger rows are never deleted, only archived",
    "instalments": "each is a document of its own",
    "reversals": "no row of FSLEDG names another that it takes back",
    "half references": "money stands under the number of its invoice, and names it in no other way",
}


def lacking(options: Mapping[str, Any]) -> dict[str, str]:
    """Return what M3 does not have, with the reason."""
    found = dict(_LACKS)
    if options["mode"] == "basic":
        found["sign-in that runs out"] = "a user and a password are sent with each call"
    if not options["extension_table"]:
        found["set_promise"] = "without CUSEXTMI no field of an invoice can be written"
    if not options["info_category"]:
        found["set_dispute"] = "without an information category ARS251MI has no place for it"
    return found


def rights(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the programs that the user needs, by the word that names each."""
    needed = (*_PROGRAMS, *(("EXPORTMI",) if options["exportmi"] else ()))
    return {name: name for name in needed}


def absent(options: Mapping[str, Any]) -> set[str]:
    """Return the programs, and transactions of others, that the site does not have."""
    gone = {"EXPORTMI": options["exportmi"], "CUSEXTMI": options["extension_table"]}
    return {name for name, there in gone.items() if not there} | set(options["without"])
