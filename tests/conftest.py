"""What every test may ask for: databases of both kinds, and the books on them."""

from __future__ import annotations

import atexit
import gc
import itertools
import logging
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import settings

from duehook.core.testing.postgres import Cluster, throw_away_cluster

if TYPE_CHECKING:
    from duehook.core.books import Books

# No deadline: the tests share their cores. On CI the same examples every time.
settings.register_profile("duehook", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("duehook")

# Where the machine has room in memory, databases and temporary folders live there: a database copied
# on a disk waits for the disk. Not where files may not be executed, for tests write programs too.
_MEMORY = Path("/dev/shm")
_MEMORY_WANTED = 4 << 30
if (
    "TMPDIR" not in os.environ
    and os.access(_MEMORY, os.W_OK)
    and not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC
    and shutil.disk_usage(_MEMORY).free >= _MEMORY_WANTED
):
    os.environ["TMPDIR"] = str(_MEMORY)
    tempfile.tempdir = None

# Tests start Python some five hundred times. Where it may leave no bytecode beside the sources, it would compile
# everything anew each time: the processes of one run share a folder for it.
if sys.dont_write_bytecode and "PYTHONPYCACHEPREFIX" not in os.environ:
    _bytecode = tempfile.TemporaryDirectory(prefix="duehook-bytecode-")
    atexit.register(_bytecode.cleanup)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = _bytecode.name
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False

_TEMPLATE = "migrated_books"
_numbers = itertools.count(1)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lives until the end: to walk it again and again took a sixth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def shared_sql() -> Iterator[None]:
    """Compile each statement once for all the books that a test process opens."""
    from tests.rigs.shared_sql import sharing

    with sharing():
        yield


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Give a throw-away PostgreSQL cluster, one a test process; its absence is an error."""
    with throw_away_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def migrated_template(cluster: Cluster) -> str:
    """Give the name of a migrated PostgreSQL database that nobody is connected to."""
    _migrate(cluster.create(_TEMPLATE))
    return _TEMPLATE


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("migrated") / "books.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def pg_url(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[str]:
    """Give the URL of a fresh PostgreSQL database: empty, or migrated for a test that uses `books`."""
    name = f"test_{next(_numbers)}"
    if "books" in request.fixturenames:
        yield cluster.create(name, template=request.getfixturevalue("migrated_template"))
    else:
        yield cluster.create(name)
    cluster.drop(name)


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a fresh SQLite file: empty, or migrated for a test that uses `books`."""
    file = tmp_path / "books.db"
    if "books" in request.fixturenames:
        shutil.copy(request.getfixturevalue("migrated_file"), file)
    return f"sqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a fresh database, once of each kind; `books` opens the same one."""
    url: str = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "pg_url"}[request.param])
    return url


@pytest.fixture
def books(database_url: str) -> Iterator[Books]:
    """Give open books at the newest migration, once on each database."""
    from duehook.core.books import Books

    opened = Books.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def own_logging() -> Iterator[None]:
    """Give the process its own logging back."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def _migrate(url: str) -> None:
    from duehook.core.books import Books

    fresh = Books.open(url)
    fresh.migrate()
    fresh.close()
