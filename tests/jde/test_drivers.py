"""What the ODBC drivers and their databases do reaches the user in our words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.testing.postgres import Cluster
from duehook.core.wire.sql import DialectName, OdbcClient, Sql
from duehook.plugins.jde import tables
from duehook.plugins.jde.settings import JdeSettings
from duehook.plugins.jde.sources import JdeContacts, JdeCustomers, JdeInvoices, JdePayments, JdeSource

from .ledger import BOUND, INVOICE, STAMP, Ledger, create, documents, insert, postgres, read, rows


@pytest.fixture
def on_postgres(pg_url: str, cluster: Cluster) -> Iterator[tuple[psycopg.Connection, JdeSettings]]:
    database = postgres(pg_url)
    database.execute('CREATE SCHEMA "PRODDTA"')
    database.execute('SET search_path TO "PRODDTA"')
    create(database)
    for code, places in {"EUR": 2, "KWD": 3}.items():
        insert(database, tables.CURRENCY, mark="%s", CRCD=code, CDEC=places)
    insert(database, tables.COMPANY, mark="%s", CO="00001", NAME="Nordwerk", CRCD="EUR")
    yield (
        database,
        JdeSettings.model_validate(
            {
                "connection_string": cluster.odbc(pg_url.rsplit("/", 1)[1]),
                "dialect": "postgresql",
                "data_schema": "PRODDTA",
                "page_size": 2,
            }
        ),
    )
    database.close()


def test_everything_is_read_over_postgresqls_driver_too(
    on_postgres: tuple[psycopg.Connection, JdeSettings], opened: list[JdeSource]
) -> None:
    database, settings = on_postgres
    insert(database, tables.ADDRESS_BOOK, mark="%s", AN8=4242, ALPH="Müller", **STAMP)
    insert(database, tables.CUSTOMER, mark="%s", AN8=4242, CO="00000", CRCD="EUR", **STAMP)
    insert(database, tables.POSTAL, mark="%s", AN8=4242, EFTB=120001, CTY1="Köln", **STAMP)
    insert(database, tables.WHO, mark="%s", AN8=4242, IDLN=0, MLNM="Müller KG", **STAMP)
    insert(database, tables.EMAIL, mark="%s", AN8=4242, RCK7=1, ETP="E", EMAL="ap@example.com", **STAMP)
    insert(database, tables.PAYMENT_TERM, mark="%s", PTC="30", NDTP=30)
    insert(database, tables.EXCHANGE_RATE, mark="%s", CRCD="EUR", CRDC="KWD", EFT=126001, CRR="0.3345671", **STAMP)
    for number in range(5):
        insert(database, tables.ITEM, mark="%s", **{**INVOICE, "DOC": number + 1, "UPMT": 93000 + number})
    insert(database, tables.PAYMENT, mark="%s", PYID=7, AN8=4242, CO="00001", DMTJ=126080, CKAM=5, BCRC="EUR", **STAMP)
    insert(database, tables.ALLOCATION, mark="%s", PYID=7, RC5=1, KCO="00001", DCT="RI", DOC=1, SFX="001", CO="00001",
           DMTJ=126080, BCRC="EUR", PAAP=-5, **STAMP)  # fmt: skip
    customers, contacts = JdeCustomers(settings), JdeContacts(settings)
    invoices, payments = JdeInvoices(settings), JdePayments(settings)
    opened += [customers, contacts, invoices, payments]
    assert [row["name"] for row in rows(read(customers, "customer"))] == ["Müller KG"]
    assert rows(read(customers, "exchange_rate"))[0]["rate"] == Decimal("0.3345671")
    assert [row["key"] for row in rows(read(customers, "payment_term"))] == ["30"]
    assert [row["email"] for row in rows(read(contacts, "contact"))] == ["ap@example.com"]
    first = read(invoices, "item")
    assert documents(first) == ["1", "2", "3", "4", "5"]
    assert documents(read(invoices, "item", first[-1].position)) == []
    assert len(invoices.lookup("item", [("00001", "00001|RI|4|001")]).found) == 1
    assert sum(len(page) for page in invoices.totals(BOUND)) == 5
    assert rows(read(payments, "payment"))[0]["amount"] == Decimal("0.05")
    assert rows(read(payments, "allocation"))[0]["amount"] == Decimal("0.05")
    assert abs((invoices.upper_bound().at - datetime.now(UTC)).total_seconds()) < 60


def test_a_slow_statement_ends_at_its_time_out(
    on_postgres: tuple[psycopg.Connection, JdeSettings], opened: list[JdeSource]
) -> None:
    _, settings = on_postgres
    source = JdeInvoices(settings.model_copy(update={"statement_seconds": 1, "clock_query": "SELECT pg_sleep(20)"}))
    opened.append(source)
    with pytest.raises(ConnectorDown, match="HYT00"):
        source.upper_bound()


def test_a_connection_that_breaks_is_down_and_made_anew(
    on_postgres: tuple[psycopg.Connection, JdeSettings], opened: list[JdeSource]
) -> None:
    database, settings = on_postgres
    source = JdeInvoices(settings)
    opened.append(source)
    source.upper_bound()
    database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    with pytest.raises(ConnectorDown):
        source.upper_bound()
    assert source.upper_bound().mark


def test_a_missing_right_names_the_table(
    on_postgres: tuple[psycopg.Connection, JdeSettings], cluster: Cluster, opened: list[JdeSource]
) -> None:
    database, settings = on_postgres
    database.execute("CREATE ROLE reader LOGIN PASSWORD 'reader'")
    database.execute('GRANT USAGE ON SCHEMA "PRODDTA" TO reader')
    try:
        text = settings.connection_string.get_secret_value() if settings.connection_string else ""
        text = text.replace("Uid=postgres", "Uid=reader").replace(f"Pwd={cluster.password}", "Pwd=reader")
        source = JdeInvoices(JdeSettings.model_validate({**_plain(settings), "connection_string": text}))
        opened.append(source)
        with pytest.raises(ConnectorRefused, match=r"grant SELECT on PRODDTA\.F03B11"):
            source._site.columns(tables.ITEM)
        source.close()
        wrong = JdeInvoices(JdeSettings.model_validate({**_plain(settings), "connection_string": f"{text}x"}))
        opened.append(wrong)
        with pytest.raises(ConnectorRefused, match="correct `user` and `password`"):
            wrong.upper_bound()
    finally:
        database.execute("DROP OWNED BY reader")
        database.execute("DROP ROLE reader")


def _plain(settings: JdeSettings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in ("dialect", "data_schema", "page_size")}


@pytest.mark.parametrize(
    ("dialect", "state", "message", "kind", "fix"),
    [
        ("oracle", "HY000", "ORA-01017: invalid username/password", ConnectorRefused, "correct `user`"),
        ("oracle", "42000", "ORA-01031: insufficient privileges", ConnectorRefused, "grant SELECT on PRODDTA.F03B11"),
        ("oracle", "42S02", "ORA-00942: table or view does not exist", ConnectorRefused, "data_schema"),
        ("oracle", "42S22", "ORA-00904: invalid identifier", ConnectorRefused, "lacks a column"),
        ("oracle", "HY000", "ORA-03113: end-of-file on communication channel", ConnectorDown, ""),
        ("sqlserver", "42000", "The SELECT permission was denied on the object", ConnectorRefused, "grant SELECT"),
        ("sqlserver", "28000", "Login failed for user", ConnectorRefused, "correct `user`"),
        ("sqlserver", "40001", "chosen as the deadlock victim", ConnectorDown, ""),
        ("sqlserver", "08S01", "Communication link failure", ConnectorDown, ""),
        ("db2i", "42501", "SQL0551 - Not authorized to object F03B11", ConnectorRefused, "grant SELECT"),
        ("db2i", "HY000", "SQL0913 - Row or object in use", ConnectorDown, ""),
        ("db2i", "HY000", "SQL0666 - Estimated query processing time exceeds limit", ConnectorDown, ""),
        ("db2i", "HYT00", "Timeout expired", ConnectorDown, ""),
        (
            "postgresql",
            "08001",
            'FATAL: password authentication failed for user "x"',
            ConnectorRefused,
            "correct `user`",
        ),
        ("postgresql", "42501", "permission denied for table F03B11", ConnectorRefused, "grant SELECT"),
        ("sqlite", "HY000", "no such table: F03B11", ConnectorRefused, "data_schema"),
        ("sqlite", "HY000", "database is locked", ConnectorDown, ""),
        ("oracle", "HY000", "ORA-00600: internal error", ConnectorRefused, "DBA"),
    ],
)
def test_every_fault_of_a_driver_says_who_does_what(
    dialect: DialectName, state: str, message: str, kind: type[ConnectorError], fix: str
) -> None:
    settings = JdeSettings.model_validate({"dsn": "JDE", "dialect": dialect, "data_schema": "PRODDTA"})
    fault = OdbcClient(settings)._fault(RuntimeError(state, f"[{state}] {message} (1)"), "F03B11")
    assert type(fault) is kind
    assert message in fault.message
    assert fix in (fault.fix or "")


@pytest.mark.parametrize(
    ("state", "message", "kind", "told", "fix"),
    [
        ("IM002", "Data source name not found", ConnectorRefused, "is not there", "correct `dsn` of connection erp"),
        ("01000", "Can't open lib 'Oracle' : file not found", ConnectorRefused, "is not there", "apt-get install"),
        ("28000", "ORA-01017: invalid username", ConnectorRefused, "cannot be opened", "`password` of connection erp"),
        ("08001", "ORA-12541: no listener", ConnectorDown, "The database JDE of connection erp", "`dsn` of connection"),
        ("HY000", "ORA-00600: internal error", ConnectorRefused, "cannot be opened", "`dsn` of connection erp"),
    ],
)
def test_a_database_that_cannot_be_opened_names_its_connection(
    state: str, message: str, kind: type[ConnectorError], told: str, fix: str
) -> None:
    settings = JdeSettings.model_validate({"dsn": "JDE", "dialect": "oracle", "data_schema": "PRODDTA"})
    fault = OdbcClient(settings, "erp")._not_opened(RuntimeError(state, f"[{state}] {message}."))
    assert type(fault) is kind
    assert message in fault.message
    assert told in fault.message
    assert "of connection erp" in fault.message
    assert fix in (fault.fix or "")


def test_a_server_is_named_with_its_port() -> None:
    text = "Driver=x;Server=db.example.com;Port=5433;Database=jde;Pwd=abc9"
    given = {"connection_string": text, "dialect": "postgresql", "data_schema": "PRODDTA"}
    fault = OdbcClient(JdeSettings.model_validate(given), "jde")._not_opened(RuntimeError("08001", "refused"))
    assert fault.message.startswith("The database db.example.com:5433 of connection jde cannot be opened: refused ")


def test_a_missing_driver_or_file_is_told_apart(tmp_path: Path) -> None:
    given = {"dialect": "sqlite", "data_schema": "main"}
    for text, kind, told in (
        ("DRIVER=Nowhere;DATABASE=x", ConnectorRefused, "apt-get install unixodbc"),
        ("DSN=nowhere", ConnectorRefused, "apt-get install unixodbc"),
        (f"DRIVER=SQLite3;DATABASE={tmp_path}/absent.db", ConnectorDown, "connect failed"),
    ):
        client = OdbcClient(JdeSettings.model_validate({"connection_string": text, **given}))
        with pytest.raises(kind, match=told):
            client.rows(Sql("SELECT 1"), about="F0010")
    assert not (tmp_path / "absent.db").exists()


def test_a_file_that_is_no_database_and_a_server_that_is_not_there_are_down(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"no database at all, only text" * 100)
    client = OdbcClient(
        JdeSettings.model_validate(
            {"connection_string": f"DRIVER=SQLite3;DATABASE={garbage}", "dialect": "sqlite", "data_schema": "main"}
        )
    )
    with pytest.raises(ConnectorDown):
        client.rows(Sql('SELECT * FROM "main"."F0010"'), about="F0010")
    nobody = "DRIVER=PostgreSQL Unicode;SERVER=127.0.0.1;PORT=1;DATABASE=x;UID=a;PWD=b"
    client = OdbcClient(
        JdeSettings.model_validate({"connection_string": nobody, "dialect": "postgresql", "data_schema": "PRODDTA"})
    )
    with pytest.raises(ConnectorDown, match="refused"):
        client.rows(Sql("SELECT 1"), about="F0010")


def test_without_pyodbc_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyodbc", None)
    settings = JdeSettings.model_validate({"dsn": "JDE", "dialect": "oracle", "data_schema": "PRODDTA"})
    with pytest.raises(ConnectorRefused, match="apt-get install unixodbc"):
        OdbcClient(settings).rows(Sql("SELECT 1"), about="F0010")


def test_a_statement_without_a_result_is_garbled(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "jde.db")
    client = OdbcClient(ledger.settings())
    with pytest.raises(ConnectorGarbled, match="without a result"):
        client.rows(Sql('DELETE FROM "F0010"'), about="F0010")
    assert len(client.rows(Sql('SELECT * FROM "F0010"'), about="F0010")) == 2, "the transaction was taken back"
    client.close()
    ledger.close()


def test_a_password_with_any_letter_reaches_the_driver_in_braces() -> None:
    given: dict[str, Any] = {"dsn": "JDE", "user": "CM;SVC", "password": "a}b;c={", "dialect": "oracle"}
    client = OdbcClient(JdeSettings.model_validate({**given, "data_schema": "PRODDTA"}))
    assert client._text() == "DSN=JDE;UID={CM;SVC};PWD={a}}b;c={}"


def test_the_drivers_own_traps_are_set_unless_the_site_says_otherwise() -> None:
    given = {"dialect": "sqlite", "data_schema": "main"}
    plain = OdbcClient(JdeSettings.model_validate({"connection_string": "DRIVER=SQLite3;DATABASE=x;", **given}))
    assert plain._text() == "DRIVER=SQLite3;DATABASE=x;BigInt=1;NoCreat=1;Timeout=10000"
    own = OdbcClient(JdeSettings.model_validate({"connection_string": "DRIVER=SQLite3;DATABASE=x;timeout=5", **given}))
    assert own._text() == "DRIVER=SQLite3;DATABASE=x;timeout=5;BigInt=1;NoCreat=1"
