"""The data service is asked and read in the shapes of AIS, and what goes wrong on the way loses no row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import responses

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused
from duehook.core.hookspecs import UpperBound
from duehook.plugins.jde.reading.reader import Window
from duehook.plugins.jde.settings import JdeSettings
from duehook.plugins.jde.sources import JdeInvoices
from duehook.plugins.jde.tables import ITEM_KEY

BASE = "https://ais.example/jderest"
TOKEN, BROWSE, NEXT = f"{BASE}/v2/tokenrequest", f"{BASE}/v2/dataservice", f"{BASE}/v2/dataservice/next/8"
BOUND = UpperBound({"upmj": 126091, "upmt": 120000}, datetime(2026, 4, 1, 12, 0, tzinfo=UTC))
COLUMNS = "KCO DCT DOC SFX CO"
Row = tuple[str, str, int, str, str]
ONE: Row = ("00001", "RI", 1001, "001", "00001")
TWO: Row = ("00001", "RI", 1002, "001", "00001")
THREE: Row = ("00001", "RM", 7, "001", "00001")
FOUR: Row = ("00002", "RI", 1001, "001", "00002")


def grid(*rows: Row, more: bool = False, link: str | None = None, records: int | None = None) -> dict[str, Any]:
    """Return an answer of AIS, as it is published."""
    rowset = [{f"F03B11_{alias}": cell for alias, cell in zip(COLUMNS.split(), row, strict=True)} for row in rows]
    summary = {"records": len(rows) if records is None else records, "moreRecords": more}
    columns = {f"F03B11_{alias}": alias for alias in ITEM_COLUMNS}
    data = {"gridData": {"columns": columns, "rowset": rowset, "summary": summary}}
    links = [{"rel": "next", "href": link}] if link else []
    return {"fs_DATABROWSE_F03B11": {"title": "Data Browser", "data": data}, "links": links}


ITEM_COLUMNS = (
    "KCO DCT DOC SFX CO AN8 PYR DIVJ DGJ DDJ AG AAP ADSC ACR FAP CDS BCRC CRCD CRRM PST POST PTC RYIN RMK UPMJ UPMT"
).split()


class Wire:
    """What was asked of AIS; `answers` are given one after another, then nothing."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.tokens = 0
        self.answers: list[Any] = []

    def token(self, request: Any) -> tuple[int, dict[str, str], str]:
        self.tokens += 1
        return 200, {}, json.dumps({"userInfo": {"token": f"t{self.tokens}"}})

    def browse(self, request: Any) -> tuple[int, dict[str, str], str]:
        body = (
            json.loads(request.body)
            if request.body
            else {"next": request.url, "token": request.headers["jde-AIS-Auth"]}
        )
        if body.get("maxPageSize") == "1":  # which columns are there
            return 200, {}, json.dumps(grid())
        self.asked.append(body)
        answer = self.answers.pop(0) if self.answers else grid()
        status, told = answer if isinstance(answer, tuple) else (200, answer)
        return status, {}, told if isinstance(told, str) else json.dumps(told)

    def conditions(self, place: int) -> list[tuple[str, str, list[str]]]:
        """Return the conditions of a request as (column, operator, contents)."""
        found = self.asked[place]["query"]["condition"]
        return [
            (each["controlId"], each["operator"], [value["content"] for value in each.get("value", ())])
            for each in found
        ]


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.add_callback("POST", TOKEN, made.token)
        mocked.add_callback("POST", BROWSE, made.browse)
        mocked.add_callback("POST", NEXT, made.browse)
        mocked.post(f"{TOKEN}/logout", json={})
        yield made


def settings(token_minutes: float = 20, **data_service: Any) -> JdeSettings:
    ais = {"base_url": "https://ais.example", "username": "DUEHOOK", "password": "p-word", "device_name": "duehook-1"}
    more = {"calls_per_second": 1_000, "token_minutes": token_minutes, "data_service": {"page_size": 2, **data_service}}
    return JdeSettings.model_validate({"ais": {**ais, **more}})


def keys(**data_service: Any) -> list[str]:
    """Return what the sweep of open items finds."""
    source = JdeInvoices(settings(**data_service), "erp")
    try:
        pages = list(source._site.reader.open_items(ITEM_KEY).pages(Window(), 100))
        return [f"{raw[1]} {raw[2]}" for raws, _ in pages for raw in raws]
    finally:
        source.close()


