"""The simulated Gateway: who may ask, clients, CSRF tokens, ETags, writing, and how it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests

from duehook.plugins.sap.simulator import SapSimulator
from duehook.plugins.sap.simulator.codes import partner_number

from .simulated import CREDIT, CUBE, LINES, PARTNERS, START, Site, served


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with served(tmp_path) as made:
        yield made


def home(site: Site, customer: str = "1001") -> str:
    return site.simulator.book.customers[customer].company[-4:]


def dunning(site: Site, customer: str = "1001") -> str:
    return f"A_CustomerDunning(Customer='{customer}',CompanyCode='{home(site, customer)}',DunningArea='')"


def plain(site: Site, **more: Any) -> requests.Response:
    """Read one customer without the session's cookies and sign-in."""
    url = site.url(PARTNERS, "A_Customer('1001')")
    return requests.get(url, params={"sap-client": "100", "$format": "json"}, timeout=10, **more)


class TestSignIn:
    def test_a_wrong_password_is_401_with_the_realm(self, site: Site) -> None:
        refused = plain(site, auth=("DUEHOOK", "wrong"))
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith('Basic realm="SAP')

    def test_five_bad_tries_lock_the_user_until_somebody_unlocks_it(self, site: Site) -> None:
        right = (site.settings["user"], site.settings["password"])
        for _ in range(5):
            plain(site, auth=("DUEHOOK", "wrong"))
        assert plain(site, auth=right).status_code == 401
        site.simulator.sign_in.unlock()
        assert plain(site, auth=right).status_code == 200

    def test_four_bad_tries_do_not(self, site: Site) -> None:
        for _ in range(4):
            plain(site, auth=("DUEHOOK", "wrong"))
        assert plain(site, auth=(site.settings["user"], site.settings["password"])).status_code == 200

    def test_client_credentials_give_a_token_that_ends(self, tmp_path: Path) -> None:
        with served(tmp_path, oauth=True) as site:
            held = site.settings
            assert "password" not in held
            assert plain(site, headers={"Authorization": "Bearer nothing"}).status_code == 401
            body = {"grant_type": "client_credentials"}
            answer = requests.post(
                held["token_url"], data=body, auth=(held["client_id"], held["client_secret"]), timeout=10
            )
            bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            assert plain(site, headers=bearer).status_code == 200
            site.simulator.sign_in.expire_tokens()
            assert plain(site, headers=bearer).status_code == 401
            wrong = requests.post(held["token_url"], data=body, auth=(held["client_id"], "no"), timeout=10)
            assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")

    def test_a_right_that_was_withdrawn_is_403_by_service(self, site: Site) -> None:
        site.simulator.deny(CREDIT)
        refused = site.http.get(site.url(CREDIT, "CreditManagementAccount"))
        assert refused.status_code == 403
        assert CREDIT in refused.json()["error"]["message"]["value"]
        assert site.http.get(site.url(PARTNERS, "A_Customer")).status_code == 200


class TestClients:
    def test_another_client_answers_with_other_data_without_a_word(self, site: Site) -> None:
        names = {each["CustomerName"] for each in site.get(PARTNERS, "A_Customer")}
        site.http.params = {"sap-client": "200"}
        others = {each["CustomerName"] for each in site.get(PARTNERS, "A_Customer")}
        assert len(names) == 20
        assert len(others) == 12

    def test_no_client_is_the_systems_default_which_is_not_ours(self, site: Site) -> None:
        site.http.params = {}
        assert len(site.get(PARTNERS, "A_Customer")) == 12

    def test_the_header_names_it_too(self, site: Site) -> None:
        site.http.params = {}
        found = site.http.get(site.url(PARTNERS, "A_Customer"), headers={"sap-client": "100"})
        assert len(found.json()["d"]["results"]) == 20


class TestLeadingZeros:
    def test_numbers_are_shown_without_and_found_with_any(self, site: Site) -> None:
        for number in ("1001", "0000001001"):
            assert site.get(PARTNERS, f"A_Customer('{number}')")["Customer"] == "1001"
            rows = site.get(PARTNERS, "A_CustomerCompany", filter=f"Customer eq '{number}'")
            assert {row["Customer"] for row in rows} == {"1001"}

    def test_company_codes_keep_theirs(self, site: Site) -> None:
        codes = {row["CompanyCode"] for row in site.get(PARTNERS, "A_CustomerCompany")}
        assert codes <= {"0001", "0010", "0020", "0030"}
        assert site.get(PARTNERS, "A_CustomerCompany", filter="CompanyCode eq '1'") == []


