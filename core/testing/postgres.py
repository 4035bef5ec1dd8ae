"""A throw-away PostgreSQL cluster: for tests, benches and the demo, never for real books.

It listens on 127.0.0.1 under a password of its own, flushes nothing to disk, sorts by bytes, and
is gone with its folder when the block ends; should we be killed, the server ends by itself.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

DEBIAN: Final = Path("/usr/lib/postgresql")
SERVER_USER: Final = "postgres"
START_SECONDS: Final = 60
STOP_SECONDS: Final = 30
PREFIX: Final = "duehook-postgres-"
ABANDONED_SECONDS: Final = 600
FILE_COPY_SINCE: Final = 150000  # older ones always copy files, and know no word for it
SETTINGS: Final[Mapping[str, str]] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}


class NoPostgres(RuntimeError):
    """PostgreSQL's server programs are not on this machine, or did not start."""


@dataclass(frozen=True)
class Cluster:
    """A running cluster and its superuser, who makes the databases."""

    port: int
    password: str
    process_id: int

    def url(self, database: str) -> str:
        """Return a database's URL for SQLAlchemy and `Books.open`."""
        return f"postgresql+psycopg://{SERVER_USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def odbc(self, database: str) -> str:
        """Return a database's connection string for Debian's ODBC driver."""
        return (
            f"Driver={{PostgreSQL Unicode}};Server=127.0.0.1;Port={self.port};"
            f"Database={database};Uid={SERVER_USER};Pwd={self.password}"
        )

    def create(self, database: str, *, template: str = "template0") -> str:
        """Create a database, empty or as a copy of `template`, and return its URL.

        Nobody may be connected to the template. Its files are copied as they are, which takes half the time of
        what newer servers do by themselves: to write each page into the log too.
        """
        how = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (database, template)))
        with self.connect() as connection:
            by_files = connection.info.server_version >= FILE_COPY_SINCE
            connection.execute(how + sql.SQL(" STRATEGY FILE_COPY") if by_files else how)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, also under those who are still connected."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def connect(self) -> psycopg.Connection:
        """Connect to the maintenance database, each statement its own transaction."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=SERVER_USER,
            password=self.password,
            dbname="postgres",
            autocommit=True,
        )


@contextmanager
def throw_away_cluster(settings: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Start a cluster, with `settings` over ours, and stop and remove it on leaving.

    Enter it in a thread that lives as long as the block. Raises NoPostgres with the fix.
    """
    programs = find_programs()
    remove_abandoned(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, SERVER_USER, SERVER_USER)
        password = secrets.token_urlsafe(16)
        _initialise(programs, folder, password)
        process, cluster = _start(programs, folder, password, {**SETTINGS, **(settings or {})})
        try:
            yield cluster
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder)


def find_programs() -> Path:
    """Return the folder of the newest server's programs."""
    found = sorted(DEBIAN.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).resolve().parent
    raise NoPostgres(f"There is no PostgreSQL server under {DEBIAN} or on PATH. Fix: run `make setup`.")


def remove_abandoned(temporary: Path) -> None:
    """Remove the folders of owners who were killed: old ones without a running server."""
    for folder in temporary.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another process removes it too, or it is not ours
            old = time.time() - folder.stat().st_mtime > ABANDONED_SECONDS
            if old and not _is_served(folder):
                shutil.rmtree(folder)


def _is_served(folder: Path) -> bool:
    try:
        process_id = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(process_id, 0)
    except (OSError, ValueError, IndexError):
        return False
    return True


def _as_server_user(*, dies_with_us: bool = False) -> list[str]:
    """Return the prefix under which a server program runs: PostgreSQL refuses to run as root."""
    command = ["setpriv"]
    if dies_with_us:
        command += ["--pdeathsig", "INT"]
    if os.geteuid() == 0:
        command += [f"--reuid={SERVER_USER}", f"--regid={SERVER_USER}", "--init-groups"]
    return command if len(command) > 1 else []


def _initialise(programs: Path, folder: Path, password: str) -> None:
    secret = folder / "password"
    secret.write_text(password)
    if os.geteuid() == 0:
        shutil.chown(secret, SERVER_USER, SERVER_USER)
    done = subprocess.run(
        [
            *_as_server_user(),
            programs / "initdb",
            *("--pgdata", folder / "data", "--username", SERVER_USER, "--pwfile", secret),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    secret.unlink()
    if done.returncode:
        raise NoPostgres(f"initdb failed: {done.stderr.strip()}")


def _start(
    programs: Path, folder: Path, password: str, settings: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], Cluster]:
    """Start the server on a free port; another program may snatch it, so try again with the next."""
    for _attempt in range(5):
        port = _free_port()
        process = _launch(programs, folder, {**settings, "port": str(port)})
        cluster = Cluster(port, password, process.pid)
        if _answers(cluster, process):
            return process, cluster
        _stop(process)
    words = (folder / "log").read_text(errors="replace").strip()
    raise NoPostgres(f"The PostgreSQL server did not start: {words[-2000:]}")


def _launch(programs: Path, folder: Path, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [*_as_server_user(dies_with_us=True), programs / "postgres", "-D", folder / "data", *options],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(cluster: Cluster, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            cluster.connect().close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return True
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to end at once and cleanly (SIGINT); kill one that does not."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
