"""Every transaction and field that is read or written is in Infor's own Swagger, as long and of the type it says."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from duehook.plugins.infor_m3 import entities
from duehook.plugins.infor_m3.entities import Transaction

DATA = Path(__file__).parents[3] / "shared" / "data" / "m3"
OPTIONS = {"cono", "divi", "maxrecs", "dateformat", "excludeempty", "righttrim", "returncols"}
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="Infor's Swagger is not beside the project")
of_transaction = pytest.mark.parametrize("transaction", entities.ALL, ids=lambda each: each.title)


@cache
def swagger(program: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{program}.json").read_text(encoding="utf-8"))
    return found


def operation(transaction: Transaction) -> dict[str, Any]:
    found: dict[str, Any] = swagger(transaction.program)["paths"][f"/{transaction.name}"]
    assert list(found) == ["get"]
    return found["get"]  # type: ignore[no-any-return]


def length(described: str) -> int:
    """Read the length out of `Customer number(10)`."""
    match = re.search(r"\((\d+)\)\s*\Z", described)
    assert match, described
    return int(match[1])


def taken(transaction: Transaction) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in operation(transaction)["parameters"]}


def given(transaction: Transaction) -> dict[str, str]:
    schema = operation(transaction)["responses"]["200"]["schema"]
    found: dict[str, str] = schema["properties"]["results"]["items"]["properties"]["records"]["items"].get(
        "example", {}
    )
    return found


@of_transaction
def test_what_a_transaction_takes_is_as_long_as_m3_says_and_a_number_where_it_is(transaction: Transaction) -> None:
    theirs = taken(transaction)
    assert set(transaction.inputs) <= set(theirs)
    assert {name: field.length for name, field in transaction.inputs.items()} == {
        name: length(theirs[name]["description"]) for name in transaction.inputs
    }
    assert {name for name, field in transaction.inputs.items() if field.is_number} == {
        name for name in transaction.inputs if theirs[name]["type"] == "number"
    }


@of_transaction
def test_what_must_be_given_is_known_to_be_so(transaction: Transaction) -> None:
    must = {name for name, each in taken(transaction).items() if each["required"]}
    assert {field.name for field in transaction.takes if field.must} == must


@of_transaction
def test_what_a_transaction_gives_is_as_long_as_m3_says(transaction: Transaction) -> None:
    theirs = given(transaction)
    assert set(transaction.columns) <= set(theirs)
    assert {field.name: field.length for field in transaction.gives} == {
        field.name: length(theirs[field.name]) for field in transaction.gives
    }


@of_transaction
def test_the_options_that_are_sent_along_are_known_to_the_interface(transaction: Transaction) -> None:
    assert set(taken(transaction)) >= OPTIONS


def test_the_ledgers_columns_are_fields_of_its_records() -> None:
    known = {*given(entities.MOVEMENTS), *entities.LEDGER_ONLY}
    assert {*entities.ITEM_COLUMNS, *entities.MONEY_COLUMNS, *entities.ROW_KEY, "RECO"} <= known


def test_a_selection_is_no_longer_than_the_swagger_says() -> None:
    from duehook.plugins.infor_m3.client.export import LONGEST

    assert length(taken(entities.SELECT)["QERY"]["description"]) == LONGEST
