"""What the schema calls codes that the account's tables hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from duehook.plugins.netsuite.simulator.soap.records.shape import ACCOUNT_TYPES, COUNTRIES, HOLD_NAMES
from duehook.plugins.netsuite.simulator.soap.records.transactions import NAMES
from duehook.plugins.netsuite.simulator.tables.codes import INVOICE, STATUS_TEXTS


def _camel(text: str) -> str:
    first, *others = text.replace(":", "").split()
    return "_" + first.lower() + "".join(word.title() for word in others)


TYPES: Final = {code: f"_{name.removesuffix('Entry')}" for code, name in NAMES.items()}
STATUSES: Final = {f"{kind}:{letter}": _camel(text) for (kind, letter), text in STATUS_TEXTS.items()}
_PENDING: Final = {f"{INVOICE}:P": "_invoicePendingApproval"}
_LINKS: Final = {"Payment": "_payment"}
_STAGES: Final = {"Customer": "_customer", "Lead": "_lead", "Prospect": "_prospect"}
ENUMS: Final[Mapping[str, Mapping[str, str]]] = {  # by what follows `enum.` in a field's kind
    "type": TYPES,
    "status": {**STATUSES, **_PENDING},
    "account": ACCOUNT_TYPES,
    "link": _LINKS,
    "hold": HOLD_NAMES,
    "country": COUNTRIES,
    "stage": _STAGES,
}
