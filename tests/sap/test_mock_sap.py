"""The connector's wire at mock-sap: tokens against forgery, versions of rows, and who is let in."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests

from duehook.core.errors import ConnectorRefused
from duehook.core.wire import Stale
from duehook.core.wire.odata.errors import Forbidden

from .mock_sap import FIRST, PARTNER, PARTNERS, TOKENS, MockSap, running

ROW = f"{PARTNERS}A_BusinessPartner(BusinessPartner='1000001')"


@pytest.fixture(scope="module")
def basic() -> Iterator[MockSap]:
    with running("--auth", "u:p", "--require-if-match") as mock:
        yield mock


@pytest.fixture
def mock(basic: MockSap) -> MockSap:
    assert basic.control("POST", "reset").json()["reset"] is True
    return basic


@pytest.fixture(scope="module")
def issuer() -> Iterator[MockSap]:
    with running("--oauth", "CLI:sec") as mock:
        yield mock


class TestCsrf:
    def test_a_change_fetches_a_token_from_the_services_root_slash_and_all(self, mock: MockSap) -> None:
        connected, mark = mock.connect(), mock.mark()
        connected.change("ACME")
        assert mock.since(mark) == [("GET", PARTNERS, 200), ("PATCH", ROW, 204)]
        assert connected.term() == "ACME"

    def test_a_token_serves_for_the_changes_that_follow(self, mock: MockSap) -> None:
        connected = mock.connect()
        connected.change("ONE")
        mark = mock.mark()
        connected.change("TWO")
        assert mock.since(mark) == [("PATCH", ROW, 204)]

    def test_a_token_that_sap_has_forgotten_is_fetched_anew_and_the_change_sent_again(self, mock: MockSap) -> None:
        connected = mock.connect()
        connected.change("ONE")
        mock.control("POST", "reset")
        mark = mock.mark()
        connected.change("TWO")
        assert mock.since(mark) == [("PATCH", ROW, 403), ("GET", PARTNERS, 200), ("PATCH", ROW, 204)]
        assert connected.term() == "TWO"

    def test_a_token_of_another_systems_session_is_not_held_on_to(self, mock: MockSap) -> None:
        connected = mock.connect()
        with running("--auth", "u:p") as other:
            elsewhere = other.connect()
            elsewhere.partners.fetch_token()
            connected.partners.token = elsewhere.partners.token
        connected.change("MINE")
        assert connected.term() == "MINE"
        assert connected.partners.token != elsewhere.partners.token

    def test_a_token_that_is_refused_again_ends_it(self, mock: MockSap) -> None:
        connected, mark = mock.connect(), mock.mark()
        before = connected.term()
        mock.fault("csrf", method="PATCH", count=0)
        with pytest.raises(Forbidden, match="CSRF token validation failed"):
            connected.change("NEVER")
        assert [status for method, _, status in mock.since(mark) if method == "PATCH"] == [403, 403]
        assert connected.term() == before

    def test_a_missing_right_is_told_after_one_try_with_a_new_token(self, mock: MockSap) -> None:
        connected = mock.connect()
        connected.change("ONE")
        mock.fault("forbidden", method="PATCH", count=0)
        mark = mock.mark()
        with pytest.raises(ConnectorRefused, match="No authorization to access Service"):
            connected.change("TWO")
        assert [status for method, _, status in mock.since(mark) if method == "PATCH"] == [403, 403]
        assert connected.term() == "ONE"


class TestVersions:
    def test_a_change_of_what_was_just_read_is_taken_and_makes_a_new_version(self, mock: MockSap) -> None:
        connected = mock.connect()
        read = connected.partners.row(PARTNER, FIRST)
        assert read is not None
        assert read.etag == "W/\"datetime'2021-12-02T00%3A00%3A00'\""
        connected.change("ACME", etag=read.etag)
        again = connected.partners.row(PARTNER, FIRST)
        assert again is not None
        assert (again.row["SearchTerm1"], again.etag == read.etag) == ("ACME", False)

    def test_who_read_it_before_another_changed_it_is_refused(self, mock: MockSap) -> None:
        mine, theirs = mock.connect(), mock.connect()
        read = mine.partners.row(PARTNER, FIRST)
        assert read is not None
        theirs.change("THEIRS", etag=read.etag)
        with pytest.raises(Stale, match="412: The entity was changed by another user after it was read"):
            mine.change("MINE", etag=read.etag)
        assert mine.term() == "THEIRS"

    def test_a_change_without_a_version_is_refused_where_one_is_asked_for(self, mock: MockSap) -> None:
        connected = mock.connect()
        with pytest.raises(Stale, match="428: This request must carry an If-Match header"):
            connected.change("ACME", etag=None)
        assert connected.term() == "BECKER"


class TestBasic:
    def test_a_wrong_password_is_tried_once_for_five_times_lock_the_user(self, mock: MockSap) -> None:
        connected, mark = mock.connect(password="wrong"), mock.mark()
        with pytest.raises(ConnectorRefused, match="401: Authentication failed") as refused:
            connected.partners.rows(PARTNER)
        assert refused.value.fix == "correct the user and password of the connection."
        assert mock.since(mark) == [("GET", f"{PARTNERS}A_BusinessPartner", 401)]

    def test_a_change_that_is_not_let_in_is_tried_once(self, mock: MockSap) -> None:
        connected = mock.connect()
        connected.change("ONE")
        mock.fault("auth", method="PATCH")
        mark = mock.mark()
        with pytest.raises(ConnectorRefused, match="401: Authentication failed"):
            connected.change("TWO")
        assert mock.since(mark) == [("PATCH", ROW, 401)]
        assert connected.term() == "ONE"

    def test_a_client_that_is_not_there_is_told_by_its_number(self, mock: MockSap) -> None:
        with pytest.raises(ConnectorRefused, match="Client 200 is not available in this system"):
            mock.connect(client="200").partners.rows(PARTNER)


class TestOAuth:
    @staticmethod
    def credentials(mock: MockSap, secret: str = "sec") -> dict[str, str]:
        return {"token_url": f"{mock.base}{TOKENS}", "client_id": "CLI", "client_secret": secret}

    def test_one_token_lets_many_requests_in(self, issuer: MockSap) -> None:
        connected, mark = issuer.connect(**self.credentials(issuer)), issuer.mark()
        assert [connected.term(), connected.term()] == ["BECKER", "BECKER"]
        assert issuer.since(mark) == [("POST", TOKENS, 200), ("GET", ROW, 200), ("GET", ROW, 200)]

    def test_a_token_that_was_taken_back_is_asked_for_anew(self, issuer: MockSap) -> None:
        connected = issuer.connect(**self.credentials(issuer))
        connected.term()
        assert issuer.control("DELETE", "tokens").json()["revoked"] >= 1
        mark = issuer.mark()
        assert connected.term() == "BECKER"
        assert issuer.since(mark) == [("GET", ROW, 401), ("POST", TOKENS, 200), ("GET", ROW, 200)]

    def test_a_change_is_sent_again_with_a_new_token_and_the_csrf_token_it_had(self, issuer: MockSap) -> None:
        connected = issuer.connect(**self.credentials(issuer))
        connected.change("ONE")
        issuer.fault("expired-token", method="PATCH")
        mark = issuer.mark()
        connected.change("BECKER")
        assert issuer.since(mark) == [("PATCH", ROW, 401), ("POST", TOKENS, 200), ("PATCH", ROW, 204)]

    def test_a_token_that_is_refused_twice_is_not_asked_for_a_third_time(self, issuer: MockSap) -> None:
        connected, mark = issuer.connect(**self.credentials(issuer)), issuer.mark()
        issuer.fault("expired-token", count=2)
        with pytest.raises(ConnectorRefused, match="401: The access token expired"):
            connected.term()
        assert [path for _, path, _ in issuer.since(mark)] == [TOKENS, ROW, TOKENS, ROW]

    def test_a_token_that_lasts_a_second_is_not_sent_again_after_half_of_it(self) -> None:
        with running("--oauth", "CLI:sec", "--token-ttl", "1") as mock:
            connected, mark = mock.connect(**self.credentials(mock)), mock.mark()
            connected.term()
            time.sleep(0.6)
            connected.term()
            assert [path for _, path, _ in mock.since(mark)] == [TOKENS, ROW, TOKENS, ROW]

    def test_a_wrong_secret_is_told_as_the_clients(self, issuer: MockSap) -> None:
        connected, mark = issuer.connect(**self.credentials(issuer, "wrong")), issuer.mark()
        with pytest.raises(ConnectorRefused, match="401") as refused:
            connected.term()
        assert refused.value.fix == "correct client_id and client_secret of the connection."
        assert issuer.since(mark) == [("POST", TOKENS, 401)]

    def test_the_mock_lets_no_password_in_so_the_token_did(self, issuer: MockSap) -> None:
        refused = requests.get(f"{issuer.base}{PARTNERS}", auth=("CLI", "sec"), timeout=10)
        assert refused.status_code == 401
