"""What a connector ran on besides its own simulator: servers of others, and what each of them lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

FILE: Final = "others.json"  # beside the plugin's code, as the record of its grade


class OtherServer(BaseModel):
    """A server that stands for an ERP and that the connector's author did not write.

    `cases` names the tests of each kind that ran on it; `lacks` says by kind what it has not, so that only the
    simulator has it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    about: str
    cases: dict[str, tuple[str, ...]]
    lacks: dict[str, tuple[str, ...]]


def others_of(home: Path) -> tuple[OtherServer, ...]:
    """Return the servers that a plugin says it ran on, none where it says nothing."""
    file = (home if home.is_dir() else home.parent) / FILE
    if not file.exists():
        return ()
    return TypeAdapter(tuple[OtherServer, ...]).validate_json(file.read_text(encoding="utf-8"))
