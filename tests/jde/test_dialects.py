"""The SQL for each database EnterpriseOne runs on is well formed; only two of them are run here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from duehook.core.wire.sql import DIALECTS, DialectName, Sql, behind
from duehook.plugins.jde import tables
from duehook.plugins.jde.odbc.queries import Queries, Selection
from duehook.plugins.jde.odbc.selections import Selections
from duehook.plugins.jde.reading.reader import Window
from duehook.plugins.jde.settings import JdeSettings

GRAMMAR: dict[DialectName, str] = {
    "oracle": "oracle", "sqlserver": "tsql", "sqlite": "sqlite", "postgresql": "postgres", "db2i": "oracle",
}  # fmt: skip
TAIL = " WITH UR"
CCSID = re.compile(r" CCSID 37\)")


def queries(dialect: DialectName, **settings: object) -> Queries:
    given_settings = {
        "dsn": "JDE",
        "dialect": dialect,
        "data_schema": "PRODDTA",
        "control_schema": "PRODCTL",
        **settings,
    }
    return Queries(
        JdeSettings.model_validate(given_settings), lambda table: frozenset(column.name for column in table.columns)
    )


SELECTIONS: dict[str, Callable[[Selections], Selection]] = {
    "items": Selections.items,
    "open items": lambda q: q.open_items(tables.ITEM_BALANCE),
    "payments": Selections.payments,
    "allocations": Selections.allocations,
    "customers": lambda q: q.customers(126090),
    "contacts": Selections.contacts,
    "companies": lambda q: q.simple(tables.COMPANY),
    "rates": lambda q: q.simple(tables.EXCHANGE_RATE, recent="CXEFT", exact=("CXCRR",)),
}


def statements(q: Queries) -> Iterator[Sql]:
    for selection in SELECTIONS.values():
        chosen = selection(Selections(q))
        key = tuple(range(len(chosen.table.key)))
        yield q.page(chosen, Window((126090, 1), recent_from=124090), 500)
        yield q.page(chosen, Window((126090, 1), since=(126089, 1), after=key), 500)
        yield q.rows(chosen, [key, key])
        yield q.keys_in("F03B11P", chosen, [key])
    yield q.lines_of(tables.EMAIL, [1, 2, 3])
    yield q.look(tables.CUSTOMER, ("AICO", "AIHOLD"), {"AIAN8": (4242,), "AICO": ("00001", "00000")})
    yield q.nothing("F03B11P")
    yield q.clock()


@pytest.mark.parametrize("dialect", ["oracle", "sqlserver", "sqlite", "postgresql"])
def test_every_statement_is_of_its_databases_grammar(dialect: DialectName) -> None:
    for statement in statements(queries(dialect)):
        (tree,) = sqlglot.parse(statement.text, read=GRAMMAR[dialect])
        assert tree is not None
        assert isinstance(tree, sqlglot.exp.Select)
        marks = len(list(tree.find_all(sqlglot.exp.Placeholder)))
        assert marks == len(statement.values), statement.text


def test_db2_statements_are_well_formed_but_for_their_tail_and_casts() -> None:
    for statement in statements(queries("db2i", ccsid=37)):
        text = statement.text
        if "SYSDUMMY1" not in text:
            assert text.endswith(TAIL)
            text = text.removesuffix(TAIL)
        plain = CCSID.sub(")", text)
        assert "CCSID" not in plain
        (tree,) = sqlglot.parse(plain.replace("CURRENT TIMESTAMP - CURRENT TIMEZONE", "NOW"), read="oracle")
        assert isinstance(tree, sqlglot.exp.Select)
        assert len(list(tree.find_all(sqlglot.exp.Placeholder))) == len(statement.values)


def test_a_db2_text_is_cast_to_the_sites_code_page() -> None:
    text = queries("db2i", ccsid=37).page(Selections(queries("db2i", ccsid=37)).items(), Window(), 10).text
    assert 'CAST("RPCRCD" AS VARCHAR(3) CCSID 37)' in text
    assert '"RPDOC", ' in text, "numbers are not"
    assert text.endswith("FETCH FIRST 10 ROWS ONLY WITH UR")
    assert "CCSID" not in queries("db2i").page(Selections(queries("db2i")).items(), Window(), 10).text


def test_no_statement_waits_for_a_users_lock_where_the_database_can_read_past_it() -> None:
    for statement in statements(queries("sqlserver")):
        tables_read = len(re.findall(r"\[F0\w+\]", statement.text))
        assert statement.text.count("WITH (NOLOCK)") == tables_read


def test_a_page_is_limited_in_each_databases_words() -> None:
    texts = {name: queries(name).page(Selections(queries(name)).items(), Window(), 10).text for name in DIALECTS}
    assert texts["sqlserver"].startswith("SELECT TOP (10) [RPKCO]")
    assert texts["oracle"].endswith('ORDER BY "RPKCO", "RPDCT", "RPDOC", "RPSFX" FETCH FIRST 10 ROWS ONLY')
    assert texts["postgresql"].endswith("LIMIT 10")
    assert texts["sqlite"].endswith("LIMIT 10")


def test_a_schema_may_name_its_database_and_identifiers_are_quoted() -> None:
    assert queries("sqlserver", data_schema="JDE_PRODUCTION.PRODDTA").origin("F03B11") == (
        "[JDE_PRODUCTION].[PRODDTA].[F03B11] WITH (NOLOCK)"
    )
    assert queries("oracle").origin("F0005", control=True) == '"PRODCTL"."F0005"'
    assert queries("oracle").q("GLREG#") == '"GLREG#"'


def test_an_absent_column_is_read_as_null() -> None:
    q = Queries(
        JdeSettings.model_validate({"dsn": "X", "dialect": "oracle", "data_schema": "P"}), lambda table: frozenset()
    )
    chosen = q.columns(tables.ITEM)
    assert chosen[tables.ITEM.columns.index(next(c for c in tables.ITEM.columns if c.name == "RPRDDJ"))] == (
        "CAST(NULL AS VARCHAR(1))"
    )
    assert chosen[0] == '"RPKCO"'


def test_a_rate_is_read_as_an_exact_number() -> None:
    rates = {name: queries(name).columns(tables.EXCHANGE_RATE, exact=("CXCRR",))[5] for name in DIALECTS}
    assert rates["sqlserver"] == "CAST([CXCRR] AS DECIMAL(21, 9))"
    assert rates["sqlite"] == 'CAST("CXCRR" AS VARCHAR(30))'


@given(
    st.lists(st.tuples(*[st.integers(0, 2)] * 3), unique=True, min_size=1),
    st.tuples(*[st.integers(0, 2)] * 3),
)
def test_behind_a_key_is_what_sorts_behind_it(rows: list[tuple[int, int, int]], key: tuple[int, int, int]) -> None:
    condition = behind(["a", "b", "c"], key)
    database = __import__("sqlite3").connect(":memory:")
    database.execute("CREATE TABLE t (a, b, c)")
    database.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    found = database.execute(f"SELECT a, b, c FROM t WHERE {condition.text}", condition.values).fetchall()
    database.close()
    assert sorted(found) == sorted(row for row in rows if row > key)


def test_texts_that_a_hold_is_read_from_are_cast_where_files_are_tagged_otherwise() -> None:
    where = {"AIAN8": (4242,), "AICO": ("00001", "00000")}
    statement = queries("db2i", ccsid=37).look(tables.CUSTOMER, ("AICO", "AIHOLD"), where)
    assert 'CAST("AIHOLD" AS VARCHAR(2) CCSID 37)' in statement.text
    assert 'CAST("AICO" AS VARCHAR(5) CCSID 37)' in statement.text
