"""$metadata: the EDMX of a service, made from its model, as V2 and V4 write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from xml.sax.saxutils import quoteattr

from .model import EntitySet, EntityType, Field
from .rendering import Place

Enumerations = Mapping[str, tuple[str, ...]]
_V2: Final = (
    '<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" '
    'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" '
    'xmlns:sap="http://www.sap.com/Protocols/SAPData"><edmx:DataServices m:DataServiceVersion="2.0">'
    '<Schema Namespace={} xmlns="http://schemas.microsoft.com/ado/2008/09/edm">'
)
_V4: Final = (
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
    '<Schema Namespace={} xmlns="http://docs.oasis-open.org/odata/ns/edm">'
)
_NEW_TYPES: Final = {"Edm.DateTime": "Edm.Date", "Edm.Time": "Edm.TimeOfDay"}


def edmx(place: Place, enumerations: Enumerations | None = None) -> str:
    """Write the metadata of a service; `enumerations` are its enumerations' members by full name."""
    opening = (_V2 if place.version == 2 else _V4).format(quoteattr(place.namespace))
    types = {each.type.name: each.type for each in place.sets.values()}
    parts = [_type(place, each) for each in types.values()]
    parts += [_enumeration(name, members) for name, members in (enumerations or {}).items()]
    if place.version == 2:
        parts += _associations(place)
    parts.append(_container(place))
    return f'<?xml version="1.0" encoding="utf-8"?>{opening}{"".join(parts)}</Schema></edmx:DataServices></edmx:Edmx>'


def _type(place: Place, type: EntityType) -> str:
    key = "".join(f"<PropertyRef Name={quoteattr(name)}/>" for name in type.key)
    properties = "".join(_property(each, place.version) for each in type.fields.values())
    navigations = []
    for each in type.navigations.values():
        if place.version == 2:
            name = quoteattr(f"{place.namespace}.{_association(type, each.name)}")
            roles = f'FromRole="From_{each.name}" ToRole="To_{each.name}"'
            navigations.append(f'<NavigationProperty Name="{each.name}" Relationship={name} {roles}/>')
        else:
            target = f"{place.namespace}.{place.sets[each.target].type.name}"
            led = quoteattr(f"Collection({target})" if each.many else target)
            navigations.append(f'<NavigationProperty Name="{each.name}" Type={led}/>')
    return f'<EntityType Name="{type.name}"><Key>{key}</Key>{properties}{"".join(navigations)}</EntityType>'


def _property(field: Field, version: int) -> str:
    type = field.type if version == 2 else _NEW_TYPES.get(field.type, field.type)
    parts = [f'<Property Name="{field.name}" Type="{type}"']
    if not field.nullable:
        parts.append('Nullable="false"')
    if field.length is not None:
        parts.append(f'MaxLength="{field.length}"')
    if field.precision is not None and type not in ("Edm.Date", "Edm.TimeOfDay"):
        parts.append(f'Precision="{field.precision}"')
    if field.scale is not None:
        parts.append(f'Scale="{field.scale}"')
    return " ".join(parts) + "/>"


def _enumeration(name: str, members: tuple[str, ...]) -> str:
    inside = "".join(f'<Member Name="{member}" Value="{value}"/>' for value, member in enumerate(members))
    return f'<EnumType Name="{name.rpartition(".")[2]}">{inside}</EnumType>'


def _association(type: EntityType, navigation: str) -> str:
    return f"assoc_{type.name}_{navigation}"


def _associations(place: Place) -> Iterator[str]:
    types = {each.type.name: each.type for each in place.sets.values()}
    for type in types.values():
        for each in type.navigations.values():
            target = place.sets[each.target].type.name
            yield (
                f'<Association Name="{_association(type, each.name)}">'
                f'<End Type="{place.namespace}.{type.name}" Multiplicity="1" Role="From_{each.name}"/>'
                f'<End Type="{place.namespace}.{target}" Multiplicity="{"*" if each.many else "0..1"}" '
                f'Role="To_{each.name}"/></Association>'
            )


def _container(place: Place) -> str:
    default = ' m:IsDefaultEntityContainer="true"' if place.version == 2 else ""
    inside = "".join(_set(place, each) for each in place.sets.values())
    if place.version == 2:
        inside += "".join(_association_sets(place))
    name = f"{place.namespace.rpartition('.')[2]}_Entities" if place.version == 2 else "Container"
    return f'<EntityContainer Name="{name}"{default}>{inside}</EntityContainer>'


def _set(place: Place, of: EntitySet) -> str:
    opening = f'<EntitySet Name="{of.name}" EntityType="{place.namespace}.{of.type.name}"'
    if place.version == 2:
        rights = (("creatable", of.creatable), ("updatable", of.updatable), ("deletable", of.deletable))
        return opening + "".join(f' sap:{name}="false"' for name, may in rights if not may) + "/>"
    bound = [
        f'<NavigationPropertyBinding Path="{each.name}" Target="{each.target}"/>'
        for each in of.type.navigations.values()
    ]
    return f"{opening}>{''.join(bound)}</EntitySet>"


def _association_sets(place: Place) -> Iterator[str]:
    for of in place.sets.values():
        for each in of.type.navigations.values():
            name = _association(of.type, each.name)
            yield (
                f'<AssociationSet Name="{name}" Association="{place.namespace}.{name}">'
                f'<End EntitySet="{of.name}" Role="From_{each.name}"/>'
                f'<End EntitySet="{each.target}" Role="To_{each.name}"/></AssociationSet>'
            )
