"""The simulated entities against what is known of F&O's own: names, types, keys and enums."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from duehook.core.testing.odata import EntityType
from duehook.plugins.d365.simulator.tables import entities
from duehook.plugins.d365.simulator.tables.codes import ENUMS, NAMESPACE

DATA = Path(__file__).parents[3] / "shared" / "data" / "d365"
KEY = {"dataAreaId", "SysRecId"}
pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} with F&O's own metadata is not here")

# Entities that the OpenAPI files have: (file, schema, our type).
IN_OPENAPI = [
    ("core", "LegalEntity", entities.LEGAL_ENTITY),
    ("core", "PaymentTerm", entities.PAYMENT_TERM),
    ("core", "ExchangeRate", entities.EXCHANGE_RATE),
    ("receivable", "CustomerV3", entities.CUSTOMER),
    ("receivable", "CustomerElectronicAddress", entities.ELECTRONIC_ADDRESS),
    ("receivable", "CustDispute", entities.DISPUTE),
]
# Entities of which only the table is known: (CDM file, our type, fields that only the dossier has).
IN_CDM: list[tuple[str, EntityType, set[str]]] = [
    ("CustTransOpen", entities.OPEN, KEY),
    ("CustTrans", entities.TRANSACTION, KEY),
    ("CustTrans", entities.CHANGED,
     {"dataAreaId", "SourceKey", "SysModifiedDateTime", "CreatedOn", "SysRecVersion"}),
    ("CustSettlement", entities.SETTLEMENT, KEY),
    ("smmContactPersonV2Entity", entities.CONTACT_PERSON, {"dataAreaId"}),
    ("CustomerAttachmentsEntity", entities.ATTACHMENT, {"dataAreaId"}),
]  # fmt: skip
OF_THE_DOSSIER_ALONE = {"Ledgers", "SysAADClients"}
TYPES: dict[tuple[str, str | None], set[str]] = {
    ("string", None): {"Edm.String", "Edm.DateTimeOffset", "Edm.Guid"},
    ("number", "decimal"): {"Edm.Decimal"},
    ("integer", "int64"): {"Edm.Int64"},
    ("integer", "int32"): {"Edm.Int32"},
}


@cache
def schemas(file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"openapi_{file}_10.0.47.json").read_text())
    return dict(found["components"]["schemas"])


def types_of(field: dict[str, Any]) -> set[str]:
    """Return the Edm types that an OpenAPI property may be."""
    if "allOf" in field:
        return {f"{NAMESPACE}.{field['allOf'][0]['$ref'].rpartition('/')[2]}"}
    return TYPES[field["type"], field.get("format")]


@pytest.mark.parametrize(("file", "name", "ours"), IN_OPENAPI, ids=[name for _, name, _ in IN_OPENAPI])
def test_every_field_is_one_of_the_entitys_own_and_of_its_type(file: str, name: str, ours: EntityType) -> None:
    theirs = schemas(file)[name]
    wrong = [
        f"{each.name} is {each.type}, not {types_of(theirs['properties'][each.name])}"
        if each.name in theirs["properties"]
        else f"{each.name} is no field of {name}"
        for each in ours.fields.values()
        if each.type not in types_of(theirs["properties"].get(each.name, {"type": "string"}))
        or each.name not in theirs["properties"]
    ]
    assert wrong == []


@pytest.mark.parametrize(("file", "name", "ours"), IN_OPENAPI, ids=[name for _, name, _ in IN_OPENAPI])
def test_dates_and_keys_are_those_that_are_always_filled(file: str, name: str, ours: EntityType) -> None:
    required = set(schemas(file)[name]["required"])
    filled = {each.name for each in ours.fields.values() if not each.nullable}
    assert filled == required & set(ours.fields)
    assert set(ours.key) <= required


@pytest.mark.parametrize(("file", "name", "ours"), IN_OPENAPI, ids=[name for _, name, _ in IN_OPENAPI])
def test_the_keys_are_the_entitys_own(file: str, name: str, ours: EntityType) -> None:
    paths = json.loads((DATA / f"openapi_{file}_10.0.47.json").read_text())["paths"]
    keyed = next(
        path for path, verbs in paths.items()
        if "(" in path and verbs["get"]["summary"] == f"Get {name} by key"
    )  # fmt: skip
    named = [part.partition("=")[0] for part in keyed.partition("(")[2].rstrip(")").split(",")]
    assert len(named) == len(ours.key)
    if len(named) > 1:
        assert set(named) == set(ours.key)


@pytest.mark.parametrize(("name", "ours", "of_dossier"), IN_CDM, ids=[ours.name for _, ours, _ in IN_CDM])
def test_every_field_is_one_of_the_tables_or_named_here_as_the_dossiers(
    name: str, ours: EntityType, of_dossier: set[str]
) -> None:
    read = json.loads((DATA / "cdm" / f"{name}.cdm.json").read_text())
    table = next(each for each in read["definitions"] if "hasAttributes" in each)
    theirs = {each["name"] for each in table["hasAttributes"] if "name" in each}
    assert set(ours.fields) - theirs == of_dossier


def test_every_enum_has_the_members_of_f_and_os_own() -> None:
    known = {**schemas("core"), **schemas("receivable")}
    checked = {name for name in ENUMS if "enum" in known.get(name, {})}
    assert checked == set(ENUMS) - {"LedgerTransType"}
    for name in checked - {"Timezone"}:
        assert list(ENUMS[name]) == known[name]["enum"], name
    assert set(ENUMS["Timezone"]) <= set(known["Timezone"]["enum"])


def test_every_entity_set_is_compared_or_named_as_the_dossiers() -> None:
    from duehook.plugins.d365.simulator.sets import NEVER_WRITTEN

    compared = {id(ours) for _, _, ours in IN_OPENAPI} | {id(ours) for _, ours, _ in IN_CDM}
    assert {name for name, type in NEVER_WRITTEN.items() if id(type) not in compared} == OF_THE_DOSSIER_ALONE
