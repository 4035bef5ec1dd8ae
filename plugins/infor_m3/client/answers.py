"""M3's answers as rows, whichever version gave them, and its refusals (NOK) sorted by what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

from duehook.core.errors import ConnectorDown, ConnectorGarbled, ConnectorRefused
from duehook.core.redaction import one_line, redact
from duehook.core.wire.reply import SENSELESS, Reply

Rows = list[dict[str, str]]
LONGEST: Final = 300
BLANKS: Final = " \x00"  # what values are filled up with
_AUTHORITY: Final = ("not authorized", "no authority", "not authorised", "authorization", "authority")


class Nok(ConnectorRefused):
    """M3 refused a transaction: `code` is its message's, `field` the one that it is about."""

    def __init__(self, message: str, code: str, field: str, *, fix: str) -> None:
        """Take what M3 said."""
        super().__init__(message, fix=fix)
        self.code, self.field = code, field

    @property
    def is_authority(self) -> bool:
        """Say whether the user may not do it: a matter of configuration, whatever was asked for."""
        return _is_authority(self.code, self.message)

    @property
    def is_missing(self) -> bool:
        """Say whether what was asked for does not exist: by the code's last digits, else by the words."""
        if self.is_authority:
            return False
        return self.code.endswith("03") or any(word in self.message.lower() for word in ("not exist", "not found"))

    @property
    def is_there(self) -> bool:
        """Say whether what was to be added exists already."""
        return self.code.endswith("04") or "already exist" in self.message.lower()

    @property
    def is_stale(self) -> bool:
        """Say whether somebody else changed the record since it was read."""
        return self.field == "CHNO" or "has been changed" in self.message.lower()


class Absent(ConnectorRefused):
    """M3 did not begin a call: its release does not have that program, transaction or field."""


class Result(NamedTuple):
    """What became of one transaction: its rows, or why M3 refused it."""

    name: str
    rows: Rows
    nok: Nok | None = None

    def given(self) -> Rows:
        """Return the rows; raise the refusal where it was refused."""
        if self.nok:
            raise self.nok
        return self.rows


def results(reply: Reply, title: str) -> list[Result]:
    """Return what an answer says of each transaction; `title` is what was asked for.

    The body is read before the status is judged: M3 refuses with 200 as well as with 400. Raises
    ConnectorGarbled for what is no answer of M3, ConnectorDown for a call that M3 ended early.
    """
    fault = reply.fault()
    try:
        found = list(_results(reply.json(), reply, title))
    except ConnectorGarbled:
        if fault is None:
            raise
        raise fault from None
    if fault is not None and all(each.nok is None for each in found):
        raise fault
    return found


def _results(answer: Any, reply: Reply, title: str) -> Iterator[Result]:
    if not isinstance(answer, Mapping):
        raise _garbled(reply, title, "no object")
    if answer.get("wasTerminated") is True:
        told = _words(answer.get("terminationReason") or answer.get("terminationErrorType") or "without a reason")
        if reply.status >= 400:
            raise _absent(title, reply, told)
        raise ConnectorDown(f"M3 ended {title} early: {told}.", fix="let the M3 admin look why; it is asked again.")
    held = answer.get("results")
    if held is None:
        yield _single(answer, reply, title)
        return
    found = _list(held)
    if not all(isinstance(each, dict) for each in found):
        raise _garbled(reply, title, "a result that is no object")
    are_rows = _are_rows(chain.from_iterable(_list(each.get("records")) for each in found))
    for each in found:
        yield _one(each, reply, title, are_rows=are_rows)


