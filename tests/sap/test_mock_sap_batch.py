"""Many questions in one $batch at mock-sap, which takes it apart by code that nobody of this project wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from duehook.core.wire.odata import Entity, Question, Where

from .mock_sap import PARTNER, Connected, MockSap, running

NUMBERS = ("1000001", "1000002", "1000003")
V4 = Entity.of("BusinessPartner", "BusinessPartner", text="BusinessPartner BusinessPartnerFullName")


@pytest.fixture(scope="module")
def mock() -> Iterator[MockSap]:
    with running("--auth", "u:p") as mock:
        yield mock


def about(entity: Entity) -> list[Question]:
    """Ask for three partners, one by one, and for one that is not there."""
    wanted = (Where.field("BusinessPartner", "eq", number) for number in (*NUMBERS, "nobody"))
    return [Question(entity, where, counted=True) for where in wanted]


def answered(connected: Connected, questions: list[Question]) -> list[list[str] | None]:
    found = connected.partners.first_answers(questions)
    return [None if each is None else [row["BusinessPartner"] for row in each.rows] for each in found]


@pytest.mark.parametrize(
    ("entity", "settings"),
    [(PARTNER, {}), (V4, {"odata": "v4", "services.business_partner": "API_BUSINESSPARTNER"})],
    ids=["v2", "v4"],
)
def test_each_question_has_its_own_rows_in_the_order_of_the_questions(
    entity: Entity, settings: dict[str, str], mock: MockSap
) -> None:
    connected, mark = mock.connect(**settings), mock.mark()
    assert answered(connected, about(entity)) == [["1000001"], ["1000002"], ["1000003"], []]
    asked = [(method, path.rpartition("/")[2]) for method, path, _ in mock.since(mark)]
    assert asked[:2] == [("GET", ""), ("POST", "$batch")]  # a token first, which SAP asks for even of readings
    assert [each for each in asked if each[0] == "POST"] == [("POST", "$batch")]


def test_a_part_that_fails_leaves_its_question_to_be_asked_alone(mock: MockSap) -> None:
    unheard_of = Entity.of("A_BusinessPartner", "BusinessPartner", text="BusinessPartner NoSuchField")
    questions = [about(PARTNER)[0], Question(unheard_of), about(PARTNER)[1]]
    assert answered(mock.connect(), questions) == [["1000001"], None, ["1000002"]]
