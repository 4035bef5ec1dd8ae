"""The simulator's wire beside that of mock-sap, an SAP simulation which nobody of this project wrote.

Every test runs against both, so each is a claim on which they agree. What only one has is left out: paths and
fields differ; mock-sap's locked document is a 423, it never pages, and has no X-HTTP-Method.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mocksap  # type: ignore[import-untyped]  # it has no types
import pytest
import requests

from .simulated import CUBE, LINES, PARTNERS, served

AUTH = ("u", "p")


@dataclass
class Wire:
    """A Gateway as a client sees it: a service's root, a row that can be changed, and how."""

    host: str
    partners: str
    cube: str
    auth: tuple[str, str]
    change: dict[str, str]
    row: str = ""
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.trust_env, self.http.auth = False, self.auth
        self.http.headers["Accept"] = "application/json"
        self.http.params = {"sap-client": "100"}

    def get(self, path: str, **options: str) -> requests.Response:
        return self.http.get(self.partners + path, params={f"${name}": value for name, value in options.items()})

    def token(self) -> dict[str, str]:
        fetched = self.http.get(self.partners, headers={"X-CSRF-Token": "Fetch"})
        return {"X-CSRF-Token": fetched.headers["x-csrf-token"]}

    def write(self, method: str = "PATCH", **headers: str) -> requests.Response:
        return self.http.request(method, self.partners + self.row, json=self.change, headers=headers)


@contextmanager
def simulated(folder: Path, *, oauth: bool = False) -> Iterator[Wire]:
    with served(folder, oauth=oauth) as site:
        auth = (site.settings.get("user", ""), site.settings.get("password", ""))
        made = Wire(site.settings["base_url"], site.url(PARTNERS), site.url(CUBE, LINES), auth, {"DunningBlock": "A"})
        code = site.simulator.book.customers["1001"].company[-4:]
        made.row = f"A_CustomerDunning(Customer='1001',CompanyCode='{code}',DunningArea='')"
        yield made


@contextmanager
def mocked(folder: Path, *, oauth: bool = False) -> Iterator[Wire]:
    secrets = {"oauth": "sb-duehook:simulated-secret"} if oauth else {"basic_auth": ":".join(AUTH)}
    config = mocksap.Config(port=0, quiet=True, require_if_match=True, db_path=str(folder / "mock.db"), **secrets)
    server: Any = mocksap.make_server(config)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    host = f"http://127.0.0.1:{server.server_port}"
    root = f"{host}/sap/opu/odata/sap/API_BUSINESS_PARTNER_SRV/"
    cube = f"{host}/sap/opu/odata/sap/API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube"
    made = Wire(host, root, cube, AUTH, {"SearchTerm1": "X"})
    if not oauth:
        row = made.get("A_BusinessPartner", top="1").json()["d"]["results"][0]
        made.row = row["__metadata"]["uri"].rpartition("/")[2]
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


BOTH = pytest.mark.parametrize("wire", ["simulated", "mock-sap"], indirect=True)
STARTS = {"simulated": simulated, "mock-sap": mocked}


@pytest.fixture(scope="module")
def wires(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Wire]]:
    folder = tmp_path_factory.mktemp("wires")
    with simulated(folder / "ours") as ours, mocked(folder) as theirs:
        yield {"simulated": ours, "mock-sap": theirs}


@pytest.fixture
def wire(request: pytest.FixtureRequest, wires: dict[str, Wire]) -> Wire:
    return wires[request.param]


