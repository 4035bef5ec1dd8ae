"""What the page of the connectors says of mock-sap is so: what ran there, and what it lacks."""

from __future__ import annotations

import ast
import importlib.metadata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from duehook.core.errors import ConnectorRefused
from duehook.core.testing.contract.grading.others import OtherServer, others_of
from duehook.core.wire.odata import Entity
from duehook.plugins import sap
from duehook.plugins.sap import entities

from .mock_sap import PARTNER, PARTNERS, MockSap, running

HERE: Final = Path(__file__).parent
(SAID,) = others_of(Path(sap.__file__).parent)


@pytest.fixture(scope="module")
def mock() -> Iterator[MockSap]:
    with running("--auth", "u:p") as mock:
        yield mock


def named_in(file: Path) -> Iterator[str]:
    """Yield the classes of tests and the tests outside of any, as a command line names them."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name.lower().startswith("test"):
            yield f"{file.name}::{node.name}"


def test_every_test_that_runs_there_is_named_and_no_other() -> None:
    there = {name for file in HERE.glob("test_mock_sap*.py") for name in named_in(file)}
    assert {test for tests in SAID.cases.values() for test in tests} == there


def test_it_is_of_the_version_that_is_installed_here() -> None:
    try:
        installed = importlib.metadata.version("mock-sap")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("mock-sap is not installed")
    assert (SAID.name, SAID.version) == ("mock-sap", installed)


def lacking(mock: MockSap, entity: Entity) -> set[str] | None:
    """Return which fields of a set it lacks, None where it lacks the set."""
    site = mock.connect().site
    service = site.items if entity is entities.ITEM else site.partners
    key = replace(entity, fields=tuple(each for each in entity.fields if each.name == entity.key[0]))
    try:
        service.rows(key, top=1)
    except ConnectorRefused as error:
        if " answered 404: " not in error.message:
            raise
        return None
    return {each.name for each in entity.fields if not _has(service, replace(entity, fields=(each,)))}


def _has(service: Any, alone: Entity) -> bool:
    try:
        service.rows(alone, top=1)
    except ConnectorRefused as error:
        if f"400: Property '{alone.fields[0].name}' not found" in error.message:
            return False
        raise
    return True


def test_what_it_lacks_of_sets_and_fields_is_what_is_said(mock: MockSap) -> None:
    found = {entity.name: lacking(mock, entity) for entity in entities.ALL}
    fields = {f"fields of {name} that are read": sorted(lost) for name, lost in found.items() if lost}
    lost = {"sets that are read or written": sorted(name for name, lost in found.items() if lost is None), **fields}
    assert {what: sorted(names) for what, names in SAID.lacks.items() if what in lost} == lost
    assert {what for what in SAID.lacks if what.startswith(("sets", "fields"))} == lost.keys()


class TestBehaviour:
    """What it does not do, in the words in which it is said; each is tried."""

    SESSIONS = "sessions (a CSRF token counts in whatever session it comes)"
    PAGES = "pages of its own (it gives all rows at once and no __next)"

    def test_nothing_else_is_said(self) -> None:
        assert SAID.lacks["behaviour"] == (self.SESSIONS, self.PAGES)

    def test_it_takes_any_token(self, mock: MockSap) -> None:
        token = mock.http.get(mock.base + PARTNERS, auth=("u", "p"), headers={"X-CSRF-Token": "Fetch"})
        elsewhere = mock.connect()
        elsewhere.partners.token = token.headers["x-csrf-token"]
        elsewhere.change("OTHER")
        assert elsewhere.term() == "OTHER"

    def test_it_does_not_page(self, mock: MockSap) -> None:
        answer = mock.http.get(f"{mock.base}{PARTNERS}A_BusinessPartner?$format=json", auth=("u", "p")).json()["d"]
        assert "__next" not in answer
        assert len(answer["results"]) == mock.connect().partners.count(PARTNER)


def test_a_plugin_that_says_nothing_ran_on_no_other(tmp_path: Path) -> None:
    assert others_of(tmp_path) == ()
    assert isinstance(SAID, OtherServer)
