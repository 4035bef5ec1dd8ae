"""The programs of the simulated M3 take and give exactly what M3's own metadata says."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from duehook.plugins.infor_m3.simulator.layouts import PROGRAMS, Field, Transaction
from duehook.plugins.infor_m3.simulator.programs import EVERY, HANDLERS

from .simulated import SWAGGER

Told = list[tuple[str, int, bool, bool]]


def published(program: str) -> dict[str, Any]:
    """Return the transactions of a program as its Swagger file has them."""
    file = SWAGGER / f"{program}.json"
    if not file.exists():
        pytest.skip(f"{file} is not here: there is nothing to compare with")
    paths = json.loads(file.read_text(encoding="utf-8"))["paths"]
    return {path.strip("/").partition(";")[0]: told for path, told in paths.items()}


def length(description: str) -> int:
    return int(re.findall(r"\((\d+)\)", description)[-1])


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_input_has_its_name_length_and_type_and_says_whether_it_must_be_entered(program: str) -> None:
    told = published(program)
    for name, transaction in PROGRAMS[program].items():
        fields = [*told[name].get("parameters", ()), *told[name]["get"].get("parameters", ())]
        expected: Told = [
            (each["name"], length(each["description"]), each["type"] == "number", bool(each.get("required")))
            for each in fields
            if each["name"].isupper()
        ]
        ours: Told = [_told(each) for each in transaction.inputs.values()]
        assert (name, ours) == (name, expected)


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_output_has_its_name_and_length_in_the_same_order(program: str) -> None:
    told = published(program)
    for name, transaction in PROGRAMS[program].items():
        schema = told[name]["get"]["responses"]["200"]["schema"]["properties"]["results"]["items"]
        example = schema["properties"]["records"]["items"].get("example") or {}
        expected = {each: length(description) for each, description in example.items()}
        assert (name, _lengths(transaction)) == (name, list(expected.items()))


def test_what_is_served_is_what_the_layouts_name() -> None:
    served = {program: {*handlers, *EVERY} for program, handlers in HANDLERS.items()}
    assert served == {program: set(transactions) for program, transactions in PROGRAMS.items()}


def _told(of: Field) -> tuple[str, int, bool, bool]:
    return of.name, of.length, of.number, of.mandatory


def _lengths(transaction: Transaction) -> list[tuple[str, int]]:
    return [(each.name, each.length) for each in transaction.outputs.values()]
