"""What V2 answers where JSON was not asked for: Atom, just enough of it to be told from JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

from .model import EntitySet
from .rendering import Place
from .table import Row

_HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>'
_SPACES: Final = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" '
    'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"'
)


def feed(place: Place, of: EntitySet, rows: Iterable[Row]) -> str:
    """Write a collection."""
    inside = "".join(_entry(place, of, row, "") for row in rows)
    return f"{_HEAD}<feed {_SPACES}><id>{escape(place.root + of.name)}</id><title>{of.name}</title>{inside}</feed>"


def entry(place: Place, of: EntitySet, row: Row) -> str:
    """Write an entity."""
    return _HEAD + _entry(place, of, row, f" {_SPACES}")


def _entry(place: Place, of: EntitySet, row: Row, spaces: str) -> str:
    held = ((name, row.get(name, field.initial)) for name, field in of.type.fields.items())
    fields = "".join(f"<d:{name}>{escape(str(value))}</d:{name}>" for name, value in held if value is not None)
    return (
        f"<entry{spaces}><id>{escape(place.root + place.path(of, row))}</id>"
        f'<content type="application/xml"><m:properties>{fields}</m:properties></content></entry>'
    )


def service(place: Place) -> str:
    """Write the list of the service's sets."""
    inside = "".join(f'<collection href="{name}"/>' for name in place.sets)
    return f'{_HEAD}<service xmlns="http://www.w3.org/2007/app"><workspace>{inside}</workspace></service>'


def error(body: Mapping[str, Any]) -> str:
    """Write an error that was worded as JSON."""
    told = body["error"]
    space = 'xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"'
    text = escape(str(told["message"]["value"]))
    return f'{_HEAD}<error {space}><code>{escape(told["code"])}</code><message xml:lang="en">{text}</message></error>'