def test_open_items_are_asked_for_in_the_published_shape(wire: Wire) -> None:
    wire.answers = [grid(ONE)]
    assert keys() == ["RI 1001"]
    assert wire.asked[0] == {
        "targetName": "F03B11",
        "targetType": "table",
        "dataServiceType": "BROWSE",
        "findOnEntry": "TRUE",
        "returnControlIDs": "F03B11.KCO|F03B11.DCT|F03B11.DOC|F03B11.SFX|F03B11.CO",
        "maxPageSize": "2",
        "enableNextPageProcessing": "true",
        "outputType": "GRID_DATA",
        "query": {
            "autoFind": True,
            "matchType": "MATCH_ALL",
            "condition": [
                {
                    "controlId": "F03B11.AAP",
                    "operator": "NOT_EQUAL",
                    "value": [{"content": "0", "specialValueId": "LITERAL"}],
                }
            ],
        },
        "aggregation": {
            "orderBy": [{"column": f"F03B11.{alias}", "direction": "ASC"} for alias in ("KCO", "DCT", "DOC", "SFX")]
        },
    }


def test_a_next_page_is_asked_for_by_its_link_and_without_a_body(wire: Wire) -> None:
    wire.answers = [grid(ONE, TWO, more=True, link="http://inner:7077/jderest/v2/dataservice/next/8"), grid(THREE)]
    assert keys() == ["RI 1001", "RI 1002", "RM 7"]
    assert wire.asked[1] == {"next": NEXT, "token": "t1"}


def test_a_count_that_is_of_all_pages_is_not_taken_for_one_page_s(wire: Wire) -> None:
    wire.answers = [grid(ONE, TWO, more=True, link=NEXT, records=3), grid(THREE, records=3)]
    assert keys() == ["RI 1001", "RI 1002", "RM 7"]


def test_behind_the_last_page_is_looked_in_the_order_of_the_key(wire: Wire) -> None:
    wire.answers = [grid(TWO)]
    keys()
    open_ = ("F03B11.AAP", "NOT_EQUAL", ["0"])
    kco, dct, doc = (
        ("F03B11.KCO", "EQUAL", ["00001"]),
        ("F03B11.DCT", "EQUAL", ["RI"]),
        ("F03B11.DOC", "EQUAL", ["1002"]),
    )
    assert [wire.conditions(place) for place in range(1, 5)] == [
        [open_, kco, dct, doc, ("F03B11.SFX", "GREATER", ["001"])],
        [open_, kco, dct, ("F03B11.DOC", "GREATER", ["1002"])],
        [open_, kco, ("F03B11.DCT", "GREATER", ["RI"])],
        [open_, ("F03B11.KCO", "GREATER", ["00001"])],
    ]


@pytest.mark.parametrize("status", [444, 401, 404])
def test_a_session_that_ends_between_two_pages_costs_no_row(status: int, wire: Wire) -> None:
    gone = (status, {"message": "Invalid Token"})
    wire.answers = [grid(ONE, TWO, more=True, link=NEXT), gone, grid(), grid(), grid(THREE)]
    assert keys() == ["RI 1001", "RI 1002", "RM 7"]
    assert wire.tokens == (1 if status == 404 else 2)


def test_a_token_at_the_end_of_its_life_is_not_used_for_a_link(wire: Wire) -> None:
    wire.answers = [grid(ONE, TWO, more=True, link=NEXT), grid(), grid(), grid(THREE)]
    assert keys(token_minutes=1e-9) == ["RI 1001", "RI 1002", "RM 7"]
    assert not [asked for asked in wire.asked if "next" in asked]


def test_a_session_that_ended_before_a_page_is_renewed_once(wire: Wire) -> None:
    wire.answers = [(444, {"message": "Invalid Token"}), grid(ONE)]
    assert (keys(), wire.tokens) == (["RI 1001"], 2)


def test_a_token_that_is_taken_back_at_once_is_refused(wire: Wire) -> None:
    wire.answers = [(444, {"message": "Invalid Token"})] * 9
    with pytest.raises(ConnectorRefused, match="takes back its tokens at once"):
        keys()
    assert wire.tokens == 2


def test_a_page_that_ends_early_costs_no_row(wire: Wire) -> None:
    wire.answers = [grid(ONE), grid(), grid(TWO), grid(), grid(), grid(THREE)]
    assert keys() == ["RI 1001", "RI 1002", "RM 7"]


