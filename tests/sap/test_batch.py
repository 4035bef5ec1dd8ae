"""Many look-ups in one $batch: the same rows as one by one, whatever goes wrong with it or with a part of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from duehook.core.errors import ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import Lookup
from duehook.core.testing.contract.loading import load_plugins
from duehook.core.testing.contract.scenes.acts import issue
from duehook.core.testing.contract.under_test import Connector
from duehook.core.testing.simulator import json_reply
from duehook.core.wire.odata.batch import Batch
from duehook.core.wire.reply import Reply
from duehook.core.wire.retry import resting_by
from duehook.plugins.sap.simulator.codes import SITE_SETTINGS

from .simulated import Site, served
from .stubbed import Stub

PLUGINS = load_plugins(())
Names = Sequence[tuple[str, str]]
INVOICES = 150  # three questions of sixty documents, and three of what refers to them


@pytest.fixture(params=["v2", "v4"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with served(tmp_path, items=0, odata=request.param) as made:
        with made.simulator.act() as book:
            for number in range(INVOICES):
                issue(book, f"{100 + number}.00")
        yield made


def connector(site: Site, **other: Any) -> Connector:
    return Connector(PLUGINS, "sap", {**site.settings, **SITE_SETTINGS, **other}, "/")


def invoices(site: Site) -> Names:
    found = [(row["company"], row["key"]) for row in site.simulator.given("item") if row["kind"] == "invoice"]
    assert len(found) >= INVOICES
    return found


def looked_up(site: Site, names: Names, **other: Any) -> tuple[Lookup, Counter[str]]:
    """Look items up; return them, and how often each kind of request came."""
    site.simulator.log.clear()
    held = connector(site, **other)
    waited: list[float] = []
    with resting_by(waited.append):
        found = held.source("item").lookup("item", names)
    held.close()
    lines = Counter(f"{entry.method} {entry.path.rpartition('/')[2]}" for entry in site.simulator.log)
    return found, lines


BATCH, LINES = "POST $batch", "GET A_OperationalAcctgDocItemCube"


def test_many_items_are_looked_up_in_few_requests(site: Site) -> None:
    names = invoices(site)
    found, asked = looked_up(site, names)
    assert [(row["company"], row["key"]) for row in found.found] == sorted(names)
    assert (asked[BATCH], asked[LINES]) == (2, 0)
    one_by_one, asked = looked_up(site, names, questions_at_once=1)
    assert one_by_one.found == found.found
    assert (asked[BATCH], asked[LINES]) == (0, 6)


def test_one_question_goes_without_a_batch(site: Site) -> None:
    names = invoices(site)[:5]
    found, asked = looked_up(site, names)
    assert (len(found.found), asked[BATCH], asked[LINES]) == (5, 0, 2)


@pytest.mark.parametrize("status", [403, 404, 405, 501])
def test_where_no_batch_is_taken_each_goes_by_itself_and_it_is_not_asked_again(status: int, site: Site) -> None:
    names = invoices(site)
    site.simulator.faults.set("status", r"\$batch$", status=status, count=99)
    found, asked = looked_up(site, names)
    assert len(found.found) == len(names)
    assert asked[LINES] == 6
    assert asked[BATCH] == (2 if status == 403 else 1)  # a 403 may mean that the CSRF token was too old


@pytest.mark.parametrize("kind", ["html", "garbage", "charset"])
def test_a_senseless_answer_to_a_batch_loses_nothing(kind: Any, site: Site) -> None:
    names = invoices(site)
    site.simulator.faults.set(kind, r"\$batch$")
    found, asked = looked_up(site, names)
    assert len(found.found) == len(names)
    assert (asked[BATCH], asked[LINES]) == (2, 3)


@pytest.mark.parametrize("kind", ["reset", "lost_reply", "half_page"])
def test_a_batch_that_breaks_off_is_sent_again_as_it_only_reads(kind: Any, site: Site) -> None:
    names = invoices(site)
    site.simulator.faults.set(kind, r"\$batch$")
    found, asked = looked_up(site, names)
    assert len(found.found) == len(names)
    assert (asked[BATCH], asked[LINES]) == (3, 0)


def test_an_old_token_is_renewed_and_the_batch_sent_again(site: Site) -> None:
    names = invoices(site)
    held = connector(site)
    held.source("item").lookup("item", names)
    site.simulator.sign_in.expire_sessions()
    site.simulator.log.clear()
    found = held.source("item").lookup("item", names)
    held.close()
    assert len(found.found) == len(names)
    assert [entry.method for entry in site.simulator.log if entry.path.endswith("$batch")] == ["POST"] * 3


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 429, "retry_after": 2}, {"kind": "status", "status": 503},
        {"kind": "status", "status": 500}, {"kind": "html"}, {"kind": "garbage"},
    ],
    ids=str,
)  # fmt: skip
def test_a_part_that_fails_is_asked_by_itself_and_the_others_are_kept(fault: dict[str, Any], site: Site) -> None:
    names = invoices(site)
    site.simulator.faults.set(**fault, path=r"\$batch/A_Oper", after=1)
    found, asked = looked_up(site, names)
    assert len(found.found) == len(names)
    assert (asked[BATCH], asked[LINES]) == (2, 1)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_a_part_is_refused_for_is_told_in_the_words_of_the_question_alone(status: int, site: Site) -> None:
    names = invoices(site)
    site.simulator.faults.set("status", "A_OperationalAcctgDocItemCube", method="GET", status=status, count=99)
    with pytest.raises(ConnectorRefused) as raised:
        looked_up(site, names)
    assert f"A_OperationalAcctgDocItemCube answered {status}" in raised.value.message
    assert raised.value.fix
    alone = [entry for entry in site.simulator.log if entry.path.endswith("ItemCube")]
    assert len(alone) == 1  # a user whose password is wrong is locked after five


def test_a_batch_that_is_refused_for_the_sign_in_is_not_asked_again_part_by_part(site: Site) -> None:
    names = invoices(site)
    site.simulator.faults.set("status", r"\$batch$", status=401, count=99)
    with pytest.raises(ConnectorRefused) as raised:
        looked_up(site, names)
    assert "401" in raised.value.message
    assert [entry for entry in site.simulator.log if entry.path.endswith("ItemCube")] == []


def test_a_server_that_is_down_for_long_is_told_as_down(site: Site) -> None:
    names = invoices(site)
    site.simulator.faults.set("status", r"\$batch$", status=503, count=99)
    with pytest.raises(ConnectorError) as raised:
        looked_up(site, names)
    assert "503" in raised.value.message
    assert raised.value.fix


def test_where_no_token_is_given_it_is_read_without_a_batch() -> None:
    """Some proxies keep the header back."""
    stub = Stub(*({"AccountingDocument": str(number)} for number in range(100, 250)))
    stub.special = lambda request: json_reply({"d": {"results": []}}) if request.path.endswith("_SRV/") else None
    held = stub.connector()
    names = [("1010", f"1010|2026|{number}|001") for number in range(100, 250)]
    found = held.source("item").lookup("item", names)
    held.close()
    stub.server.stop()
    assert [row["key"] for row in found.found] == [key for _, key in names]
    assert [request.method for request in stub.asked if request.method != "GET"] == []


@pytest.mark.parametrize(("fault", "ok"), [(None, True), ("status", False), ("html", False)])
def test_check_says_whether_a_batch_is_taken(fault: Any, ok: bool, site: Site) -> None:
    if fault:
        site.simulator.faults.set(fault, r"\$batch$", status=405)
    held = connector(site)
    (found,) = [each for each in held.source("item").check() if each.subject.startswith("$batch")]
    held.close()
    assert (found.ok, "questions_at_once" in (found.advice or "")) == (ok, not ok)


class TestBytes:
    """What goes over the wire, and what of it comes back."""

    BATCH = Batch(["Set?$top=1", "Other?$filter=Name%20eq%20'M%C3%BCller'"], {"Accept": "application/json"}, "b1")
    HEAD = {"Content-Type": 'multipart/mixed; boundary="b2"'}  # noqa: RUF012

    def test_parts_are_get_requests_with_crlf_and_a_blank_line_behind_each(self) -> None:
        assert self.BATCH.body.split(b"\r\n") == [
            b"--b1", b"Content-Type: application/http", b"Content-Transfer-Encoding: binary", b"",
            b"GET Set?$top=1 HTTP/1.1", b"Accept: application/json", b"", b"",
            b"--b1", b"Content-Type: application/http", b"Content-Transfer-Encoding: binary", b"",
            b"GET Other?$filter=Name%20eq%20'M%C3%BCller' HTTP/1.1", b"Accept: application/json", b"", b"",
            b"--b1--", b"",
        ]  # fmt: skip

    def answers(self, body: bytes) -> list[tuple[int, bytes] | None]:
        found = self.BATCH.answers(Reply(202, self.HEAD, body, "https://sap/x/$batch"))
        return [None if each is None else (each.status, each.body) for each in found]

    PART = b"--b2\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}\r\n"

    def test_each_part_has_its_own_status_and_body(self) -> None:
        lost = b"--b2\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n--no--\r\n--b2--\r\n"
        assert self.answers(self.PART + lost) == [(200, b"{}"), (404, b"--no--")]

    def test_a_service_that_stops_behind_a_fault_leaves_the_others_to_be_asked(self) -> None:
        assert self.answers(self.PART + b"--b2--\r\n") == [(200, b"{}"), None]

    @pytest.mark.parametrize(
        "body",
        [b"", b"{}", PART, PART * 3 + b"--b2--\r\n", b"--b2\r\nContent-Type: text/plain\r\n\r\nno\r\n--b2--"],
        ids=["empty", "JSON", "broken off", "too many", "no answer"],
    )
    def test_what_is_no_answer_to_it_is_garbled(self, body: bytes) -> None:
        with pytest.raises(ConnectorGarbled, match="batch|parts"):
            self.answers(body)
