"""Field mapping for ERP connectors: a site's YAML file says which source field fills which canonical field.

A connector declares a `Schema` (what may be mapped, the entities' known fields, its code lists),
`load`s the file against it, selects `source_fields(entity)` beside its own, and runs `patch(stream, read)`
on each row it has mapped. `guesses` proposes fields for what no field takes. Pure.
"""

from __future__ import annotations

from .codes import Codes
from .guess import Guess, Seen, guesses
from .lint import load
from .mapping import NO_MAPPING, FieldMapping
from .masking import masked, masked_row
from .patch import Patch, Read
from .schema import CodeList, Entity, Schema, SourceKind, StreamSchema

__all__ = [
    "NO_MAPPING",
    "CodeList",
    "Codes",
    "Entity",
    "FieldMapping",
    "Guess",
    "Patch",
    "Read",
    "Schema",
    "Seen",
    "SourceKind",
    "StreamSchema",
    "guesses",
    "load",
    "masked",
    "masked_row",
]
