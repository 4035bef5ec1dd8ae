"""A site's function module: called with what a command says, and what it answers in RETURN."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Final

from duehook.core.connecting.writing import Refusal, marker
from duehook.core.errors import ConnectorError
from duehook.core.hookspecs import Command
from duehook.core.wire import ReplyLost
from duehook.plugins.sap_ecc.client.calling import Answer, FunctionCall
from duehook.plugins.sap_ecc.client.faults import FunctionFault
from duehook.plugins.sap_ecc.mapping.values import padded
from duehook.plugins.sap_ecc.settings import FunctionSettings
from duehook.plugins.sap_ecc.site import EccSite

COMMIT: Final = "BAPI_TRANSACTION_COMMIT"
ROLLBACK: Final = "BAPI_TRANSACTION_ROLLBACK"
_WRONG: Final = frozenset({"E", "A"})


def said_by(command: Command) -> dict[str, str]:
    """Return what a function's parameters may take of a command."""
    body, release = command.body, command.kind == "release_credit_hold"
    value = body.get("restore") if release else body.get("value", body.get("level"))
    text = body.get("text") or body.get("note") or body.get("reason") or ""
    on = body.get("on") or ""
    return {
        "customer": padded(command.customer), "company": command.company, "value": "" if value is None else str(value),
        "text": " ".join(str(text).split()), "mark": marker(command), "item": command.item or "",
        "amount": str(body.get("amount") or ""), "currency": str(body.get("currency") or ""),
        "on": date.fromisoformat(str(on)).strftime("%Y%m%d") if on else "", "reason": str(body.get("reason") or ""),
    }  # fmt: skip


def write(site: EccSite, function: FunctionSettings, command: Command) -> None:
    """Call the function and commit; Refusal where it says E or A, ReplyLost where nobody knows what became of it."""
    tables = dict.fromkeys(function.tables, ("item",))
    call = FunctionCall(function.name, _named(function, said_by(command)), tables, reads=False)
    try:
        wrong = objection(site.transport.call(call), function.returns)
    except ReplyLost:
        _settle(site, COMMIT)  # it may wait for that, and would else stand with the next write
        raise
    if wrong:
        _settle(site, ROLLBACK)
        raise Refusal(f"{function.name}: {wrong}")
    if site.settings.commit:
        _commit(site)


def read(site: EccSite, function: FunctionSettings, command: Command) -> list[Mapping[str, Any]]:
    """Return what a reader gives of the command's customer."""
    tables = {function.table: (function.mark, function.text)}
    call = FunctionCall(function.name, _named(function, said_by(command)), tables)
    answer = site.transport.call(call)
    wrong = objection(answer, function.returns)
    if wrong:
        raise Refusal(f"{function.name}: {wrong}")
    return answer.table(function.table)


def objection(answer: Answer, returns: str) -> str | None:
    """Return what RETURN says against it, though the call succeeded."""
    for row in answer.table(returns):
        if str(row.get("TYPE", "")).strip() in _WRONG:
            said = " ".join(str(row.get(name, "")).strip() for name in ("ID", "NUMBER", "MESSAGE"))
            return " ".join(said.split()) or "it says E without a message"
    return None


def _settle(site: EccSite, function: str) -> None:
    """Let nothing of a write wait in the session, where that can be reached."""
    if site.settings.commit:
        with suppress(ConnectorError):
            site.transport.call(FunctionCall(function, {}, reads=False))


def _commit(site: EccSite) -> None:
    try:
        answer = site.transport.call(FunctionCall(COMMIT, {"WAIT": "X"}, reads=False))
    except ReplyLost:
        raise
    except FunctionFault as error:
        raise ReplyLost(f"{error.message} The write was sent and may have taken effect.") from error
    wrong = objection(answer, "RETURN")
    if wrong:
        raise ReplyLost(f"{COMMIT}: {wrong}. The write was sent and may have taken effect.")


def _named(function: FunctionSettings, said: Mapping[str, str]) -> dict[str, str]:
    return {function.parameters[each]: held for each, held in said.items() if each in function.parameters}