class TestTokens:
    def test_writing_without_a_token_is_403_and_says_required(self, site: Site) -> None:
        refused = site.http.patch(site.url(PARTNERS, dunning(site)), json={"DunningBlock": "A"})
        assert (refused.status_code, refused.headers["x-csrf-token"]) == (403, "Required")

    def test_a_token_of_one_session_is_none_in_another(self, site: Site) -> None:
        token = site.token()
        stranger = requests.Session()
        stranger.auth, stranger.trust_env = site.http.auth, False
        url = site.url(PARTNERS, dunning(site))
        refused = stranger.patch(url, json={"DunningBlock": "A"}, headers=token, params={"sap-client": "100"})
        assert (refused.status_code, refused.headers["x-csrf-token"]) == (403, "Required")

    def test_a_token_ends_with_its_session(self, site: Site) -> None:
        token = site.token()
        site.simulator.sign_in.expire_sessions()
        refused = site.http.patch(site.url(PARTNERS, dunning(site)), json={"DunningBlock": "A"}, headers=token)
        assert refused.headers["x-csrf-token"] == "Required"

    def test_the_root_without_its_slash_gives_no_token(self, site: Site) -> None:
        url = site.url(PARTNERS)
        fetch = {"X-CSRF-Token": "Fetch"}
        assert "x-csrf-token" not in site.http.get(url.rstrip("/"), headers=fetch).headers
        assert "x-csrf-token" in site.http.get(url, headers=fetch).headers


