"""A started JD Edwards simulator with what tests ask of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyodbc  # type: ignore[import-not-found, unused-ignore]
import pytest
import requests

from duehook.plugins.jde.simulator import JdeSimulator

START = date(2026, 3, 2)


@dataclass
class Site:
    """A started simulator with what tests ask of it."""

    simulator: JdeSimulator
    settings: Mapping[str, str]

    def select(self, statement: str, *values: Any) -> list[Any]:
        """Read through the ODBC driver, as a connector does."""
        with closing(pyodbc.connect(self.settings["odbc"], autocommit=True)) as connection:
            schema = self.settings["data_schema"]
            return list(connection.execute(statement.replace("{s}", schema), *values).fetchall())

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        return requests.post(self.settings["ais_url"] + path, json=body, headers=headers, timeout=10)

    def signed_in(self, user: str = "CMSVC", device: str = "dev-1") -> dict[str, str]:
        body = {"username": user, "password": "simulator", "deviceName": device}
        token = self.post("/jderest/v2/tokenrequest", body).json()["userInfo"]["token"]
        return {"jde-AIS-Auth": token, "jde-AIS-Auth-Device": device}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a site after two weeks, on each kind of database."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("cluster").create("jde_simulator")
    options = {"folder": str(tmp_path_factory.mktemp("jde")), "customers": 150, "items": 1500, "database_url": url}
    simulator = JdeSimulator(options)
    started = Site(simulator, simulator.start())
    simulator.advance_to(START + timedelta(days=14))
    yield started
    simulator.stop()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Site]:
    """Give a small site of one's own, on SQLite."""
    simulator = JdeSimulator({"folder": str(tmp_path), "customers": 20, "items": 60})
    yield Site(simulator, simulator.start())
    simulator.stop()
