"""The server that simulators answer through: its control requests, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from duehook.core.testing.faults import Calls
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


def test_where_everything_has_one_address_a_fault_is_found_by_what_a_request_does(server: SimulatorServer) -> None:
    server.place = lambda request: f"{request.path}/{request.json['act']}"
    url = f"{server.start()}/one"

    def act(name: str) -> requests.Response:
        return requests.post(url, json={"act": name}, timeout=10)

    server.faults.set("status", "/write$", status=503)
    assert [act(name).status_code for name in ("read", "write", "write")] == [200, 503, 200]
    server.faults.set("repeat", "/read$")
    assert act("read").json() == {"read": {"act": "read"}}
    done: list[str] = []
    server.meanwhile = (lambda: done.append("meanwhile"), Calls("/write$", "POST"))
    act("read")
    assert done == []
    act("write")
    assert done == ["meanwhile"]


def test_the_log_keeps_no_secret_of_an_envelope(server: SimulatorServer) -> None:
    envelope = '<a:token>{0}</a:token><consumerKey>{0}</consumerKey><s b="1">s</s><c:signature b="1">{0}</c:signature>'
    requests.post(f"{server.start()}/one", data=envelope.format("secret"), timeout=10)
    assert server.log[-1].body == envelope.format("***")