class TestWriting:
    def test_a_dunning_block_is_set_by_patch_with_etag_and_answers_204(self, site: Site) -> None:
        etag = site.get(PARTNERS, dunning(site))["__metadata"]["etag"]
        done = site.write(dunning(site), {"DunningBlock": "A"}, **{"If-Match": etag})
        assert (done.status_code, done.content) == (204, b"")
        assert site.simulator.dunning_block(home(site), "1001") == "A"
        stale = site.write(dunning(site), {"DunningBlock": "B"}, **{"If-Match": etag})
        assert stale.status_code == 412
        assert site.simulator.dunning_block(home(site), "1001") == "A"

    def test_without_if_match_a_guarded_row_is_428(self, site: Site) -> None:
        sent = {"If-Match": None, **site.token()}
        refused = site.http.patch(site.url(PARTNERS, dunning(site)), json={"DunningBlock": "A"}, headers=sent)
        assert refused.status_code == 428

    @pytest.mark.parametrize(("method", "tunnel"), [("MERGE", {}), ("POST", {"X-HTTP-Method": "MERGE"})])
    def test_merge_and_the_tunnel_of_old_gateways_do_the_same(
        self, method: str, tunnel: dict[str, str], site: Site
    ) -> None:
        sent = {"If-Match": "*", **tunnel}
        assert site.write(dunning(site), {"DunningBlock": "B"}, method, **sent).status_code == 204
        assert site.simulator.dunning_block(home(site), "1001") == "B"

    def test_dunning_data_that_are_missing_are_posted(self, site: Site) -> None:
        key = {"Customer": "1005", "CompanyCode": home(site, "1005"), "DunningArea": ""}
        assert site.http.get(site.url(PARTNERS, dunning(site, "1005"))).status_code == 404
        made = site.write("A_CustomerDunning", {**key, "DunningBlock": "A"}, "POST")
        assert (made.status_code, made.json()["d"]["DunningBlock"]) == (201, "A")
        assert site.simulator.dunning_block(key["CompanyCode"], "1005") == "A"
        twice = site.write("A_CustomerDunning", {**key, "DunningBlock": "A"}, "POST")
        assert twice.status_code == 400

    def test_a_text_is_one_long_text_by_its_id(self, site: Site) -> None:
        key = {"Customer": "1001", "Language": "EN", "LongTextID": "0001"}
        assert site.write("A_CustomerText", {**key, "LongText": "first\n#OUT-1"}, "POST").status_code == 201
        path = "A_CustomerText(Customer='1001',Language='EN',LongTextID='0001')"
        assert site.write(path, {"LongText": "first\n#OUT-1\nsecond"}).status_code == 204
        assert site.simulator.notes("1001") == ["first", "#OUT-1", "second"]

    def test_a_credit_account_is_blocked_under_its_business_partner_with_a_warning(self, site: Site) -> None:
        assert partner_number("1002") == "801002"
        path = "CreditManagementAccount(BusinessPartner='801002',CreditSegment='1000')"
        body = {"CreditAccountIsBlocked": True, "CreditAccountBlockReason": "01"}
        sent = {"If-Match": "*", **site.token()}
        done = site.http.patch(site.url(CREDIT, path), json=body, headers=sent)
        assert done.status_code == 204
        assert json.loads(done.headers["sap-message"])["severity"] == "warning"
        assert site.simulator.hold("00001", "1002") == "01"
        assert {row["hold"] for row in site.simulator.given("customer") if row["key"] == "1002"} == {"01"}

    def test_what_a_user_sets_outdoes_what_was_written(self, site: Site) -> None:
        path = "CreditManagementAccount(BusinessPartner='1001',CreditSegment='1000')"
        sent = {"If-Match": "*", **site.token()}
        body = {"CreditAccountIsBlocked": True, "CreditAccountBlockReason": "01"}
        site.http.patch(site.url(CREDIT, path), json=body, headers=sent)
        site.simulator.user_sets_hold("00001", "1001", "09")
        assert site.simulator.hold("00001", "1001") == "09"
        site.simulator.user_sets_hold("00001", "1001", None)
        assert site.simulator.hold("00001", "1001") is None

    def test_a_partner_in_a_dialog_is_refused_with_its_message(self, site: Site) -> None:
        site.simulator.lock("1001")
        refused = site.write(dunning(site), {"DunningBlock": "A"})
        error = refused.json()["error"]
        assert (refused.status_code, error["code"]) == (400, "R1/408")
        assert error["innererror"]["errordetails"][0]["severity"] == "error"
        site.simulator.unlock("1001")
        assert site.write(dunning(site), {"DunningBlock": "A"}).status_code == 204

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({"DunningBlock": "Z"}, "Entry Z does not exist"),
            ({"DunningBlock": "AB"}, "at most 1 characters"),
            ({"NoSuchField": "A"}, "NoSuchField"),
            ({"DunningBlock": 1}, "invalid value"),
        ],
    )
    def test_what_cannot_be_written_is_400_and_said(self, body: dict[str, Any], said: str, site: Site) -> None:
        refused = site.write(dunning(site), body)
        assert refused.status_code == 400
        assert said in refused.json()["error"]["message"]["value"]

    def test_the_cube_cannot_be_written(self, site: Site) -> None:
        key = site.lines(top="1")[0]["__metadata"]["uri"]
        sent = {"If-Match": "*", **site.token()}
        assert site.http.patch(key, json={"DunningLevel": "2"}, headers=sent).status_code == 405

    def test_what_was_written_is_there_after_a_restart(self, tmp_path: Path) -> None:
        with served(tmp_path) as site:
            site.write(dunning(site), {"DunningBlock": "A"})
            site.simulator.keep()
        with served(tmp_path) as site:
            assert site.simulator.dunning_block(home(site), "1001") == "A"


class TestBatches:
    def change(self, path: str, body: str) -> str:
        return (
            "--c\r\nContent-Type: application/http\r\n\r\n"
            f"PATCH {path} HTTP/1.1\r\nIf-Match: *\r\nAccept: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}\r\n"
        )

    def send(self, site: Site, *changes: str) -> requests.Response:
        head = "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
        kind = {"Content-Type": "multipart/mixed; boundary=b", **site.token()}
        body = head + "".join(changes) + "--c--\r\n--b--\r\n"
        return site.http.post(site.url(PARTNERS, "$batch"), data=body.encode(), headers=kind)

    def test_a_change_set_is_done_whole(self, site: Site) -> None:
        answer = self.send(
            site,
            self.change(dunning(site), '{"DunningBlock":"A"}'),
            self.change("A_Customer('1001')", '{"OrderIsBlockedForCustomer":"01"}'),
        )
        assert (answer.status_code, answer.text.count("HTTP/1.1 204")) == (202, 2)
        assert site.simulator.dunning_block(home(site), "1001") == "A"
        assert site.get(PARTNERS, "A_Customer('1001')")["OrderIsBlockedForCustomer"] == "01"

    def test_or_not_at_all(self, site: Site) -> None:
        answer = self.send(
            site,
            self.change(dunning(site), '{"DunningBlock":"A"}'),
            self.change("A_Customer('1001')", '{"OrderIsBlockedForCustomer":"ZZ"}'),
        )
        assert (answer.status_code, answer.text.count("HTTP/1.1 400"), answer.text.count("HTTP/1.1 204")) == (202, 1, 0)
        assert site.simulator.dunning_block(home(site), "1001") is None

    def test_without_a_token_nothing_of_it_is_read(self, site: Site) -> None:
        assert site.http.post(site.url(PARTNERS, "$batch"), data=b"").headers["x-csrf-token"] == "Required"