def test_a_server_that_gives_no_links_is_read_behind_the_last_key(wire: Wire) -> None:
    wire.answers = [grid(ONE, TWO, more=True), grid(), grid(), grid(THREE)]
    assert keys() == ["RI 1001", "RI 1002", "RM 7"]


@pytest.mark.parametrize(
    ("answers", "fault", "told"),
    [
        (
            [(403, {"message": "Not authorized"})],
            ConnectorRefused,
            "AIS refused to browse F03B11 (403): Not authorized",
        ),
        ([(400, {"message": "no such column"})], ConnectorRefused, "F03B11 (400): no such column"),
        ([(200, "<html>Sign in</html>")], ConnectorGarbled, "web page"),
        ([(200, '{"rows": [')], ConnectorGarbled, "no JSON"),
        ([{"status": "SUCCESS"}], ConnectorGarbled, "without a grid"),
        ([(500, {"message": "boom"})] * 9, ConnectorDown, "500"),
        ([grid(ONE, records=2)], ConnectorGarbled, "AIS says 2 rows of F03B11 and gives 1"),
        ([grid(more=True, link=NEXT)], ConnectorGarbled, "there are more rows of F03B11 and gives none"),
        (
            [grid(ONE, more=True, link=NEXT, records=2), grid(THREE)],
            ConnectorGarbled,
            "says 1 rows of F03B11 and gives 2",
        ),
        ([grid(ONE, TWO, THREE)], ConnectorGarbled, "a page is larger"),
        ([grid(ONE, ONE)], ConnectorGarbled, "two rows have one key"),
        ([grid(ONE, TWO, more=True, link=NEXT), grid(ONE, TWO)], ConnectorGarbled, "a page came again"),
        ([grid(TWO, ONE)], ConnectorRefused, "out of the order of their keys"),
        ([grid(ONE, THREE, more=True, link=NEXT), grid(TWO)], ConnectorRefused, "out of the order of their keys"),
    ],
)
def test_what_goes_wrong_is_told(
    answers: list[Any], fault: type[ConnectorError], told: str, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("duehook.core.wire.session.rest", lambda seconds, sleep: None)
    wire.answers = answers
    with pytest.raises(fault) as raised:
        keys()
    assert told in raised.value.message


def test_a_table_that_may_not_be_browsed_names_the_right_and_the_user(wire: Wire) -> None:
    wire.answers = [(403, {"message": "Not authorized"})]
    with pytest.raises(ConnectorRefused) as raised:
        keys()
    assert raised.value.fix is not None
    assert "DUEHOOK of connection erp to see F03B11 in the Data Browser" in raised.value.fix


def looked(wire: Wire, *answers: Any) -> list[Any]:
    """Return what a look at one document gives."""
    wire.answers = list(answers)
    source = JdeInvoices(settings(), "erp")
    try:
        found = source._site.reader.look(ITEM_KEY, ("RPDOC", "RPSFX"), {"RPDOC": (1001,), "RPSFX": ("001", "002 ")})
        return [tuple(raw) for raw in found]
    finally:
        source.close()


def test_a_look_at_few_rows_asks_for_no_order_and_knows_no_key(wire: Wire) -> None:
    assert looked(wire, grid(ONE, ONE, more=True, link=NEXT), grid(ONE)) == [(1001, "001")] * 3
    assert wire.conditions(0) == [("F03B11.DOC", "EQUAL", ["1001"]), ("F03B11.SFX", "LIST", ["001", "002"])]
    assert "aggregation" not in wire.asked[0]


def test_a_look_whose_further_pages_are_lost_gives_nothing(wire: Wire) -> None:
    with pytest.raises(ConnectorGarbled, match="AIS lost the rest of F03B11 behind 2 rows"):
        looked(wire, grid(ONE, TWO, more=True, link=NEXT), (444, {"message": "Invalid Token"}))


def test_a_look_whose_last_page_lacks_rows_gives_nothing(wire: Wire) -> None:
    with pytest.raises(ConnectorGarbled, match="AIS says 2 rows of F03B11 and gives 3"):
        looked(wire, grid(ONE, TWO, more=True, link=NEXT), grid(THREE, records=2))


def test_an_item_behind_a_page_that_ended_early_is_not_told_as_deleted(wire: Wire) -> None:
    pages = [grid(ONE, TWO, more=True, link=NEXT), grid(THREE, records=2), grid(), grid(), grid(FOUR)]
    wire.answers = pages
    source = JdeInvoices(settings(), "erp")
    try:
        wanted = [(each[0], each[1], each[2], each[3]) for each in (ONE, FOUR)]
        found = source._site.reader.open_items(ITEM_KEY).of(wanted)
        assert [key for key, _ in found] == wanted
    finally:
        source.close()


def test_an_ais_that_sorts_by_itself_is_not_asked_to(wire: Wire) -> None:
    wire.answers = [grid(ONE)]
    assert keys(order="native") == ["RI 1001"]
    assert "aggregation" not in wire.asked[0]


FULL = {
    "KCO": "00001", "DCT": "RI", "DOC": 1001, "SFX": "001", "CO": "00001", "AN8": 4242, "PYR": 4242, "AG": 1234.5,
    "AAP": 234.5, "BCRC": "EUR", "CRCD": "EUR", "CRRM": "D", "PST": "A", "POST": "D", "UPMT": 93005,
}  # fmt: skip


def master(request: Any) -> tuple[int, dict[str, str], str] | None:
    """Answer for the company and the currency."""
    name = json.loads(request.body)["targetName"] if request.body else ""
    told = {
        "F0010": {"F0010_CO": "00001", "F0010_NAME": "Nordwerk", "F0010_CRCD": "EUR"},
        "F0013": {"F0013_CRCD": "EUR", "F0013_CDEC": "2"},
    }.get(name)
    if told is None:
        return None
    summary = {"records": 1, "moreRecords": False}
    return 200, {}, json.dumps({f"fs_DATABROWSE_{name}": {"data": {"gridData": {
        "columns": dict.fromkeys(told, ""), "rowset": [told], "summary": summary}}}})  # fmt: skip


def one_item(cells: dict[str, Any], **data_service: Any) -> dict[str, Any]:
    """Read one item that AIS gives in these cells."""
    row = {f"F03B11_{alias}": cell for alias, cell in {**FULL, **cells}.items()}
    answer = grid()
    answer["fs_DATABROWSE_F03B11"]["data"]["gridData"] |= {
        "rowset": [row], "summary": {"records": 1, "moreRecords": False},
    }  # fmt: skip
    answers = [answer]

    def browse(request: Any) -> tuple[int, dict[str, str], str]:
        first = "maxPageSize" in (body := json.loads(request.body)) and body["maxPageSize"] != "1"
        return master(request) or (200, {}, json.dumps(answers.pop() if first and answers else grid()))

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.post(TOKEN, json={"userInfo": {"token": "t1"}})
        mocked.add_callback("POST", BROWSE, browse)
        mocked.post(f"{TOKEN}/logout", json={})
        source = JdeInvoices(settings(**data_service), "erp")
        pages = list(source.read("item", None, BOUND))
        source.close()
    assert [bad.reason for page in pages for bad in page.bad] == []
    ((row,),) = [page.rows for page in pages if page.rows]
    return dict(row)


@pytest.mark.parametrize(
    ("form", "posted", "changed"),
    [
        ("yyyyMMdd", "20260331", "20260331"),
        ("yyyy-MM-dd", "2026-03-31", "2026-03-31"),
        ("MM/dd/yyyy", "03/31/2026", "03/31/2026"),
        ("dd/MM/yyyy", "31/03/2026", "31/03/2026"),
        ("dd.MM.yyyy", "31.03.2026", "31.03.2026"),
        ("CYYDDD", 126090, "126090"),
    ],
)
def test_days_are_read_in_the_form_that_the_site_sets(form: str, posted: Any, changed: str) -> None:
    cells = {"DIVJ": posted, "DGJ": posted, "DDJ": None, "UPMJ": changed}
    row = one_item(cells, days=form)
    assert (str(row["document_on"]), row["due_on"]) == ("2026-03-31", None)
    assert row["changed_at"] == datetime(2026, 3, 31, 9, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(("amounts", "gross", "left"), [("applied", 1234.5, 234.5), ("stored", 123450, 23450)])
def test_amounts_are_read_with_their_decimals_applied_or_as_they_are_stored(
    amounts: str, gross: float, left: float
) -> None:
    row = one_item({"AG": gross, "AAP": left, "DGJ": "20260331", "UPMJ": "20260331"}, amounts=amounts)
    assert (row["amount"], row["open_amount"]) == (Decimal("1234.5"), Decimal("234.5"))


def test_a_day_that_is_none_parks_the_row() -> None:
    with pytest.raises(AssertionError, match=r"31\.03\.2026 \(AIS\)"):
        one_item({"DIVJ": "31.03.2026", "DGJ": "20260331", "UPMJ": "20260331"})
