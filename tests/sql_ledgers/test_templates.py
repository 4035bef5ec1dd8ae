"""The shipped templates: what they name is known, a setting, or told as not confirmed; their SQL is SQL."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
import sqlglot

from duehook.core.wire.sql import DialectName
from duehook.plugins.sql_ledgers.reading.catalogue import Known
from duehook.plugins.sql_ledgers.reading.statements import Statements, Wanted
from duehook.plugins.sql_ledgers.settings import SqlLedgerSettings
from duehook.plugins.sql_ledgers.site import SqlSite
from duehook.plugins.sql_ledgers.template.columns import columns_in
from duehook.plugins.sql_ledgers.template.model import Part

from .library import CLOCK
from .sourced import SOURCED

TYPES: Final = ("infor_lx", "infor_xa", "jde_world", "oracle_ebs", "peoplesoft")
GRAMMARS: Final = {"oracle": "oracle", "sqlserver": "tsql", "postgresql": "postgres", "sqlite": "sqlite"}


def site(type: str, **given: Any) -> SqlSite:
    """Return a site of a type with its usual settings, which is asked nothing."""
    plugin = import_module(f"duehook.plugins.{type}")
    settings: SqlLedgerSettings = plugin.LEDGER.settings.model_validate(
        {"dsn": "ERP", "data_schema": "OWNER", "companies": [{"code": "1", "name": "A", "currency": "EUR"}], **given}
    )
    found = SqlSite(settings, "erp", plugin.LEDGER.home)
    found.__dict__["_today"] = CLOCK.date()
    found.catalogue.of = lambda table: {}  # type: ignore[method-assign]
    return found


def statements(type: str, dialect: DialectName) -> Iterator[str]:
    """Yield every statement that a reading asks, in a dialect."""
    found = site(type, dialect=dialect)
    wanted = [Wanted(recent=True), Wanted(until=CLOCK, since=CLOCK), Wanted(open=True)]
    for parts in found.template.streams.values():
        for part in parts:
            made = Statements(found.place, part)
            key = tuple("1" for _ in part.key)
            for each in wanted:
                yield made.page(each, key, 100).text
            yield made.rows([key]).text
    for proof in found.template.proofs.values():
        yield Statements(found.place, Part(tables=proof.tables, key=("-",), fields={})).counted(proof.count).text


@pytest.mark.parametrize("type", TYPES)
def test_each_column_of_a_template_is_known_a_setting_or_told_as_not_confirmed(type: str) -> None:
    found = site(type)
    known = {(table, column) for table, names in SOURCED[type].items() for column in names.split()}
    settable = {(named.table, named.usual) for named in found.template.names.columns.values()}
    readme = (Path(found._home) / "README.md").read_text(encoding="utf-8")
    unsaid = {
        f"{table}.{column}"
        for parts in found.template.streams.values()
        for part in parts
        for table, column in columns_in(part.texts(), part.tables)
        if (table, column) not in known | settable and column not in readme
    }
    assert unsaid == set()


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("dialect", GRAMMARS)
def test_every_statement_of_a_template_is_sql_of_its_dialect(type: str, dialect: DialectName) -> None:
    told = list(statements(type, dialect))
    assert len(told) >= 16
    for text in told:
        parsed = sqlglot.parse_one(text, dialect=GRAMMARS[dialect])
        assert isinstance(parsed, sqlglot.exp.Select)


@pytest.mark.parametrize("type", ["infor_lx", "infor_xa", "jde_world"])
def test_statements_for_db2_lock_nothing(type: str) -> None:
    assert [text for text in statements(type, "db2i") if not text.endswith(" WITH UR")] == []


@pytest.mark.parametrize("type", TYPES)
def test_nothing_is_written_into_a_statement_that_a_person_wrote(type: str) -> None:
    found = site(type, data_schema="OWNER")
    for parts in found.template.streams.values():
        for part in parts:
            statement = Statements(found.place, part).rows([tuple(f"k'{n}" for n, _ in enumerate(part.key))])
            assert "k'0" not in statement.text
            assert "k'0" in statement.values


def test_texts_of_files_without_a_character_set_are_cast_to_the_sites() -> None:
    found = site("infor_lx", dialect="db2i", ccsid=37)
    found.catalogue.of = lambda table: {"CNME": Known("text", 30), "CCUST": Known("number")}  # type: ignore[method-assign]
    text = Statements(found.place, found.template.streams["customer"][0]).page(Wanted(), None, 10).text
    assert 'SELECT C."CCUST", CAST(C."CNME" AS VARCHAR(30) CCSID 37), C."CCCUS"' in text
