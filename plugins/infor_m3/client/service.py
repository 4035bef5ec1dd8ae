"""M3's REST interface: one transaction by GET, many by one POST; what changes something is sent once, never again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urlencode

from duehook.core.connecting.writing import Refusal
from duehook.core.errors import ConnectorDown, ConnectorGarbled, ConnectorRefused
from duehook.core.wire import Call, RateBudget, Reply, ReplyLost, Stale, WireOptions, WireSession
from duehook.core.wire.reply import SENSELESS
from duehook.core.wire.sign_in import Basic, Bearer, SignIn
from duehook.plugins.infor_m3.entities import Transaction
from duehook.plugins.infor_m3.settings import M3Settings

from .answers import Result, Rows, results
from .ionapi import IonApi
from .sign_in import FIXES, gateway_token

Values = Mapping[str, str]
_JSON: Final = {"Accept": "application/json"}
_POSTED: Final = {**_JSON, "Content-Type": "application/json"}


@dataclass(frozen=True)
class Asking:
    """What a reading asks beside its fields: how many rows at most (0: all), and which columns."""

    most: int = 0
    columns: Sequence[str] | None = None


@dataclass
class M3Service:
    """One M3: `root` goes up to and with /m3api-rest."""

    wire: WireSession
    root: str
    sign_in: SignIn
    settings: M3Settings

    def rows(self, transaction: Transaction, values: Values, asking: Asking = Asking()) -> Rows:
        """Return what a transaction that reads gives; Nok where M3 refuses. Of a list `does not exist` is none."""
        found = self._asked(transaction, values, asking)
        return [] if found.nok and found.nok.is_missing and transaction.lists else found.given()

    def row(self, transaction: Transaction, values: Values) -> dict[str, str] | None:
        """Return the one row of a Get; None where M3 says that there is none."""
        found = self._asked(transaction, values, Asking())
        if found.nok and found.nok.is_missing:
            return None
        return self._only(transaction, values, found)

    def every(self, transaction: Transaction, asked: Sequence[Values], *, most: int = 0) -> list[Result]:
        """Return what became of each, in the order asked; a refusal of rights is raised.

        A Get that neither gives its row nor is refused, and a row that is another's, are ConnectorGarbled.
        """
        parts = _parts(asked, self.settings.bulk_size)
        return [result for part in parts for result in self._answered(transaction, part, most)]

    def each(
        self, transaction: Transaction, asked: Sequence[Values], *, spares: bool = False
    ) -> list[dict[str, str] | None]:
        """Return the row of each Get, in the order asked; None where M3 says that there is none.

        With `spares` any refusal is taken for that, but one of rights.
        """
        found: list[dict[str, str] | None] = []
        for part in _parts(asked, self.settings.bulk_size):
            answered = self._answered(transaction, part, 0, spares=spares)
            found += [None if result.nok else result.rows[0] for result in answered]
        return found

    def _answered(
        self, transaction: Transaction, asked: Sequence[Values], most: int, *, spares: bool = False
    ) -> Sequence[Result]:
        """Ask for some at once, and see that each is answered."""
        found = self._bulk(transaction, asked, most)
        for values, result in zip(asked, found, strict=True):
            if result.nok is None and not transaction.lists:
                self._only(transaction, values, result)
            elif result.nok is not None and not result.nok.is_missing and (result.nok.is_authority or not spares):
                raise result.nok
        return found

    def write(self, transaction: Transaction, values: Values) -> Rows:
        """Change something, once. ReplyLost: nobody knows. Stale: another was quicker. Nok: M3 refuses."""
        _expect_fits(transaction, values)
        reply = self._send(self._get(transaction, values, Asking(), writes=True))
        try:
            found = self._single(transaction, reply)
        except (ConnectorGarbled, ConnectorDown) as error:
            raise ReplyLost(f"{error.message} The write was sent and may have taken effect.") from error
        if found.nok and found.nok.is_stale:
            raise Stale(found.nok.message)
        return found.given()

    def write_all(self, changes: Sequence[tuple[Transaction, Values]]) -> None:
        """Change several things in order; what goes wrong behind the first says how much of it is there by then."""
        for number, (transaction, values) in enumerate(changes):
            try:
                self.write(transaction, values)
            except (ConnectorDown, ConnectorRefused) as error:
                if number == 0:
                    raise
                told = f"{error.message} {number} of {len(changes)} parts were written before it."
                is_refused = isinstance(error, ConnectorRefused)
                raise (ConnectorRefused if is_refused else ReplyLost)(told, fix=error.fix) from error

    def may_write(self, transaction: Transaction) -> None:
        """Ask for a change without the key of what shall change, which changes nothing; Nok where it is not allowed.

        M3 misses the key then, and that is a good answer: rights are looked at first.
        """
        reply = self._send(self._get(transaction, {}, Asking(), writes=True))
        refused = next((each.nok for each in results(reply, transaction.title) if each.nok), None)
        if refused is not None and refused.is_authority:
            raise refused

    def close(self) -> None:
        """Hang up."""
        self.wire.close()

    def _asked(self, transaction: Transaction, values: Values, asking: Asking) -> Result:
        return self._single(transaction, self._send(self._get(transaction, values, asking)))

    def _single(self, transaction: Transaction, reply: Reply) -> Result:
        found = results(reply, transaction.title)
        if len(found) != 1 or found[0].name not in {"", transaction.name}:
            names = ", ".join(each.name for each in found) or "nothing"
            raise ConnectorGarbled(f"{transaction.title} was answered with {names}.", fix=SENSELESS)
        return found[0]

    def _only(self, transaction: Transaction, values: Values, result: Result) -> dict[str, str]:
        rows = result.given()
        if len(rows) != 1 or not _is_what_was_asked(rows[0], values):
            told = (
                f"{transaction.title} gave {len(rows)} rows" if len(rows) != 1 else f"{transaction.title} gave another"
            )
            raise ConnectorGarbled(f"{told} than the one that was asked for.", fix=SENSELESS)
        return rows[0]

    def _bulk(self, transaction: Transaction, asked: Sequence[Values], most: int) -> Sequence[Result]:
        if not self.settings.bulk:
            return [self._asked(transaction, values, Asking(most)) for values in asked]
        common = json.dumps({"transaction": transaction.name, "selectedColumns": transaction.columns})[:-1]
        records = json.dumps([{"record": values} for values in asked])
        parts = records.replace('{"record"', f'{common}, "record"')  # in a value its quotes would be escaped
        body = json.dumps({
            "program": transaction.program, "cono": int(self.settings.company), "excludeEmptyValues": False,
            "rightTrim": True, "maxReturnedRecords": most, "dateFormat": "YMD8",
        })  # fmt: skip
        data = f'{body[:-1]},"transactions":{parts}}}'.encode()  # most of it is the same, a hundred times
        call = Call("POST", self._execute, data=data, headers=_POSTED, reads=True)
        found = results(self._send(call), transaction.title)
        if len(found) != len(asked) or any(each.name not in {"", transaction.name} for each in found):
            told = f"{len(asked)} times {transaction.title} were asked for, and {len(found)} answers came."
            raise ConnectorGarbled(told, fix=SENSELESS)
        return found

    @property
    def _execute(self) -> str:
        return f"{self.root}/execute" if self.settings.version == "v1" else f"{self.root}/v2/execute"

    def _get(self, transaction: Transaction, values: Values, asking: Asking, *, writes: bool = False) -> Call:
        """Return the request: options as matrix parameters in v1, beside the fields in v2; `maxrecs` is always said."""
        options = {
            "cono": self.settings.company, "maxrecs": str(asking.most), "dateformat": "YMD8", "righttrim": "true",
            "excludeempty": "false",
        }  # fmt: skip
        columns = asking.columns if asking.columns is not None else transaction.columns
        options |= {"returncols": ",".join(columns)} if columns else {}
        path = f"{self._execute}/{transaction.program}/{transaction.name}"
        if self.settings.version == "v1":
            path += "".join(f";{name}={quote(held, safe=',')}" for name, held in options.items())
            query = urlencode(values, quote_via=quote)
        else:
            query = urlencode({**options, **values}, quote_via=quote)
        return Call("GET", f"{path}?{query}" if query else path, headers=_JSON, writes=writes)

    def _send(self, call: Call) -> Reply:
        reply = self._signed(call)
        if reply.status == 401 and self.sign_in.renew():
            if not call.is_read:
                self.sign_in.headers()
                told = f"{reply.url} answered 401: the sign-in had run out; nothing was written."
                raise ConnectorDown(told, fix="nothing: it is written by the next try, with the new sign-in.")
            reply = self._signed(call)
        if reply.status == 401:
            raise ConnectorRefused(f"{reply.url} answered 401: {reply.excerpt()}", fix=FIXES[self.settings.mode])
        return reply

    def _signed(self, call: Call) -> Reply:
        headers = {**call.headers, **self.sign_in.headers()}
        return self.wire.send(replace(call, headers=headers, accept={*call.accept, 400, 401}))


def open_service(
    settings: M3Settings, name: str, *, clock: Callable[[], float], sleep: Callable[[float], None]
) -> M3Service:
    """Open the M3 of a connection, which is reached on first use."""
    budget = RateBudget(
        settings.calls_per_second, at_once=settings.calls_at_once, burst=settings.calls_at_once,
        clock=clock, sleep=sleep,
    )  # fmt: skip
    where = "ionapi_file" if settings.mode == "ionapi" else "base_url"
    options = WireOptions(
        connect_seconds=settings.connect_seconds, read_seconds=settings.read_seconds, budget=budget, sleep=sleep,
        verify=settings.ca_file or True, address_in=f"`{where}` of connection {name}",
    )  # fmt: skip
    if settings.mode == "ionapi":
        file = IonApi.read(settings.ionapi_file or "")
        wire = WireSession([file.gateway, file.token_url], options)
        return M3Service(wire, file.base_url, Bearer(lambda: gateway_token(wire, file), clock), settings)
    root = (settings.base_url or "").rstrip("/")
    password = settings.password.get_secret_value() if settings.password else ""
    return M3Service(WireSession([root], options), root, Basic(settings.user or "", password), settings)


def _parts(asked: Sequence[Values], size: int) -> list[Sequence[Values]]:
    return [asked[at : at + size] for at in range(0, len(asked), size)]


def _is_what_was_asked(row: Mapping[str, str], values: Values) -> bool:
    """Say whether a row bears the fields that it was asked for by, numbers by their worth."""
    for name, held in values.items():
        given = row.get(name)
        if given is not None and given != held and _plain(given) != _plain(held):
            return False
    return True


def _plain(held: str) -> str:
    found = held.strip()
    return found.lstrip("0") if found.isdigit() else found


def _expect_fits(transaction: Transaction, values: Values) -> None:
    """Refuse what M3 would cut: a field that is longer than M3's own."""
    for name, held in values.items():
        known = transaction.inputs.get(name)
        if known is None or len(held) > known.length:
            room = known.length if known else 0
            raise Refusal(f"{name} of {transaction.title} takes {room} signs, {held[:20]!r}… has {len(held)}")