class TestRefusals:
    def test_an_unknown_set_is_404_and_an_unknown_field_400(self, site: Site) -> None:
        assert site.http.get(site.url(PARTNERS, "A_Nothing")).status_code == 404
        assert site.http.get(site.url(PARTNERS, "A_Customer"), params={"$select": "Nothing"}).status_code == 400
        assert site.http.get(site.url(PARTNERS, "A_Customer"), params={"$filter": "Nothing eq 1"}).status_code == 400
        assert site.http.get(site.url("API_NOTHING", "A_Customer")).status_code == 404

    def test_an_unselective_reading_of_the_cube_times_out_where_that_is_asked_for(self, tmp_path: Path) -> None:
        with served(tmp_path, unselective_timeout=True) as site:
            assert site.http.get(site.url(CUBE, LINES)).status_code == 504
            wanted = {"$filter": "FinancialAccountType eq 'D'"}
            assert site.http.get(site.url(CUBE, LINES), params=wanted).status_code == 504
            wanted = {"$filter": "CompanyCode eq '0010'"}
            assert site.http.get(site.url(CUBE, LINES), params=wanted).status_code == 200
            wanted = {"$filter": "PostingDate ge datetime'2026-01-01T00:00:00'"}
            assert site.http.get(site.url(CUBE, LINES), params=wanted).status_code == 200

    def test_json_must_be_asked_for(self, site: Site) -> None:
        url = site.url(PARTNERS, "A_Customer('1001')")
        assert "atom" in site.http.get(url, headers={"Accept": "*/*"}).headers["Content-Type"]
        assert site.http.get(url, headers={"Accept": "*/*"}, params={"$format": "json"}).json()["d"]["Customer"]

    def test_unknown_options_are_refused(self) -> None:
        with pytest.raises(ValueError, match="partial is referring or residual"):
            SapSimulator({"partial": "both"})
        with pytest.raises(ValueError, match="no option disputez"):
            SapSimulator({"disputez": True, "start_on": START})


def test_the_v4_twin_says_the_same_in_its_own_way(site: Site) -> None:
    answer = site.http.get(site.url4(PARTNERS, "A_BusinessPartner('1001')"))
    assert answer.headers["OData-Version"] == "4.0"
    row, old = answer.json(), site.get(PARTNERS, "A_BusinessPartner('1001')")
    assert row["BusinessPartnerFullName"] == old["BusinessPartnerFullName"]
    made_at = site.simulator.book.customers["1001"].made_at
    assert made_at is not None
    assert row["CreationDate"] == made_at.date().isoformat()
    assert old["CreationDate"] == f"/Date({(made_at.date() - date(1970, 1, 1)).days * 86_400_000})/"
    assert row["@odata.etag"] == old["__metadata"]["etag"]


def test_a_dispute_case_is_opened_through_its_service_where_the_site_has_it(tmp_path: Path) -> None:
    with served(tmp_path, disputes=True) as site:
        item = next(each for each in site.simulator.book.items.values() if each.open_minor > 10_000)
        url = site.url4("CE_API_DISPUTE_MANAGE_0001", "DisputeCase")
        body = {
            "CompanyCode": item.company[-4:], "FiscalYear": str(item.fiscal_year),
            "AccountingDocument": str(item.document_no), "AccountingDocumentItem": item.instalment,
            "DisputedAmount": 40.5, "DisputeCaseCurrency": item.currency, "CaseReason": "PR",
            "ExternalReference": "OUT-7",
        }  # fmt: skip
        made = site.http.post(url, json=body, headers=site.token())
        assert made.status_code == 201
        held = site.simulator.dispute(item.key)
        assert held is not None
        assert (str(held["amount"]), held["reason"]) == ("40.5", "PR")
        found = site.http.get(url, params={"$filter": "ExternalReference eq 'OUT-7'"}).json()["value"]
        assert [each["CaseUUID"] for each in found] == [made.json()["CaseUUID"]]