def _one(held: Mapping[str, Any], reply: Reply, title: str, *, are_rows: bool) -> Result:
    """Read one result of v2; a bulk call to an older grid may have results of v1's form in it.

    With `are_rows` its records can be taken as they came.
    """
    if "MIRecord" in held or "@type" in held:
        return _single(held, reply, title)
    name = str(held.get("transaction") or "")
    if held.get("notProcessed") is True:
        raise ConnectorDown(f"M3 did not get to {title}.", fix="ask for less at once: lower `bulk_size`.")
    if held.get("errorMessage") or held.get("errorCode") or held.get("errorType"):
        said = _words(held.get("errorMessage")), _words(held.get("errorCode")), _words(held.get("errorField"))
        return Result(name, [], _nok(reply, title, said))
    records = _list(held.get("records"))
    return Result(name, [*records] if are_rows else [_flat(row, reply, title) for row in records])


def _are_rows(records: Iterable[Any]) -> bool:
    """Say whether all records hold nothing but text without blanks behind it: they need not be gone through then."""
    try:
        held = "\n".join(chain.from_iterable(map(dict.values, records)))
    except TypeError:  # a record that is none, or a value that is no text
        return False
    return "\x00" not in held and " \n" not in held and not held.endswith(" ")


def _single(answer: Mapping[str, Any], reply: Reply, title: str) -> Result:
    """Read an answer of v1, where one of a kind may stand for a list of one."""
    name = str(answer.get("Transaction") or "")
    if "@type" in answer or "@code" in answer:
        said = _words(answer.get("Message")), _words(answer.get("@code")), _words(answer.get("@field"))
        if reply.status >= 400 and not said[1]:  # M3's own refusals bear a code
            raise _absent(title, reply, said[0])
        return Result(name, [], _nok(reply, title, said))
    if not ({"Program", "MIRecord", "Metadata"} & answer.keys()):
        raise _garbled(reply, title, "neither a result nor a refusal")
    return Result(name, [_paired(record, reply, title) for record in _list(answer.get("MIRecord"))])


def _paired(record: Any, reply: Reply, title: str) -> dict[str, str]:
    pairs = _list(record.get("NameValue")) if isinstance(record, Mapping) else [None]
    found: dict[str, str] = {}
    for pair in pairs:
        if not isinstance(pair, Mapping) or not isinstance(pair.get("Name"), str):
            raise _garbled(reply, title, "a record that is none")
        found[pair["Name"]] = _value(pair.get("Value"))
    return found


def _flat(row: Any, reply: Reply, title: str) -> dict[str, str]:
    if not isinstance(row, dict):
        raise _garbled(reply, title, "a record that is none")
    return {name: _value(held) for name, held in row.items()}


def _value(held: Any) -> str:
    """Return a value without the blanks that v1 fills it up with."""
    return "" if held is None else str(held).rstrip(BLANKS)


def _list(held: Any) -> Sequence[Any]:
    if held is None or held == "":
        return ()
    return held if isinstance(held, list) else [held]


def _words(held: Any) -> str:
    return " ".join(str(held or "").split())


def _is_authority(code: str, message: str) -> bool:
    return code.startswith("XAU") or any(word in message.lower() for word in _AUTHORITY)


def _nok(reply: Reply, title: str, said: tuple[str, str, str]) -> Nok:
    message, code, field = said
    status = f" answered {reply.status}" if reply.status >= 400 else ""
    about = f" ({', '.join(part for part in (code, field) if part)})" if code or field else ""
    told = f"{title}{status}: {one_line(redact(message))[:LONGEST] or 'refused without a word'}{about}"
    if _is_authority(code, message):
        fix = (
            f"let the M3 admin give the user the right to {title} in this company and division, and see that "
            "`company` and `divisions` are right."
        )
    else:
        fix = f"look at what M3 says of {title}; the code is that of its message file."
    return Nok(told, code, field, fix=fix)


def _absent(title: str, reply: Reply, told: str) -> Absent:
    return Absent(f"{title} answered {reply.status}: {told}", fix=f"see whether this M3 has {title}.")


def _garbled(reply: Reply, title: str, what: str) -> ConnectorGarbled:
    return ConnectorGarbled(f"{title} was answered {reply.status} with {what}: {reply.excerpt()}", fix=SENSELESS)
