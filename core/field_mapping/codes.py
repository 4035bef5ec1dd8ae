"""A list of codes and what becomes of a code that it does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from duehook.core.errors import BadRecord

REFUSE: Final = "refuse"  # the row is bad
KEEP: Final = "keep"  # the code stands for itself
USUAL: Final = "usual"  # whatever the connector does without the list


class Codes(Mapping[str, Any]):
    """What codes mean. A code that is listed as None is known and means nothing.

    Of a code that is not listed, `refuse` makes a BadRecord, `keep` the code itself, `usual` a KeyError
    (so that `get` gives its second argument), and any other default is what it means. `decides` says that
    such a code is not left to the connector. Blank is no code.
    """

    __slots__ = ("_default", "_listed", "_where", "decides")

    def __init__(self, listed: Mapping[str, Any], default: Any, where: str) -> None:
        """Take what is listed, the default, and the list's name and place for messages."""
        self._listed, self._default, self._where = dict(listed), default, where
        self.decides = not (isinstance(default, str) and default == USUAL)

    def __getitem__(self, code: str) -> Any:
        """Return what a code means."""
        if code in self._listed:
            return self._listed[code]
        if not code or not self.decides:
            raise KeyError(code)
        if self._default == REFUSE:
            raise BadRecord(
                f"the code {code!r} is not in {self._where}.", fix="add it there, or say what its `default` is."
            )
        return code if self._default == KEEP else self._default

    def get(self, code: str, otherwise: Any = None) -> Any:  # Mapping.get is three calls a row
        """Return what a code means; `otherwise` where it is blank, or not listed and left to the connector."""
        if code in self._listed:
            return self._listed[code]
        return self[code] if code and self.decides else otherwise

    def __iter__(self) -> Iterator[str]:
        """Yield the codes that are listed."""
        return iter(self._listed)

    def __len__(self) -> int:
        """Return how many are listed."""
        return len(self._listed)
