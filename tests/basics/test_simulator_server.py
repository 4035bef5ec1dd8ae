"""The server that simulators answer through: its control requests, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from duehook.core.testing.simulator import Request, SimulatorServer, json_reply


@pytest.fixture
def server() -> Iterator[SimulatorServer]:
    made = SimulatorServer(lambda request: json_reply({"read": request.json}))
    yield made
    made.stop()


def control(base: str, body: object) -> int:
    return requests.post(f"{base}/_control/faults", json=body, timeout=10).status_code


def asked(base: str) -> int:
    return requests.get(f"{base}/orders", timeout=10).status_code


def test_a_body_that_is_no_json_is_read_as_none(server: SimulatorServer) -> None:
    base = server.start()
    assert requests.post(f"{base}/orders", data=b"{broken", timeout=10).json() == {"read": None}
    assert Request("GET", "/", "", {}, b"").json is None


def test_faults_are_set_and_cleared_from_another_process(server: SimulatorServer) -> None:
    base = server.start()
    assert control(base, {"kind": "status", "path": "orders", "status": 503, "count": 2}) == 200
    assert asked(base) == 503
    assert control(base, {"clear": True}) == 200
    assert asked(base) == 200
    assert control(base, {"clear": True, "kind": "status", "path": "orders", "status": 500}) == 200
    assert (asked(base), asked(base)) == (500, 200)


def test_it_ends_twice_and_without_having_begun(server: SimulatorServer) -> None:
    server.stop()
    base = server.start()
    with requests.Session() as kept:
        assert kept.get(f"{base}/orders", timeout=10).status_code == 200
        server.stop()
        with pytest.raises(requests.ConnectionError):
            kept.get(f"{base}/orders", timeout=10)
    server.stop()
