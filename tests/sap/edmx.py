"""SAP's own metadata as files that nobody of this project wrote: the types of a service, their keys and marks."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data" / "sap"
EDM = "{http://schemas.microsoft.com/ado/2008/09/edm}"
SAP = "{http://www.sap.com/Protocols/SAPData}"


@dataclass(frozen=True)
class Property:
    """One field: its type, its length, and the `sap:` marks that are set to false."""

    type: str
    length: int | None
    never: frozenset[str]


@dataclass(frozen=True)
class EntitySet:
    """One set: its fields, its key, and the `sap:` marks of the set that are set to false."""

    properties: dict[str, Property]
    key: tuple[str, ...]
    never: frozenset[str]


def file(service: str) -> Path:
    """Return the file of a service; skip the test where it is absent."""
    path = DATA / f"{service}.edmx"
    if not path.exists():
        pytest.skip(f"{path} is not there: the metadata is not part of the repository")
    return path


@cache
def _sets(path: Path) -> dict[str, EntitySet]:
    root = ET.parse(path).getroot()
    types = {each.get("Name"): each for each in root.iter(f"{EDM}EntityType")}
    return {
        str(each.get("Name")): _set(each, types[str(each.get("EntityType")).rpartition(".")[2]])
        for each in root.iter(f"{EDM}EntitySet")
    }


def _set(each: ET.Element, type: ET.Element) -> EntitySet:
    properties = {str(held.get("Name")): _property(held) for held in type.iter(f"{EDM}Property")}
    key = tuple(str(part.get("Name")) for part in type.iter(f"{EDM}PropertyRef"))
    return EntitySet(properties, key, _never(each))


def _property(each: ET.Element) -> Property:
    length = each.get("MaxLength")
    return Property(str(each.get("Type")), int(length) if length else None, _never(each))


def _never(each: ET.Element) -> frozenset[str]:
    return frozenset(name.removeprefix(SAP) for name, held in each.items() if held == "false" and name.startswith(SAP))


def sets(service: str) -> dict[str, EntitySet]:
    """Return the entity sets of a service by name; skip the test where its file is absent."""
    return _sets(file(service))
