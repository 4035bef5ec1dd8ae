"""What the connector makes of an SAP that is busy, slow, locked or broken: mock-sap's faults, one by one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorRefused
from duehook.core.hookspecs import Command
from duehook.core.wire import ReplyLost, Stale
from duehook.plugins.sap.target import SapTarget

from .mock_sap import PARTNER, PARTNERS, MockSap, running

ROW = f"{PARTNERS}A_BusinessPartner(BusinessPartner='1000001')"
WORDS = {
    "lock": "423: Document is locked by user MOCKUSER (/IWBEP/CX_MGW_BUSI_EXCEPTION)",
    "auth": "401: Authentication failed (/IWBEP/CX_MGW_NOT_AUTH_EXCEPTION)",
    "csrf": "403: CSRF token validation failed (/IWFND/CM_CSRF)",
    "precondition": "412: The entity was changed by another user after it was read (/IWBEP/CX_MGW_BUSI_EXCEPTION)",
}


@pytest.fixture(scope="module")
def served() -> Iterator[MockSap]:
    with running("--auth", "u:p", "--slow-ms", "400") as mock:
        yield mock


@pytest.fixture
def mock(served: MockSap) -> MockSap:
    assert served.control("POST", "reset").json()["reset"] is True
    return served


class TestReading:
    def test_a_busy_sap_is_asked_again_after_as_long_as_it_says(self, mock: MockSap) -> None:
        connected = mock.connect()
        mock.fault("busy", count=2)
        assert connected.term() == "BECKER"
        assert connected.paused == [30.0, 30.0]

    def test_an_sap_that_stays_busy_is_down_until_the_next_run(self, mock: MockSap) -> None:
        connected, mark = mock.connect(), mock.mark()
        mock.fault("busy", count=0)
        with pytest.raises(ConnectorDown, match="503.*No dialog work process available"):
            connected.term()
        assert [status for *_, status in mock.since(mark)] == [503, 503, 503, 503]

    def test_a_fault_in_sap_itself_is_not_asked_for_again(self, mock: MockSap) -> None:
        connected, mark = mock.connect(), mock.mark()
        mock.fault("error", count=0)
        with pytest.raises(ConnectorDown):
            connected.term()
        assert [status for *_, status in mock.since(mark)] == [500]

    def test_an_answer_that_comes_late_is_an_answer(self, mock: MockSap) -> None:
        connected = mock.connect(read_seconds=5)
        mock.fault("slow")
        assert connected.term() == "BECKER"
        assert connected.paused == []

    def test_an_answer_that_does_not_come_is_asked_for_again(self, mock: MockSap) -> None:
        connected = mock.connect(read_seconds=0.2)
        mock.fault("timeout")
        assert connected.term() == "BECKER"
        assert len(connected.paused) == 1

    @pytest.mark.parametrize("scenario", ["lock", "auth", "csrf", "precondition"])
    def test_a_refusal_is_told_in_saps_words_once_and_without_its_wrapping(self, scenario: str, mock: MockSap) -> None:
        mock.fault(scenario)
        with pytest.raises(ConnectorRefused) as refused:
            mock.connect().partners.rows(PARTNER)
        assert refused.value.message == f"{mock.base}{PARTNERS}A_BusinessPartner answered {WORDS[scenario]}"

    def test_a_missing_right_names_what_is_forbidden_and_who_grants_it(self, mock: MockSap) -> None:
        mock.fault("forbidden")
        with pytest.raises(ConnectorRefused, match="No authorization to access Service") as refused:
            mock.connect().partners.rows(PARTNER)
        assert refused.value.fix == "let the ERP's admin grant the user the right to this call."


class TestWriting:
    @pytest.mark.parametrize("scenario", ["busy", "error"])
    def test_nobody_knows_whether_a_change_that_broke_took_effect_so_it_is_sent_once(
        self, scenario: str, mock: MockSap
    ) -> None:
        connected = mock.connect()
        connected.partners.fetch_token()
        mock.fault(scenario, method="PATCH", count=0)
        mark = mock.mark()
        with pytest.raises(ReplyLost, match="may have taken effect"):
            connected.change("ACME")
        assert [method for method, *_ in mock.since(mark)] == ["PATCH"]
        assert connected.paused == []

    def test_a_change_without_an_answer_is_sent_once_and_may_have_happened(self, mock: MockSap) -> None:
        connected = mock.connect(read_seconds=0.3)
        mock.fault("slow", method="PATCH")
        with pytest.raises(ReplyLost, match="may have taken effect"):
            connected.change("LATE")
        assert mock.connect(read_seconds=5).term() in {"BECKER", "LATE"}

    def test_a_row_that_somebody_has_open_is_not_written_and_tried_again_later(self, mock: MockSap) -> None:
        connected = mock.connect()
        mock.fault("lock", method="PATCH")
        with pytest.raises(ConnectorDown) as down:
            connected.change("ACME")
        assert not isinstance(down.value, ReplyLost)
        assert down.value.message.endswith(f"{WORDS['lock']}. Nothing was written.")
        assert connected.term() == "BECKER"
        connected.change("ACME")
        assert connected.term() == "ACME"

    def test_a_change_that_came_second_is_stale(self, mock: MockSap) -> None:
        mock.fault("precondition", method="PATCH")
        with pytest.raises(Stale) as stale:
            mock.connect().change("ACME")
        assert stale.value.message.endswith(WORDS["precondition"])

    def test_a_row_that_is_gone_is_refused(self, mock: MockSap) -> None:
        mock.fault("notfound", method="PATCH")
        with pytest.raises(ConnectorRefused, match="404: Resource not found"):
            mock.connect().change("ACME")


class TestTarget:
    """The mock has no dunning data, but its faults come before that is seen."""

    BLOCK = Command("set_dunning_block", "k1", "1710", "1000001", body={"value": "A", "expect": None})

    @pytest.fixture
    def target(self, mock: MockSap) -> Iterator[SapTarget]:
        target = SapTarget(mock.settings(read_seconds=5), "erp")
        yield target
        target.close()

    def test_an_sap_that_is_down_while_it_is_looked_at_has_written_nothing(
        self, mock: MockSap, target: SapTarget
    ) -> None:
        mock.fault("error", match="A_CustomerDunning", count=0)
        with pytest.raises(ConnectorDown):
            target.apply(self.BLOCK)
        assert target.verify(self.BLOCK).outcome == "unknown"

    def test_what_the_user_may_not_see_is_refused_in_saps_words(self, mock: MockSap, target: SapTarget) -> None:
        mock.fault("forbidden", match="A_CustomerDunning")
        applied = target.apply(self.BLOCK)
        assert applied.outcome == "refused"
        assert "403: No authorization to access Service" in applied.message

    def test_where_dunning_data_is_not_served_nothing_is_written(self, mock: MockSap, target: SapTarget) -> None:
        mark = mock.mark()
        applied = target.apply(self.BLOCK)
        assert applied.outcome == "refused"
        assert "404: Resource not found for the segment 'A_CustomerDunning'" in applied.message
        assert {method for method, *_ in mock.since(mark)} == {"GET"}


def test_every_fault_that_the_mock_knows_ends_as_one_of_ours(mock: MockSap) -> None:
    known = mock.control("GET", "faults").json()["scenarios"]
    assert set(known) == {
        "slow", "timeout", "error", "busy", "auth", "forbidden", "lock", "precondition", "expired-token", "notfound",
        "csrf",
    }  # fmt: skip
    for scenario in known.keys() - {"slow", "timeout"}:
        mock.fault(scenario, count=0)
        with pytest.raises(ConnectorError):
            mock.connect().partners.rows(PARTNER)
        mock.control("DELETE", "faults")
