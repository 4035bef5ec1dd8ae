"""Carries out the call that a site names for a write: an orchestration with its inputs, or a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from duehook.core.errors import ConnectorRefused
from duehook.plugins.jde.ais import AisClient

from .settings import CallSettings, FormSettings

Values = Mapping[str, str | date | Decimal | None]
_JAVA: Final = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d"}


@dataclass(frozen=True)
class Answer:
    """What a call said: whether it took the write, and its words for people."""

    ok: bool
    told: str
    reference: str | None = None


def carry_out(ais: AisClient, call: CallSettings, names: Mapping[str, str], values: Values) -> Answer:
    """Hand the values over; ReplyLost where nobody can say what became of them.

    An orchestration takes days as yyyy-MM-dd and amounts with a point; a form takes them as the user has them.
    """
    if call.form is not None:
        return _filled(ais, call.form, values)
    assert call.orchestration is not None
    called = {**names, **call.inputs}
    body = {called[name]: _plain(value) for name, value in values.items() if called.get(name)}
    answer = ais.orchestrate(call.orchestration, body)
    status, reference = str(answer.get("Status", "no status")), answer.get("Reference")
    told = f"{status}: {answer.get('Message', '')}".strip(": ")
    return Answer(status.lower() != "error", told, str(reference) if reference else None)


def _plain(value: str | date | Decimal | None) -> str:
    return value.isoformat() if isinstance(value, date) else str(value if value is not None else "")


def _filled(ais: AisClient, form: FormSettings, values: Values) -> Answer:
    ais.sign_in()  # which tells how the user writes days and amounts
    written = {name: _as_user(ais.user, value) for name, value in values.items()}
    actions = [
        {"command": "SetControlValue", "controlID": control, "value": written[name]}
        for name, control in form.controls.items() if name in written
    ]  # fmt: skip
    answer = ais.fill({
        "formName": form.name, "version": form.version, "formServiceAction": "U",
        "formInputs": [{"id": number, "value": written[name]} for name, number in form.inputs.items()
                       if name in written],
        "formActions": [*actions, {"command": "DoAction", "controlID": form.save}],
    })  # fmt: skip
    shown = answer.get(f"fs_{form.name}")
    errors = shown.get("errors", []) if isinstance(shown, dict) else []
    errors = [*errors, *(answer.get("sysErrors") or [])]
    told = "; ".join(_words(error) for error in errors)
    return Answer(not errors, told or f"the form {form.name} took it")


def _words(error: Any) -> str:
    return str(error.get("TITLE") or error.get("DESC") or error) if isinstance(error, dict) else str(error)


def _as_user(user: Mapping[str, Any], value: str | date | Decimal | None) -> str:
    """Return a value as the signed-in user would type it."""
    if isinstance(value, Decimal):
        return str(value).replace(".", str(user.get("decimalFormat") or "."))
    if not isinstance(value, date):
        return value or ""
    pattern = str(user.get("simpleDateFormat") or "")
    for java, python in _JAVA.items():
        pattern = pattern.replace(java, python)
    if "%d" not in pattern or "%m" not in pattern:
        raise ConnectorRefused(
            f"AIS does not say how its user writes days (simpleDateFormat {user.get('simpleDateFormat')!r}).",
            fix="give the AIS user a date format in its user profile (P0092), or write through an orchestration.",
        )
    return value.strftime(pattern)
