"""The throw-away PostgreSQL cluster that tests, benches and the demo stand on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import create_engine, text

from duehook.core.books import Books
from duehook.core.testing import postgres
from duehook.core.testing.postgres import Cluster, NoPostgres, throw_away_cluster

START_AND_WAIT = """
import time
from duehook.core.testing.postgres import throw_away_cluster
with throw_away_cluster() as cluster:
    print(cluster.process_id, flush=True)
    time.sleep(60)
"""


def test_a_fresh_database_is_empty_and_sorts_by_bytes(pg_url: str) -> None:
    engine = create_engine(pg_url)
    with engine.connect() as tx:
        tables = tx.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar_one()
        words = tx.execute(text("SELECT w FROM (VALUES ('b'), ('a'), ('B'), ('ä')) AS v(w) ORDER BY w"))
        assert tables == 0
        assert words.scalars().all() == ["B", "a", "b", "ä"]
    engine.dispose()


def test_the_cluster_asks_for_its_password(cluster: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=cluster.port, user="postgres", password="", dbname="postgres")


def test_a_copy_of_a_template_holds_its_tables(cluster: Cluster, migrated_template: str) -> None:
    url = cluster.create("copied", template=migrated_template)
    books = Books.open(url)
    with books.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
    cluster.drop("copied")  # under the pool's feet
    books.close()


def test_books_and_their_url_are_one_database(books: Books, database_url: str) -> None:
    assert books.engine.url.database == create_engine(database_url).url.database
    with books.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1


def test_leaving_the_block_leaves_no_process_and_no_folder() -> None:
    with throw_away_cluster({"work_mem": "32MB"}) as cluster:
        server = psutil.Process(cluster.process_id)
        with cluster.connect() as connection:
            folder = Path(connection.execute("SHOW data_directory").fetchall()[0][0]).parent
            assert connection.execute("SHOW work_mem").fetchall() == [("32MB",)]
        assert folder.is_dir()
    assert not server.is_running()
    assert not folder.exists()


def test_a_killed_owner_takes_the_server_with_it() -> None:
    owner = subprocess.Popen([sys.executable, "-c", START_AND_WAIT], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    server = psutil.Process(int(owner.stdout.readline()))
    folder = Path(server.cwd()).parent
    os.kill(owner.pid, signal.SIGKILL)
    owner.communicate()
    deadline = time.monotonic() + 20
    while server.is_running() and server.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
    shutil.rmtree(folder)


def test_what_killed_owners_left_is_removed(tmp_path: Path) -> None:
    left, young, served = (tmp_path / f"{postgres.PREFIX}{name}" for name in ("left", "young", "served"))
    for folder in (left, young, served):
        (folder / "data").mkdir(parents=True)
    (served / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    for folder in (left, served):
        os.utime(folder, (0, 0))
    postgres.remove_abandoned(tmp_path)
    assert [folder.exists() for folder in (left, young, served)] == [False, True, True]


def test_a_missing_server_is_an_error_that_names_the_fix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoPostgres, match="make setup"), throw_away_cluster():
        pass


def test_a_server_that_cannot_start_shows_its_own_words() -> None:
    with (
        pytest.raises(NoPostgres, match="unrecognized configuration parameter"),
        throw_away_cluster({"no_such_setting": "1"}),
    ):
        pass


def test_a_cluster_that_cannot_be_made_shows_the_programs_own_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, lines in {"postgres": "exit 0", "initdb": "echo no room for it >&2; exit 1"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{lines}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)  # where servers lie on PATH alone
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(NoPostgres, match="initdb failed: no room for it"), throw_away_cluster():
        pass


def test_a_server_that_does_not_end_when_asked_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "STOP_SECONDS", 0.2)
    deaf = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        postgres._stop(process)
        assert process.returncode == -signal.SIGKILL
