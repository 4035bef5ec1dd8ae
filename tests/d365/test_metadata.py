"""Every set and field that the connector reads, asks by or writes is one of F&O's own metadata, in the type it takes.

CustTransOpens, CustTransactions and CustTransBiEntities, ContactPersons and CustomerAttachmentsV2 are in no published
description of the service: their fields are compared with those of the tables and entities behind them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from duehook.core.wire.odata import Entity
from duehook.plugins.d365 import entities
from duehook.plugins.d365.settings import CodeLists, HoldSettings

from . import openapi

PLUGIN = Path(__file__).parents[2] / "plugins" / "d365"
DOSSIER = openapi.DATA.parents[1] / "erp" / "d365.md"
TYPES: dict[str, set[tuple[str, str | None]]] = {
    "text": {("string", None)},
    "day": {("string", None)},  # the description calls an instant a plain string
    "instant": {("string", None)},
    "amount": {("number", "decimal")},
    "whole": {("integer", "int32"), ("integer", "int64")},
}
PUBLISHED = [each for each in entities.ALL if each.name in {
    "LegalEntities", "PaymentTerms", "ExchangeRates", "CustomersV3", "CustomerElectronicAddresses", "CustDisputes",
}]  # fmt: skip
BEHIND = {  # what the sets stand on that no description has; the fields that F&O adds to any table are its own
    "CustTransOpens": "CustTransOpen",
    "CustTransactions": "CustTrans",
    "CustTransBiEntities": "CustTrans",
    "CustSettlements": "CustSettlement",
    "ContactPersons": "smmContactPersonV2Entity",
    "CustomerAttachmentsV2": "CustomerAttachmentsEntity",
}
ADDED = {"dataAreaId", "SysRecId", "SourceKey", "SysModifiedDateTime"}
MARGIN = {"Ledgers"}  # a name made up for a site's own set, which the settings must say
of_published = pytest.mark.parametrize("entity", PUBLISHED, ids=lambda entity: entity.name)


def published(entity: Entity) -> openapi.EntitySet:
    return openapi.sets()[entity.name]


class TestNames:
    def test_every_set_is_accounted_for(self) -> None:
        assert {each.name for each in entities.ALL} == {each.name for each in PUBLISHED} | BEHIND.keys() | MARGIN

    @of_published
    def test_every_field_is_there_in_the_type_that_its_kind_takes(self, entity: Entity) -> None:
        there = published(entity).fields
        wrong = {
            name: there.get(name) for name, kind in entity.kinds.items()
            if not (there.get(name) in TYPES[kind] or (kind == "text" and there.get(name, ("",))[0] == "enum"))
        }  # fmt: skip
        assert wrong == {}

    @of_published
    def test_the_key_is_f_and_os_whole_key_and_read_with_the_rest(self, entity: Entity) -> None:
        assert sorted(entity.key) == sorted(published(entity).key)
        assert set(entity.key) <= set(entity.kinds)

    @pytest.mark.parametrize(("name", "behind"), BEHIND.items())
    def test_fields_of_sets_without_a_description_are_those_of_what_they_stand_on(self, name: str, behind: str) -> None:
        known = openapi.cdm(behind) | ADDED
        read = {field for each in entities.ALL if each.name == name for field in each.kinds}
        assert read - known == set()

    def test_the_dossier_has_the_sets_that_no_description_has(self) -> None:
        if not DOSSIER.exists():
            pytest.skip(f"{DOSSIER} is not there to compare with")
        words = set(re.findall(r"\w+", DOSSIER.read_text()))
        assert {name for name in BEHIND if name != "CustSettlements"} <= words
        assert "CustSettlement" in words


class TestEnums:
    @pytest.mark.parametrize(
        ("name", "members"),
        [
            ("CustVendorBlocked", ["No", "Invoice", "All", "Payment", "Requisition"]),
            ("CustVendDisputeStatus", ["None", "Disputed", "PromiseToPay", "Resolved", "PromiseToPayBroken",
                                       "PromiseToPayKept"]),
            ("CustCollectionLetterCode", ["None", *CodeLists().level_by_letter]),
            ("LogisticsElectronicAddressMethodType", ["Email"]),
            ("ExchangeRateDisplayFactor", ["One", "Ten", "Hundred", "Thousand", "TenThousand"]),
            ("NoYes", ["No", "Yes"]),
        ],
    )  # fmt: skip
    def test_the_members_that_are_spoken_of_are_there(self, name: str, members: list[str]) -> None:
        assert set(members) <= set(openapi.enum(name))

    def test_the_fields_are_of_the_enums_that_the_filters_name(self) -> None:
        there = openapi.sets()
        assert there["CustomersV3"].fields["OnHoldStatus"] == ("enum", "CustVendorBlocked")
        assert there["CustomersV3"].fields["CollectionLetterCode"] == ("enum", "CustCollectionLetterCode")
        assert there["CustDisputes"].fields["Status"] == ("enum", "CustVendDisputeStatus")
        assert there["CustomerElectronicAddresses"].fields["Type"] == ("enum", "LogisticsElectronicAddressMethodType")

    def test_the_usual_hold_lets_payments_be_posted(self) -> None:
        assert HoldSettings().values == ("Invoice",)


class TestWriting:
    @pytest.mark.parametrize("name", ["CustomersV3", "CustDisputes"])
    def test_what_is_written_is_there_and_may_be_changed(self, name: str) -> None:
        there = openapi.sets()[name]
        assert set(entities.WRITTEN[name]) <= set(there.fields)
        assert "patch" in there.methods
        assert name != "CustDisputes" or "post" in there.methods

    def test_a_notes_fields_are_those_of_the_attachment_behind_it(self) -> None:
        known = openapi.cdm("CustomerAttachmentsEntity") | {"dataAreaId"}
        assert set(entities.WRITTEN["CustomerAttachmentsV2"]) <= known


def spoken(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield what stands in the connector's code as text and looks like a field of F&O, behind its file."""
    for path in sorted([*folder.glob("*.py"), *(folder / "mapping").glob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from ((path.name, word) for word in _fields_in(node.value))


def _fields_in(text: str) -> list[str]:
    return re.findall(r"(?<![\w.#'])[A-Z][a-z]+(?:[A-Z][A-Za-z]*\d?[A-Za-z]*)+(?!\w)", text) if " " not in text else []


def test_every_field_that_the_code_speaks_of_is_read_or_written() -> None:
    read = {name for entity in entities.ALL for name in entity.kinds} | {entity.name for entity in entities.ALL}
    written = {name for names in entities.WRITTEN.values() for name in names}
    members = {
        *CodeLists().kind_by_type, *CodeLists().beside_types, *CodeLists().level_by_letter, "CustTransaction",
        "PromiseToPay", "PromiseToPayBroken", "PromiseToPayKept", "TenThousand", "LedgerTransType",
        "CustCollectionLetterCode", "LogisticsElectronicAddressMethodType", "LegalEntityId",
    }  # fmt: skip
    words = list(spoken(PLUGIN))
    assert {word for _, word in words} >= {"OnHoldStatus", "LastSettleDate", "CollectionsContactPersonId"}
    headers = {"WWW-Authenticate", "Content-Type"}
    known = read | written | members | headers
    assert {(file, word) for file, word in words if word not in known} == set()
