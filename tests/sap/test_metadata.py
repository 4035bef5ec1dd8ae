"""Every set and field that the connector reads, asks by or writes is one of SAP's own metadata, in the type it takes.

Credit management publishes no metadata that is at hand: its names are compared with those of the dossier.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from duehook.core.wire.odata import Entity
from duehook.plugins.sap import entities
from duehook.plugins.sap.settings import DisputeSettings, HoldSettings, JournalEntryNames, SapSettings, Services

from . import edmx

PARTNERS, CUBE = "API_BUSINESS_PARTNER", "API_OPLACCTGDOCITEMCUBE_SRV"
PLUGIN = Path(__file__).parents[2] / "plugins" / "sap"
SHARED = PLUGIN.parent / "sap_lines"
DOSSIER = edmx.DATA.parents[1] / "erp" / "sap.md"
TYPES = {
    "text": "Edm.String",
    "day": "Edm.DateTime",
    "time": "Edm.Time",
    "instant": "Edm.DateTimeOffset",
    "amount": "Edm.Decimal",
    "flag": "Edm.Boolean",
    "whole": "Edm.Int64",
}
ASKED = {
    "A_BusinessPartner", "A_Customer", "A_CustomerCompany", "A_CustomerDunning", "A_BusinessPartnerContact",
    "A_BPContactToFuncAndDept", "A_BusinessPartnerAddress", "A_AddressEmailAddress", "A_AddressPhoneNumber",
    "A_CustomerText", "A_CustomerCompanyText", "A_OperationalAcctgDocItemCube", "A_BusinessPartnerBank",
    "A_BuPaIdentification",
}  # fmt: skip
WRITTEN = [
    ("A_CustomerDunning", "DunningBlock"),
    ("A_CustomerDunning", "DunningLevel"),
    ("A_Customer", "OrderIsBlockedForCustomer"),
]
POSTED = [
    ("A_CustomerDunning", ("Customer", "CompanyCode", "DunningArea")),
    ("A_CustomerText", ("Customer", "Language", "LongTextID")),
    ("A_CustomerCompanyText", ("Customer", "CompanyCode", "Language", "LongTextID")),
]
SEGMENT_CREDIT = {
    "BusinessPartner", "CreditSegment", "CreditLimitAmount", "CreditSegmentCurrency", "CreditLimitValidityEndDate",
    "CreditLimitIsZero", "CreditAccountIsBlocked", "CreditAccountBlockReason",
}  # fmt: skip
PUBLISHED = [each for each in entities.ALL if each is not entities.CREDIT]
of_entity = pytest.mark.parametrize("entity", PUBLISHED, ids=lambda entity: entity.name)


def published(entity: Entity) -> edmx.EntitySet:
    return edmx.sets(CUBE if entity is entities.ITEM else PARTNERS)[entity.name]


def partners(name: str) -> edmx.EntitySet:
    return edmx.sets(PARTNERS)[name]


class TestNames:
    def test_the_services_have_saps_names(self) -> None:
        services = Services()
        assert (services.business_partner, services.items) == (PARTNERS, CUBE)
        assert all(edmx.file(name).exists() for name in (PARTNERS, CUBE))

    def test_every_set_that_is_asked_is_one_that_sap_publishes(self) -> None:
        assert {entity.name for entity in PUBLISHED} == ASKED
        assert edmx.sets(PARTNERS).keys() | edmx.sets(CUBE).keys() >= ASKED

    @of_entity
    def test_every_field_is_there_in_the_type_that_its_kind_takes(self, entity: Entity) -> None:
        there = published(entity).properties
        assert {name: TYPES[kind] for name, kind in entity.kinds.items()} == {
            name: there[name].type if name in there else "missing" for name in entity.kinds
        }

    @of_entity
    def test_the_key_is_saps_whole_key_and_read_with_the_rest(self, entity: Entity) -> None:
        assert sorted(entity.key) == sorted(published(entity).key)
        assert set(entity.key) <= set(entity.kinds)

    @of_entity
    def test_pages_are_ordered_by_fields_that_sap_can_sort_and_filter(self, entity: Entity) -> None:
        there = published(entity).properties
        assert {name for name in entity.key if there[name].never & {"sortable", "filterable"}} == set()

    def test_customers_lines_are_told_apart_by_a_text_of_one_sign(self) -> None:
        settings = SapSettings.model_validate({"base_url": "https://my.example", "user": "u", "password": "p"})
        held = edmx.sets(CUBE)["A_OperationalAcctgDocItemCube"].properties[settings.account_type_field]
        assert (settings.account_type_field, settings.account_type) == ("FinancialAccountType", "D")
        assert (held.type, held.length) == ("Edm.String", 1)


def spoken(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield what stands in the connector's code as text and looks like a field of SAP, behind its file."""
    yield from _spoken_in([folder, *(folder / name for name in ("mapping", "reading", "writing"))])


