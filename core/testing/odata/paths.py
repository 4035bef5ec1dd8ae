"""A path under a service's root: a set, a key, a navigation, a property, a count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from .asked.literals import LiteralValue, Version, as_stored, literal, tokens
from .errors import bad_request, not_found
from .model import EntitySet, EntityType, Sets
from .rendering import led_to
from .table import Key, Row

COUNT: Final = "$count"


@dataclass(frozen=True)
class Resource:
    """What a path leads to.

    `row` is the entity of `key`, None where there is none; without `key` it is a collection: the whole
    set, or `rows` that a navigation leads to. `property` names one field of the entity. `counted` is a
    path that ends in $count.
    """

    of: EntitySet
    key: Key | None = None
    row: Row | None = None
    rows: tuple[Row, ...] | None = None
    property: str = ""
    counted: bool = False


def segments(path: str) -> list[str]:
    """Split a path at its slashes, those in brackets and quotes left alone; percent-encoding undone."""
    found, inside, quoted = [""], 0, False
    for sign in path.replace("%27", "'"):
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "()":
            inside += 1 if sign == "(" else -1
        if sign == "/" and not inside and not quoted:
            found.append("")
        else:
            found[-1] += sign
    return [unquote(each) for each in found if each]


def resolve(path: str, sets: Sets, version: Version) -> Resource:
    """Follow a path. Raises ODataError where it leads nowhere; an entity that is missing is a row of None."""
    steps = segments(path)
    name, key_text = _apart(steps[0])
    if name not in sets:
        raise not_found(name)
    here = _at(sets[name], key_text, version)
    for step in steps[1:]:
        here = _further(here, step, sets, version=version)
    return here


def _at(of: EntitySet, key_text: str | None, version: Version) -> Resource:
    if key_text is None:
        return Resource(of)
    key = read_key(key_text, of.type, version)
    return Resource(of, key, of.table().get(key))


def _further(here: Resource, step: str, sets: Sets, *, version: Version) -> Resource:
    """Go on from a resource by one step."""
    name, key_text = _apart(step)
    if here.property or here.counted:
        raise not_found(step)
    if step == COUNT and here.key is None:
        return Resource(here.of, rows=here.rows, counted=True)
    if here.key is None or (name not in here.of.type.navigations and name not in here.of.type.fields):
        raise not_found(name)
    if here.row is None:
        raise not_found(here.of.type.name)
    if name in here.of.type.fields:
        return Resource(here.of, here.key, here.row, property=name)
    navigation = here.of.type.navigations[name]
    target = sets[navigation.target]
    rows = led_to(navigation, here.of, here.row, target)
    if key_text is not None:
        key = read_key(key_text, target.type, version)
        return Resource(target, key, next((row for row in rows if target.type.key_of(row) == key), None))
    if navigation.many:
        return Resource(target, rows=tuple(rows))
    row = rows[0] if rows else None
    return Resource(target, target.type.key_of(row) if row else (), row)


def _apart(step: str) -> tuple[str, str | None]:
    name, opened, inside = step.partition("(")
    if opened and not inside.endswith(")"):
        raise bad_request(f"Invalid key predicate in '{step}'")
    return name, inside[:-1] if opened else None


def read_key(text: str, of: EntityType, version: Version) -> Key:
    """Read what stands in the brackets of a key. Raises ODataError unless every part is given."""
    words = [word for word in tokens(text, version) if word.text != ","]
    if len(of.key) == 1 and len(words) == 1:
        named = {of.key[0]: literal(words[0], version)}
    else:
        if len(words) % 3 or any(word.text != "=" for word in words[1::3]):
            raise bad_request(f"Invalid key predicate '({text})'")
        pairs = zip(words[::3], words[2::3], strict=True)
        named = {name.text: literal(value, version) for name, value in pairs}
    if set(named) != set(of.key):
        raise bad_request(f"Invalid key predicate: the key of '{of.name}' is {', '.join(of.key)}")
    return tuple(_part(named[name], name, of) for name in of.key)


def _part(found: LiteralValue | None, name: str, of: EntityType) -> object:
    if found is None:
        raise bad_request(f"Invalid key predicate: '{name}' has no value")
    return as_stored(found, of.fields[name])
