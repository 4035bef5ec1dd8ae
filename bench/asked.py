"""What a connector asked its ERP for, by entity: requests of an HTTP simulator's log, statements by table over ODBC."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

import requests

from duehook.core.wire.sql import OdbcClient

FORGOTTEN: Final = "no longer in the log"
Asked = Callable[[], Counter[str]]


def to_sunday(controls: str) -> None:
    """Let the simulated ERP come to a Sunday evening: on a weekend nothing happens in its book."""
    day = date.fromisoformat(_control(controls, "day")["day"])
    sunday = day + timedelta(days=6 - day.weekday())
    asked = {"to": sunday.isoformat()}
    requests.post(f"{controls}/_control/advance", json=asked, timeout=600).raise_for_status()


def counter(settings: Mapping[str, Any], controls: str) -> Asked:
    """Return a function that says what was asked since it was called last, by entity."""
    return _by_statement() if "odbc" in settings else _by_request(controls)


def _by_request(controls: str) -> Asked:
    seen = 0

    def since() -> Counter[str]:
        nonlocal seen
        before, seen = seen, _control(controls, "count")["requests"]
        entries = _control(controls, "log")[-(seen - before) :] if seen > before else []
        forgotten = seen - before - len(entries)  # the log keeps the newest only
        return Counter(entry["about"] for entry in entries) + Counter({FORGOTTEN: forgotten})

    return since


def _control(controls: str, name: str) -> Any:
    return requests.get(f"{controls}/_control/{name}", timeout=60).json()


def _by_statement() -> Asked:
    asked: Counter[str] = Counter()
    run = OdbcClient._run

    def counted(client: OdbcClient, statement: Any, about: str) -> Any:
        asked[about] += 1
        return run(client, statement, about)

    OdbcClient._run = counted  # type: ignore[method-assign, assignment]

    def since() -> Counter[str]:
        found = Counter(asked)
        asked.clear()
        return found

    return since
