"""Say which of the ERP's names was probably meant; an entity may have hundreds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from duehook.core.yaml_source import nearest

_FEW: Final = 12


def meant(name: str, known: Iterable[str]) -> str | None:
    """Return a hint: the same name in other letters, else the nearest one, else all where they are few."""
    names = sorted(known)
    same = next((each for each in names if each.lower() == name.lower()), None)
    if same is not None:
        return f"did you mean {same}?"
    few = f"known here: {', '.join(names)}" if 0 < len(names) <= _FEW else None
    return nearest(name, names) or few
