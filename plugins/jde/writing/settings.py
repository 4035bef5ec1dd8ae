"""What duehook.yaml says of writing: through which call notes, promises and disputes go, and where they stand.

JDE has no call of its own for any of them, so the site names one: an orchestration, or a form that is
filled. What we hand over has a usual name at the other side; `inputs` says where a site's is another.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from duehook.core.settings.connector import Codes, ConnectorSettings, nested

ORCHESTRATION: Final = r"^[\w.\- ]+$"
ITEM_COLUMN: Final = r"^RP[A-Z0-9]{2,}$"
# What a call is handed, and what its input is called where the site says nothing else.
NOTE_INPUTS: Final = {
    "customer": "AddressNumber", "company": "Company", "subject": "Subject", "text": "Text", "mark": "Mark",
}  # fmt: skip
_ITEM_INPUTS: Final = {
    "company": "DocumentCompany", "type": "DocumentType", "number": "DocumentNumber", "line": "PayItem",
    "customer": "AddressNumber", "amount": "Amount", "text": "Text", "mark": "Mark", "expected": "Expected",
}  # fmt: skip
PROMISE_INPUTS: Final = {**_ITEM_INPUTS, "on": "PromiseDate"}
DISPUTE_INPUTS: Final = {**_ITEM_INPUTS, "code": "DisputeCode"}


class FormSettings(ConnectorSettings):
    """One form of an application, filled in by AIS's form service.

    `name` is program and form. `inputs` says which of the form's inputs takes what names the row (company,
    type, number, line, customer), `controls` which control takes what is written; `save` is the
    control of its OK button. Control numbers are those of the site's own form.
    """

    name: str = Field(pattern=r"^\w+_W\w+$")
    version: str = "ZJDE0001"
    inputs: Annotated[dict[str, str], Codes] = Field(min_length=1)
    controls: Annotated[dict[str, str], Codes] = Field(min_length=1)
    save: str = Field(min_length=1)


class CallSettings(ConnectorSettings):
    """A call that writes: an orchestration with its inputs, or a form.

    `inputs` renames: `{text: NoteText}`; an input renamed to nothing is not sent.
    """

    orchestration: str | None = Field(None, pattern=ORCHESTRATION)
    inputs: Annotated[dict[str, str], Codes] = Field(default_factory=dict)
    form: FormSettings | None = None

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, data: Any) -> Any:
        """Read `form.name: …` as `form: {name: …}`."""
        return nested(data)


class NoteSettings(CallSettings):
    """Where notes go: text media objects of the address, or a call.

    text: a text of the address's media object. activity: a row of the activity log (F03B31), which the call
    adds and whose `column` shows the mark. orchestration: wherever the site's own puts them; `find` names the one
    that gives them back, for a note that cannot be found would be written twice.
    """

    by: Literal["text", "activity", "orchestration"] = "text"
    find: str | None = Field(None, pattern=ORCHESTRATION)
    column: str = Field("ZGRMK", pattern=r"^ZG[A-Z0-9]{2,}$")

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        one_call(self, when=self.by != "text", names=NOTE_INPUTS)
        if self.by == "orchestration" and (self.find is None or self.orchestration is None):
            raise ValueError("notes by orchestration need `orchestration`, which adds, and `find`, which gives back")
        return self


class PromiseSettings(CallSettings):
    """Which columns of F03B11 hold a promise: its day, its amount, and the mark of the command that set it.

    Without `mark` a user's own promise cannot be told from ours, and the last one stands. Amounts are in the
    item's currency.
    """

    on: str = Field(pattern=ITEM_COLUMN)
    amount: str | None = Field(None, pattern=ITEM_COLUMN)
    mark: str | None = Field(None, pattern=ITEM_COLUMN)

    @model_validator(mode="after")
    def _can_be_written(self) -> Self:
        one_call(self, when=True, names=PROMISE_INPUTS)
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that are named."""
        return tuple(filter(None, (self.on, self.amount, self.mark)))


class DisputeSettings(CallSettings):
    """Which columns of F03B11 hold a dispute: its code, its amount, and the mark of the command that set it.

    `codes` says which code each of our reasons is. A code that stands there and is not ours stays.
    """

    code: str = Field(pattern=ITEM_COLUMN)
    amount: str | None = Field(None, pattern=ITEM_COLUMN)
    mark: str | None = Field(None, pattern=ITEM_COLUMN)
    codes: Annotated[dict[str, str], Codes] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_be_written(self) -> Self:
        one_call(self, when=True, names=DISPUTE_INPUTS)
        if self.code == "RPPST":
            raise ValueError("a pay status stops cash application: name another column for the dispute's code")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that are named."""
        return tuple(filter(None, (self.code, self.amount, self.mark)))


def one_call(call: CallSettings, *, when: bool, names: dict[str, str]) -> None:
    """Raise ValueError unless there is one call where one is needed, and none of its names is unknown."""
    if int(when) != (call.orchestration is not None) + (call.form is not None):
        raise ValueError("name one call: `orchestration`, or `form`" if when else "texts need no call")
    taken = {*call.inputs, *(call.form.inputs if call.form else ()), *(call.form.controls if call.form else ())}
    unknown = sorted(taken - set(names))
    if unknown:
        raise ValueError(f"there is no {', '.join(unknown)} to hand over; there are {', '.join(names)}")
