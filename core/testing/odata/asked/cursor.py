"""Where the next page of an answer begins, as the opaque token in its link."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, Self

from duehook.core.testing.odata.errors import bad_request
from duehook.core.testing.odata.table import Key


@dataclass(frozen=True)
class Cursor:
    """Where the next page begins: behind this key (and what it is ordered by), with so many rows left."""

    after: Key
    ordered: tuple[Any, ...] = ()
    left: int | None = None

    def written(self) -> str:
        """Return it as an opaque text."""
        held = [[_packed(each) for each in self.after], [_packed(each) for each in self.ordered], self.left]
        return base64.urlsafe_b64encode(json.dumps(held, separators=(",", ":")).encode()).decode().rstrip("=")

    @classmethod
    def read(cls, token: str) -> Self:
        """Read what `written` gave. Raises ODataError."""
        try:
            held = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            after, ordered, left = held
            return cls(tuple(map(_unpacked, after)), tuple(map(_unpacked, ordered)), left)
        except (ValueError, TypeError, KeyError, ArithmeticError):
            raise bad_request("Invalid value of $skiptoken") from None


def _packed(value: Any) -> Any:
    """Return a value as JSON holds it: what is no text, number or None, with a letter for its kind."""
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, Decimal):
        return ["n", str(value)]
    if isinstance(value, time):
        return ["c", value.isoformat()]
    return value


_KINDS: Final[Mapping[str, Callable[[str], Any]]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "n": Decimal,
    "c": time.fromisoformat,
}


def _unpacked(held: Any) -> Any:
    return _KINDS[held[0]](held[1]) if isinstance(held, list) else held
