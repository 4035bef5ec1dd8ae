"""Every entity and field of the simulated services is one of SAP's own metadata: name, type, key, length."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from .simulated import CUBE, PARTNERS, Site, served

DATA = Path(__file__).parents[3] / "shared" / "data" / "sap"
EDM = "{http://schemas.microsoft.com/ado/2008/09/edm}"
# The credit and dispute services publish no metadata that is at hand.
WITHOUT_METADATA = ("API_CRDTMBUSINESSPARTNER", "CE_API_DISPUTE_MANAGE_0001")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("metadata"), items=0) as made:
        yield made


def types(schema: ET.Element) -> dict[str, ET.Element]:
    return {str(each.get("Name")): each for each in schema.iter(f"{EDM}EntityType")}


def key_of(type: ET.Element) -> list[str | None]:
    return [each.get("Name") for each in type.iter(f"{EDM}PropertyRef")]


def properties(type: ET.Element) -> dict[str, dict[str, str | None]]:
    facets = ("Type", "Nullable", "MaxLength", "Precision", "Scale")
    return {str(each.get("Name")): {facet: each.get(facet) for facet in facets} for each in type.iter(f"{EDM}Property")}


def multiplicities(schema: ET.Element) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """Return, by type and navigation, the type that it leads to and how many of them."""
    ends = {
        str(each.get("Name")): {str(end.get("Role")): end for end in each.iter(f"{EDM}End")}
        for each in schema.iter(f"{EDM}Association")
    }
    found: dict[tuple[str, str], tuple[str | None, str | None]] = {}
    for name, type in types(schema).items():
        for each in type.iter(f"{EDM}NavigationProperty"):
            end = ends[str(each.get("Relationship")).rpartition(".")[2]][str(each.get("ToRole"))]
            found[name, str(each.get("Name"))] = (str(end.get("Type")).rpartition(".")[2], end.get("Multiplicity"))
    return found


@pytest.fixture(params=[PARTNERS, CUBE])
def both(request: pytest.FixtureRequest, site: Site) -> tuple[ET.Element, ET.Element]:
    """Give SAP's metadata of a service and the simulator's."""
    file = DATA / f"{request.param}.edmx"
    if not file.exists():
        pytest.skip(f"{file} is not there to compare with")
    ours = site.http.get(site.url(request.param, "$metadata"))
    assert ours.headers["Content-Type"] == "application/xml"
    return ET.parse(file).getroot(), ET.fromstring(ours.content)


def test_every_entity_has_saps_name_and_key(both: tuple[ET.Element, ET.Element]) -> None:
    theirs, ours = (types(each) for each in both)
    assert len(ours) > 0
    assert {name: key_of(each) for name, each in ours.items()} == {name: key_of(theirs[name]) for name in ours}


def test_every_field_has_saps_name_type_length_and_nullability(both: tuple[ET.Element, ET.Element]) -> None:
    theirs, ours = (types(each) for each in both)
    for name, type in ours.items():
        wanted, had = properties(theirs[name]), properties(type)
        assert sorted(had.keys() - wanted.keys()) == [], name
        assert {field: facets for field, facets in had.items() if facets != wanted[field]} == {}, name


def test_every_set_and_navigation_is_one_of_saps(both: tuple[ET.Element, ET.Element]) -> None:
    sets = [{each.get("Name"): each.get("EntityType") for each in schema.iter(f"{EDM}EntitySet")} for schema in both]
    assert sets[1].items() <= sets[0].items()
    theirs, ours = (multiplicities(each) for each in both)
    assert {way: ends for way, ends in ours.items() if theirs.get(way) != ends} == {}


@pytest.mark.parametrize("service", WITHOUT_METADATA[:1])
def test_services_without_public_metadata_are_named_here(service: str, site: Site) -> None:
    assert not (DATA / f"{service}.edmx").exists()
    assert site.http.get(site.url(service, "$metadata")).status_code == 200


def test_the_v4_metadata_has_the_same_sets_in_v4s_types(site: Site) -> None:
    new = "{http://docs.oasis-open.org/odata/ns/edm}"
    found = ET.fromstring(site.http.get(site.url4(PARTNERS, "$metadata")).content)
    fields = {
        (str(type.get("Name")), str(each.get("Name"))): each.get("Type")
        for type in found.iter(f"{new}EntityType")
        for each in type.iter(f"{new}Property")
    }
    assert fields["A_BusinessPartnerType", "LastChangeDate"] == "Edm.Date"
    assert fields["A_BusinessPartnerType", "LastChangeTime"] == "Edm.TimeOfDay"
    assert {each.get("Name") for each in found.iter(f"{new}EntitySet")} >= {"A_Customer", "A_CustomerDunning"}