def _spoken_in(rooms: Sequence[Path]) -> Iterator[tuple[str, str]]:
    for path in sorted(path for room in rooms for path in room.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from ((path.name, word) for word in _fields_in(node.value))


def _fields_in(text: str) -> list[str]:
    return re.findall(r"(?<![\w.#])[A-Z][a-z]+(?:[A-Z][A-Za-z]*\d?[A-Za-z]*)+(?!\w)", text) if " " not in text else []


class TestCode:
    def test_every_field_that_the_code_speaks_of_is_read(self) -> None:
        read = {name for entity in entities.ALL for name in entity.kinds}
        known = read | {entity.name for entity in entities.ALL} | {"FinancialAccountType", "EntityType"}
        known |= {name for name in DisputeSettings().model_dump().values() if isinstance(name, str)}  # not published
        known |= set(JournalEntryNames().model_dump().values())  # of a SOAP service, which `check` compares
        words = [*spoken(PLUGIN), *_spoken_in([SHARED])]
        assert {word for _, word in words} >= {"IsCleared", "DunningBlock", "CashDiscountAmtInCoCodeCrcy", "NetDueDate"}
        assert {(file, word) for file, word in words if word not in known} == set()

    @pytest.mark.parametrize(
        ("entity", "files"),
        [
            (entities.OWED, ("items.py", "families.py", "lines.py")),
            (entities.PAYMENT, ("cash.py", "families.py", "lines.py")),
            (entities.FAMILY, ("families.py", "lines.py")),
        ],
        ids=["items", "payments", "families"],
    )
    def test_of_a_line_all_is_selected_that_is_made_of_it(self, entity: Entity, files: tuple[str, ...]) -> None:
        made_of = {word for file, word in _spoken_in([SHARED]) if file in files} & entities.ITEM.kinds.keys()
        assert made_of >= {"IsCleared", "ClearingDate", "InvoiceReference"}
        assert made_of - entity.kinds.keys() == set()


class TestWriting:
    @pytest.mark.parametrize(("name", "field"), WRITTEN)
    def test_a_field_that_is_changed_is_updatable_and_so_is_its_set(self, name: str, field: str) -> None:
        there = partners(name)
        assert "updatable" not in there.never
        assert "updatable" not in there.properties[field].never
        assert field not in there.key

    @pytest.mark.parametrize(("name", "key"), POSTED)
    def test_a_row_that_is_made_may_be_made_with_its_key(self, name: str, key: tuple[str, ...]) -> None:
        there = partners(name)
        assert there.key == key
        assert there.never & {"creatable", "updatable"} == frozenset()
        assert {part for part in key if "creatable" in there.properties[part].never} == set()

    def test_what_cannot_be_made_or_changed_is_never_tried(self) -> None:
        cube = edmx.sets(CUBE)["A_OperationalAcctgDocItemCube"]
        assert cube.never >= {"creatable", "updatable", "deletable"}
        assert "creatable" in partners("A_Customer").never
        assert entities.ITEM.name not in {name for name, _ in (*WRITTEN, *POSTED)}
        assert "A_Customer" not in {name for name, _ in POSTED}

    @pytest.mark.parametrize("name", ["A_CustomerText", "A_CustomerCompanyText"])
    def test_a_long_text_may_be_changed_by_its_set_though_its_only_field_is_marked_as_read_only(
        self, name: str
    ) -> None:
        """SAP's marks contradict each other: a set that may be made and changed has no field besides its key
        that may. So a note's first writing on a new site proves whether notes work there; `verify` sees it.
        """
        there = partners(name)
        assert set(there.properties) - set(there.key) == {"LongText"}
        assert there.never & {"creatable", "updatable"} == frozenset()
        assert there.properties["LongText"].never >= {"creatable", "updatable"}

    def test_what_is_written_fits(self) -> None:
        dunning, customer = partners("A_CustomerDunning").properties, partners("A_Customer").properties
        assert (dunning["DunningBlock"].length, dunning["DunningLevel"].length) == (1, 1)
        assert customer["OrderIsBlockedForCustomer"].length == 2
        text = partners("A_CustomerText").properties
        assert (text["LongTextID"].length, text["Language"].length, text["LongText"].length) == (4, 2, None)


class TestCredit:
    def test_the_account_has_the_names_of_the_dossier(self) -> None:
        assert entities.CREDIT.name == "CreditManagementAccount"
        assert set(entities.CREDIT.kinds) == SEGMENT_CREDIT
        assert entities.CREDIT.key == ("BusinessPartner", "CreditSegment")
        assert Services().credit == "API_CRDTMBUSINESSPARTNER"
        assert HoldSettings().by == "credit"

    def test_the_dossier_has_them_indeed(self) -> None:
        if not DOSSIER.exists():
            pytest.skip(f"{DOSSIER} is not there to compare with")
        words = set(re.findall(r"\w+", DOSSIER.read_text()))
        assert {"API_CRDTMBUSINESSPARTNER", "CreditManagementAccount"} | SEGMENT_CREDIT <= words
