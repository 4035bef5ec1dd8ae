"""The script for the DBA grants what is read, and no more: with it a user reads everything and writes nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from duehook.core.testing.postgres import Cluster
from duehook.plugins.jde import rights, tables
from duehook.plugins.jde.settings import JdeSettings
from duehook.plugins.jde.simulator import JdeSimulator
from duehook.plugins.jde.sources import JdeContacts, JdeCustomers, JdeInvoices, JdePayments
from duehook.plugins.jde.tables import Table

from .ledger import postgres

PAGES = [Path(__file__).parents[2] / page for page in ("plugins/jde/README.md", "docs/how-to/connect-jde.md")]
EVERY = {table.name for table in vars(tables).values() if isinstance(table, Table)}


def granted(text: str) -> set[str]:
    return set(re.findall(r"\.[\"\[](\w+)[\"\]] TO ", text))


def test_every_table_that_is_read_is_granted_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    rights.main(["oracle", "--user", "DUEHOOK"])
    assert granted(capsys.readouterr().out) == EVERY | set(tables.PURGED.values())
    rights.main(["oracle", "--user", "DUEHOOK", "--no-purge", "--activity-log"])
    assert granted(capsys.readouterr().out) == EVERY | {"F03B31"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_pages_name_the_same_tables(page: Path) -> None:
    assert [name for name in sorted(EVERY) if not re.search(rf"\b{name}\b", page.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ["oracle", "--data-schema", "CRPDTA"],
            ['GRANT CREATE SESSION TO "DUEHOOK";', 'GRANT SELECT ON "CRPDTA"."F0010" TO "DUEHOOK";'],
        ),
        (
            ["sqlserver", "--data-schema", "JDE_PRODUCTION.PRODDTA", "--control-schema", "JDE_PRODUCTION.PRODCTL"],
            ["USE [JDE_PRODUCTION];", "GRANT SELECT ON [PRODDTA].[F0010] TO [DUEHOOK];",
             "GRANT SELECT ON [PRODCTL].[F0005] TO [DUEHOOK];"],
        ),
        (
            ["db2i"],
            ['GRANT SELECT ON "PRODDTA"."F0010" TO "DUEHOOK";',
             "-- The user also needs the library itself:  "
             "GRTOBJAUT OBJ(PRODDTA) OBJTYPE(*LIB) USER(DUEHOOK) AUT(*USE)"],
        ),
    ],
)  # fmt: skip
def test_schemas_and_user_stand_as_they_were_given(
    arguments: list[str], lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    rights.main([*arguments, "--user", "DUEHOOK"])
    assert set(lines) <= set(capsys.readouterr().out.splitlines())


def test_a_name_that_would_end_its_quotes_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        rights.main(["oracle", "--user", 'X"; DROP USER Y'])
    assert "argument --user: invalid" in capsys.readouterr().err


@pytest.mark.parametrize(("dialect", "grammar"), [("oracle", "oracle"), ("sqlserver", "tsql"), ("db2i", "oracle")])
def test_every_line_is_of_its_databases_grammar(dialect: Any, grammar: str) -> None:
    lines = rights.script(dialect, "DUEHOOK", data="PRODDTA", control="PRODCTL")
    text = "".join(line for line in lines if "CREATE SESSION" not in line)  # which the grammar does not know
    for tree in sqlglot.parse(text, read=grammar):
        assert isinstance(tree, (sqlglot.exp.Grant, sqlglot.exp.Use)), tree


def test_a_user_with_these_rights_reads_everything_and_writes_nothing(cluster: Cluster, tmp_path: Path) -> None:
    url = cluster.create("jde_rights")
    simulator = JdeSimulator({"folder": str(tmp_path), "customers": 20, "items": 60, "database_url": url})
    settings = dict(simulator.start())
    lines = rights.script("postgresql", "duehook_reader", data="proddta", control="proddta")
    with postgres(url) as admin:
        admin.execute("CREATE ROLE duehook_reader LOGIN PASSWORD 'reader'")
        admin.execute("".join(lines).encode())
        admin.execute("GRANT SELECT ON proddta.sim_state TO duehook_reader")  # the simulator's clock
    settings["odbc"] = re.sub(r"Uid=[^;]*;Pwd=[^;]*", "Uid=duehook_reader;Pwd=reader", settings["odbc"])
    connection = JdeSettings.model_validate({**simulator.site_settings, **settings})
    for kind in (JdeCustomers, JdeContacts, JdeInvoices, JdePayments):
        source = kind(connection)
        assert [finding for finding in source.check() if not finding.ok and finding.severity == "error"] == []
        for stream in source.streams:
            assert sum(len(page.rows) for page in source.read(stream, None, source.upper_bound())) > 0
        source.close()
    with pytest.raises(Exception, match="permission denied"), postgres(url) as admin:
        admin.execute("SET ROLE duehook_reader")
        admin.execute('UPDATE proddta."F0101" SET "ABALPH" = \'x\'')
    simulator.stop()