@BOTH
class TestReading:
    def test_nobody_is_let_in_without_a_sign_in(self, wire: Wire) -> None:
        refused = requests.get(wire.partners, headers={"Accept": "application/json"}, timeout=10)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Basic realm=")

    def test_a_collection_is_d_results_with_its_count_as_text(self, wire: Wire) -> None:
        body = wire.get("A_BusinessPartner", top="2", inlinecount="allpages").json()
        assert list(body) == ["d"]
        assert len(body["d"]["results"]) == 2
        assert re.fullmatch(r"\d+", body["d"]["__count"])
        assert wire.get("A_BusinessPartner/$count").text == body["d"]["__count"]

    def test_a_row_names_itself_and_what_it_leads_to(self, wire: Wire) -> None:
        row = wire.get("A_BusinessPartner", top="1").json()["d"]["results"][0]
        told = row["__metadata"]
        assert {"id", "uri", "type"} <= set(told)
        assert told["type"].endswith(".A_BusinessPartnerType")
        assert wire.http.get(told["uri"]).json()["d"]["BusinessPartner"] == row["BusinessPartner"]
        leads = [held for name, held in row.items() if name.startswith("to_")]
        assert all(re.match("http", held["__deferred"]["uri"]) for held in leads)
        assert leads != []

    def test_expanded_rows_are_results_too(self, wire: Wire) -> None:
        row = wire.get("A_BusinessPartner", top="1", expand="to_BusinessPartnerAddress").json()["d"]["results"][0]
        assert isinstance(row["to_BusinessPartnerAddress"]["results"], list)

    def test_dates_are_milliseconds_and_blanks_are_empty(self, wire: Wire) -> None:
        row = wire.get("A_BusinessPartner", top="1").json()["d"]["results"][0]
        assert re.fullmatch(r"/Date\(-?\d+\)/", row["CreationDate"])
        assert "" in row.values()

    def test_amounts_are_text(self, wire: Wire) -> None:
        answer = wire.http.get(wire.cube, params={"$top": "1"})
        row = answer.json()["d"]["results"][0]
        assert re.fullmatch(r"-?\d+\.\d{3}", row["AmountInTransactionCurrency"])
        assert row["DebitCreditCode"] in ("S", "H")

    def test_dates_are_compared_with_v2s_literals(self, wire: Wire) -> None:
        for text, found in (("datetime'1990-01-01T00:00:00'", True), ("datetime'2199-01-01T00:00:00'", False)):
            rows = wire.get("A_BusinessPartner", filter=f"CreationDate ge {text}", top="1").json()["d"]["results"]
            assert bool(rows) is found

    def test_select_leaves_only_what_was_asked_for(self, wire: Wire) -> None:
        row = wire.get("A_BusinessPartner", top="1", select="BusinessPartner").json()["d"]["results"][0]
        assert set(row) == {"__metadata", "BusinessPartner"}

    @pytest.mark.parametrize(
        ("path", "options", "status"),
        [
            ("A_Nothing", {}, 404),
            ("A_BusinessPartner('0000000000')", {}, 404),
            ("A_BusinessPartner", {"filter": "Nothing eq 'x'"}, 400),
            ("A_BusinessPartner", {"filter": "BusinessPartner xx 'x'"}, 400),
            ("A_BusinessPartner", {"orderby": "Nothing"}, 400),
        ],
    )
    def test_errors_have_saps_body(self, path: str, options: dict[str, str], status: int, wire: Wire) -> None:
        refused = wire.get(path, **options)
        assert refused.status_code == status
        error = refused.json()["error"]
        assert set(error) >= {"code", "message", "innererror"}
        assert set(error["message"]) == {"lang", "value"}
        assert isinstance(error["innererror"]["errordetails"], list)

    def test_metadata_is_xml(self, wire: Wire) -> None:
        found = wire.get("$metadata")
        assert found.headers["Content-Type"].startswith("application/xml")
        assert 'Name="A_BusinessPartner"' in found.text


@BOTH
class TestWriting:
    def test_without_a_token_it_is_403_and_required(self, wire: Wire) -> None:
        refused = wire.write(**{"If-Match": "*"})
        assert (refused.status_code, refused.headers["x-csrf-token"].lower()) == (403, "required")

    def test_the_etag_decides(self, wire: Wire) -> None:
        row = wire.get(wire.row)
        etag = row.json()["d"]["__metadata"].get("etag") or row.headers["ETag"]
        token = wire.token()
        assert wire.write(**token).status_code == 428
        assert wire.write(**token, **{"If-Match": "W/\"datetimeoffset'2001-01-01T00%3A00%3A00Z'\""}).status_code == 412
        done = wire.write(**token, **{"If-Match": etag})
        assert (done.status_code, done.content) == (204, b"")
        assert wire.write(**token, **{"If-Match": "*"}).status_code == 204

    def test_merge_is_another_word_for_patch(self, wire: Wire) -> None:
        sent = {**wire.token(), "If-Match": "*"}
        assert wire.write("MERGE", **sent).status_code == 204

    def test_an_unknown_field_is_400(self, wire: Wire) -> None:
        sent = {**wire.token(), "If-Match": "*"}
        assert wire.http.patch(wire.partners + wire.row, json={"Nothing": "x"}, headers=sent).status_code == 400

    def test_a_batch_answers_202_and_each_part_its_own(self, wire: Wire) -> None:
        body = (
            "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
            "GET A_BusinessPartner?$top=1&$format=json HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n"
            "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
            "GET A_BusinessPartner('0000000000') HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n--b--\r\n"
        )
        kind = {"Content-Type": "multipart/mixed; boundary=b", **wire.token()}
        answer = wire.http.post(f"{wire.partners}$batch", data=body.encode(), headers=kind)
        assert answer.status_code == 202
        assert answer.headers["Content-Type"].startswith("multipart/mixed")
        assert re.findall(r"HTTP/1\.1 (\d+)", answer.text) == ["200", "404"]


@pytest.mark.parametrize("name", list(STARTS))
def test_client_credentials_are_taken_at_the_same_path(name: str, tmp_path: Path) -> None:
    with STARTS[name](tmp_path, oauth=True) as wire:
        url, body = f"{wire.host}/sap/bc/sec/oauth2/token", {"grant_type": "client_credentials"}
        good = requests.post(url, data=body, auth=("sb-duehook", "simulated-secret"), timeout=10)
        assert good.json()["token_type"].lower() == "bearer"
        bearer = {"Authorization": f"Bearer {good.json()['access_token']}", "Accept": "application/json"}
        wire.http.auth = None
        assert wire.http.get(wire.partners, headers=bearer).status_code == 200
        assert wire.http.get(wire.partners, headers={"Authorization": "Bearer x"}).status_code == 401
        bad = requests.post(url, data=body, auth=("sb-duehook", "wrong"), timeout=10)
        assert (bad.status_code, bad.json()["error"]) == (401, "invalid_client")
