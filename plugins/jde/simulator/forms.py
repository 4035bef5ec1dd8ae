"""A form that the simulated site has made for collections, and AIS's form service over it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from .user_fields import Item, NotTaken, UserFields

FORM: Final = "P5503B11_W5503B11A"
VERSION: Final = "ZJDE0001"
DAYS: Final = "MM/dd/yyyy"
_DAYS: Final = "%m/%d/%Y"
_SAVE: Final = "11"
_KEY: Final = ("1", "2", "3", "4", "5")  # company, type, number, pay item, customer
_PROMISED, _AMOUNT, _MARK, _CODE = "20", "21", "22", "30"
_INPUTS: Final = "company=1, type=2, number=3, line=4, customer=5"
_FORM: Final = {"form.name": FORM, "form.version": VERSION, "form.inputs": _INPUTS, "form.save": _SAVE}
PROMISE: Final = {**_FORM, "form.controls": "on=20, amount=21, mark=22"}
DISPUTE: Final = {**_FORM, "form.controls": "code=30"}


class Forms:
    """Fills the form: finds the pay item by its inputs, sets the controls, and takes them by OK."""

    def __init__(self, fields: UserFields) -> None:
        """Take the columns that the form shows."""
        self._fields = fields

    def fill(self, body: dict[str, Any], user: str) -> dict[str, Any]:
        """Return what the form shows after the actions; errors where it did not take them."""
        name, errors = str(body.get("formName")), list[dict[str, str]]()
        inputs = {str(each["id"]): str(each["value"]) for each in body.get("formInputs", [])}
        shown: dict[str, str] = {}
        for action in body.get("formActions", []):
            if action["command"] == "SetControlValue":
                shown[str(action["controlID"])] = str(action["value"])
            elif action["command"] == "DoAction" and str(action["controlID"]) == _SAVE:
                errors = self._taken(inputs, shown, user)
        return {
            f"fs_{name}": {"title": "Collection Data", "data": {}, "errors": errors, "warnings": []},
            "stackId": 1, "stateId": 1, "rid": "1", "currentApp": f"{name}_{VERSION}", "sysErrors": [],
        }  # fmt: skip

    def _taken(self, inputs: dict[str, str], shown: dict[str, str], user: str) -> list[dict[str, str]]:
        try:
            company, kind, number, line, customer = (inputs[each] for each in _KEY)
            item: Item = (company, kind, int(number), line, int(customer))
            if _PROMISED in shown:
                day = datetime.strptime(shown[_PROMISED], _DAYS).replace(tzinfo=UTC).date()
                self._fields.promise(item, day, shown[_AMOUNT], mark=shown[_MARK], user=user)
            if _CODE in shown:
                self._fields.dispute(item, shown[_CODE], user=user)
        except NotTaken as error:
            return [_error(str(error))]
        except (KeyError, ValueError) as error:
            return [_error(f"Invalid value: {error}")]
        return []


def _error(title: str) -> dict[str, str]:
    return {"CODE": "0002", "TITLE": f"Error: {title}", "ERRORCONTROL": "", "DESC": title, "MOBILE": title}
