"""The OData server that simulators stand on: V2 and V4 on the wire, filters, paging, batches, ETags."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import requests

from duehook.core.testing.odata import (
    Dialect,
    EntitySet,
    EntityType,
    Navigation,
    ODataError,
    ODataService,
    Row,
    Table,
    Written,
    fields,
)
from duehook.core.testing.simulator import SimulatorServer

ORDER = EntityType.read(
    "OrderType",
    "Company Number",
    """Company:String(4)! Number:Int64! Amount:Decimal(24,3) DueOn:DateTime(0) At:DateTimeOffset(0) Clock:Time(0)
    Name:String(20) Done:Boolean Status:Acme.Status""",
    Navigation("to_Lines", "Lines", {"Company": "Company", "Number": "Number"}),
)
LINE = EntityType.read(
    "LineType",
    "Company Number Line",
    "Company:String(4)! Number:Int64! Line:Int32! Text:String(20)",
    Navigation("to_Order", "Orders", {"Company": "Company", "Number": "Number"}, many=False),
)
TEXT = frozenset({"startswith", "endswith", "substringof", "contains"})


class Shop:
    """A service over two tables, which can be written."""

    def __init__(self, dialect: Dialect, page_size: int | None = None) -> None:
        self.orders, self.lines = Table(), Table()
        for number in range(1, 8):
            self.order(number)
            self.lines.put(("1010", number, 1), {"Company": "1010", "Number": number, "Line": 1, "Text": f"L{number}"})
        sets = [
            EntitySet(
                "Orders", ORDER, lambda: self.orders, self.write, creatable=True, updatable=True, deletable=True,
                guarded=True, etag=lambda row: f'W/"{row.get("Amount")}"',
            ),
            EntitySet("Lines", LINE, lambda: self.lines),
        ]  # fmt: skip
        self.service = ODataService.of("/data/", "ACME", dialect, sets=sets, page_size=page_size)
        self.server = SimulatorServer(self.service.answer, shrunk=self.service.shrunk)
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers["Accept"] = "application/json"
        self.root = f"{self.server.start()}/data/"

    def order(self, number: int, **more: Any) -> None:
        held = {"Company": "1010", "Number": number, "Amount": Decimal(number) + Decimal("0.5"), "Status": "Open"}
        name = "O'Neil & Söhne" if number == 3 else f"Name {number}"
        self.orders.put(("1010", number), held | {"Name": name, "DueOn": date(2026, 9, min(number, 28))} | more)

    def write(self, written: Written) -> Row | None:
        if written.values.get("Name") == "refused":
            raise ODataError(400, "Name is refused", code="A/1", target="Name")
        if written.method == "DELETE":
            self.orders.drop(written.key)
            return None
        before = {name: written.row.get(name) for name in ORDER.fields} if written.row else {}
        self.orders.put(written.key, before | written.values)
        return self.orders.get(written.key)

    def get(self, path: str, status: int = 200, **options: str) -> Any:
        answer = self.http.get(self.root + path, params={f"${name}": value for name, value in options.items()})
        assert answer.status_code == status, answer.text
        return json.loads(answer.text, parse_float=Decimal)

    def numbers(self, **options: str) -> list[int]:
        """Read the numbers of orders, whatever the version."""
        found = self.get("Orders", 200, **options)
        rows = found["value"] if "value" in found else found["d"]["results"]
        return [int(row["Number"]) for row in rows]

    def close(self) -> None:
        self.http.close()
        self.server.stop()


@pytest.fixture
def old() -> Iterator[Shop]:
    shop = Shop(Dialect(2, TEXT, blank_is_least=True))
    yield shop
    shop.close()


@pytest.fixture
def new() -> Iterator[Shop]:
    shop = Shop(Dialect(4, TEXT))
    yield shop
    shop.close()


class TestEncoding:
    def test_v2_writes_decimals_and_int64_as_text_dates_as_milliseconds_and_blanks_as_nothing(self, old: Shop) -> None:
        old.order(9, At=datetime(2026, 9, 1, 12, tzinfo=UTC), Clock=time(11, 30, 5), Name=None, Done=True)
        row = old.get("Orders(Company='1010',Number=9)")["d"]
        assert {name: row[name] for name in ("Number", "Amount", "DueOn", "At", "Clock", "Name", "Done")} == {
            "Number": "9", "Amount": "9.500", "DueOn": "/Date(1788912000000)/", "At": "/Date(1788264000000+0000)/",
            "Clock": "PT11H30M05S", "Name": "", "Done": True,
        }  # fmt: skip
        assert row["to_Lines"] == {"__deferred": {"uri": f"{old.root}Orders(Company='1010',Number=9)/to_Lines"}}

    def test_v4_writes_numbers_that_no_float_has_touched(self, new: Shop) -> None:
        new.order(9007199254740993, Amount=Decimal("12345678901234567890.125"), DueOn=date(2026, 9, 1))
        text = new.http.get(f"{new.root}Orders(Company='1010',Number=9007199254740993)").text
        assert '"Number":9007199254740993' in text
        assert '"Amount":12345678901234567890.125' in text
        assert json.loads(text)["DueOn"] == "2026-09-01"

    def test_the_far_and_the_early_dates_come_out(self, old: Shop) -> None:
        old.order(8, DueOn=date(9999, 12, 31))
        old.order(9, DueOn=date(1900, 1, 1))
        rows = old.get("Orders", filter="Number ge 8")["d"]["results"]
        assert [row["DueOn"] for row in rows] == ["/Date(253402214400000)/", "/Date(-2208988800000)/"]

    def test_a_field_that_is_written_badly_is_refused(self) -> None:
        with pytest.raises(ValueError, match="Amount:"):
            fields("Name:String(3) Amount:")


class TestFilters:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("Number eq 3", [3]),
            ("Amount gt 6.5M", [7]),
            ("3 ge Number", [1, 2, 3]),
            ("Name eq 'O''Neil & Söhne'", [3]),
            ("DueOn le datetime'2026-09-02T00:00:00'", [1, 2]),
            ("not (Number gt 2) or Number eq 7", [1, 2, 7]),
            ("Number gt 2 and (Number lt 4 or Number eq 6L)", [3, 6]),
            ("substringof('Neil',Name)", [3]),
            ("startswith(Name,'Name') eq true and Number le 2", [1, 2]),
            ("substringof('Name',Name) eq false", [3]),
            ("Done eq false and Number eq 1", [1]),
            ("DueOn eq null", []),
        ],
    )
    def test_v2_chooses_rows(self, text: str, found: list[int], old: Shop) -> None:
        assert old.numbers(filter=text) == found

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("DueOn ge 2026-09-06", [6, 7]),
            ("contains(Name,'Neil')", [3]),
            ("Status eq Acme.Status'Open' and Number lt 2", [1]),
            ("Status ne Acme.Status'Open'", []),
        ],
    )
    def test_v4_chooses_rows(self, text: str, found: list[int], new: Shop) -> None:
        assert new.numbers(filter=text) == found

    @pytest.mark.parametrize(
        "text",
        [
            "Nothing eq 1", "Number in (1,2)", "Number eq '1'", "Name eq 1", "Number add 1 eq 2", "Number eq",
            "(Number eq 1",
            "DueOn eq 2026-09-01", "tolower(Name) eq 'x'", "Number eq 1 Number eq 2", "Name eq \"x\"",
            "DueOn ge datetime'yesterday'", "Number eq Amount",
        ],
    )  # fmt: skip
    def test_what_is_not_understood_is_400(self, text: str, old: Shop) -> None:
        assert old.get("Orders", 400, filter=text)["error"]["message"]["value"] != ""

    @pytest.mark.parametrize(
        "text", ["DueOn le datetime'2026-09-02T00:00:00'", "Status gt Acme.Status'Open'", "Amount eq 1M"]
    )
    def test_v4_refuses_v2s_literals(self, text: str, new: Shop) -> None:
        assert new.get("Orders", 400, filter=text)["error"]["message"] != ""

    def test_a_blank_date_is_before_all_others_in_v2_and_nowhere_in_v4(self, old: Shop, new: Shop) -> None:
        for shop in (old, new):
            shop.order(9, DueOn=None)
        assert old.numbers(filter="DueOn lt datetime'2026-09-02T00:00:00'") == [1, 9]
        assert new.numbers(filter="DueOn lt 2026-09-02") == [1]

    def test_wildcards_and_case_are_the_dialects(self) -> None:
        shop = Shop(Dialect(4, wildcards=True, ignore_case=True))
        assert shop.numbers(filter="Name eq '*NEIL*'") == [3]
        assert shop.numbers(filter="Name ne 'name*'") == [3]
        assert shop.get("Orders", 400, filter="contains(Name,'x')")["error"]["message"] != ""
        shop.close()


class TestOptions:
    def test_orderby_top_skip_and_count(self, old: Shop, new: Shop) -> None:
        assert old.numbers(orderby="Amount desc", top="2", skip="1") == [6, 5]
        assert old.get("Orders", inlinecount="allpages", top="1")["d"]["__count"] == "7"
        assert new.get("Orders", count="true", top="1")["@odata.count"] == 7
        assert old.http.get(f"{old.root}Orders/$count").text == "7"

    @pytest.mark.parametrize(
        ("option", "value"),
        [("select", "Nothing"), ("orderby", "Nothing"), ("top", "-1"), ("apply", "x"), ("expand", "Nothing")],
    )
    def test_unknown_fields_and_options_are_400(self, option: str, value: str, old: Shop) -> None:
        old.get("Orders", 400, **{option: value})

    def test_select_leaves_the_rest_out(self, old: Shop) -> None:
        (row,) = old.get("Orders", select="Name", top="1")["d"]["results"]
        assert sorted(row) == ["Name", "__metadata"]

    def test_expand_nests_in_each_versions_way(self, old: Shop, new: Shop) -> None:
        row = old.get("Orders(Company='1010',Number=2)", expand="to_Lines", select="Number,to_Lines/Text")["d"]
        assert [each["Text"] for each in row["to_Lines"]["results"]] == ["L2"]
        row = new.get("Orders(Company='1010',Number=2)", expand="to_Lines($select=Text)")
        assert row["to_Lines"] == [{"Text": "L2"}]
        new.get("Orders", 400, expand="to_Lines/to_Order")

    def test_navigation_leads_from_a_key(self, old: Shop) -> None:
        assert old.get("Orders(Company='1010',Number=2)/to_Lines")["d"]["results"][0]["Text"] == "L2"
        assert old.get("Lines(Company='1010',Number=2,Line=1)/to_Order")["d"]["Name"] == "Name 2"
        assert old.get("Orders(Company='1010',Number=2)/Amount") == {"d": {"Amount": "2.500"}}

    @pytest.mark.parametrize("path", ["Orders(Company='1010')", "Orders(7)", "Orders(Company='1010',Number='2')"])
    def test_every_part_of_a_key_must_be_there(self, path: str, old: Shop) -> None:
        old.get(path, 400)

    def test_a_key_with_quotes_and_slashes_is_found(self, old: Shop) -> None:
        old.orders.put(("O'/N", 1), {"Company": "O'/N", "Number": 1, "Name": "odd"})
        row = old.get("Orders(Company='" + quote("O''/N", safe="") + "',Number=1)")["d"]
        assert row["Name"] == "odd"
        assert old.http.get(row["__metadata"]["uri"]).json()["d"]["Name"] == "odd"


class TestPaging:
    @pytest.mark.parametrize("version", [2, 4])
    @pytest.mark.parametrize("order", ["", "Amount desc", "Name"])
    def test_pages_follow_each_other_by_opaque_absolute_links(self, version: Any, order: str) -> None:
        shop = Shop(Dialect(version), page_size=3)
        url, seen = f"{shop.root}Orders?$top=6&$skip=0{f'&$orderby={order}' if order else ''}", []
        while url:
            body = shop.http.get(url).json()
            body = body.get("d", body)
            rows = body.get("results", body.get("value"))
            assert len(rows) <= 3
            seen += [int(row["Number"]) for row in rows]
            url = body.get("__next", body.get("@odata.nextLink"))
            assert url is None or urlsplit(url).netloc == urlsplit(shop.root).netloc
        assert seen == {"": [1, 2, 3, 4, 5, 6], "Amount desc": [7, 6, 5, 4, 3, 2], "Name": [1, 2, 4, 5, 6, 7]}[order]
        shop.close()

    def test_rows_that_come_and_go_between_pages_move_no_others(self) -> None:
        shop = Shop(Dialect(4), page_size=3)
        first = shop.get("Orders")
        shop.orders.drop(("1010", 1))
        shop.orders.drop(("1010", 3))
        shop.orders.put(("0001", 1), {"Company": "0001", "Number": 1})
        shop.order(4, Name="changed")
        second = shop.http.get(first["@odata.nextLink"]).json()
        assert [row["Number"] for row in second["value"]] == [4, 5, 6]
        shop.close()

    def test_a_client_may_prefer_smaller_pages_in_v4(self, new: Shop) -> None:
        page = new.http.get(f"{new.root}Orders", headers={"Prefer": "odata.maxpagesize=2"}).json()
        assert len(page["value"]) == 2
        assert "@odata.nextLink" in page

    def test_a_token_that_nobody_gave_is_400(self, new: Shop) -> None:
        new.get("Orders", 400, skiptoken="nonsense")

    def test_the_fault_shrink_gives_fewer_rows_and_no_next_page(self) -> None:
        shop = Shop(Dialect(4), page_size=4)
        shop.server.faults.set("shrink")
        page = shop.get("Orders", count="true")
        assert [row["Number"] for row in page["value"]] == [1, 2]
        assert ("@odata.nextLink" in page, page["@odata.count"]) == (False, 7)
        shop.close()


class TestWrites:
    def test_patch_wants_the_etag_that_was_read(self, old: Shop) -> None:
        url = f"{old.root}Orders(Company='1010',Number=2)"
        etag = old.http.get(url).headers["ETag"]
        assert old.http.patch(url, json={"Name": "x"}).status_code == 428
        assert old.http.patch(url, json={"Name": "x"}, headers={"If-Match": 'W/"0"'}).status_code == 412
        done = old.http.patch(
            url, json={"Amount": "7.250", "DueOn": "/Date(1788912000000)/"}, headers={"If-Match": etag}
        )
        assert (done.status_code, done.headers["ETag"]) == (204, 'W/"7.250"')
        assert old.orders.get(("1010", 2)) is not None
        row = old.get("Orders(Company='1010',Number=2)")["d"]
        assert (row["Amount"], row["DueOn"], row["Name"]) == ("7.250", "/Date(1788912000000)/", "Name 2")

    def test_put_sets_back_what_is_not_sent(self, old: Shop) -> None:
        url = f"{old.root}Orders(Company='1010',Number=2)"
        assert old.http.put(url, json={"Amount": "1.000"}, headers={"If-Match": "*"}).status_code == 204
        assert old.get("Orders(Company='1010',Number=2)")["d"]["Name"] == ""

    def test_post_answers_201_with_the_row_and_its_place(self, new: Shop) -> None:
        made = new.http.post(f"{new.root}Orders", json={"Company": "1010", "Number": 9, "Amount": 1.25})
        assert (made.status_code, made.headers["Location"]) == (201, f"{new.root}Orders(Company='1010',Number=9)")
        assert made.json()["Amount"] == 1.25
        row = new.orders.get(("1010", 9))
        assert row is not None
        assert row.get("Amount") == Decimal("1.25")

    def test_what_may_not_be_written_is_405(self, old: Shop) -> None:
        assert old.http.post(f"{old.root}Lines", json={}).status_code == 405
        assert old.http.delete(f"{old.root}Lines(Company='1010',Number=1,Line=1)").status_code == 405

    def test_delete_takes_the_row_away(self, old: Shop) -> None:
        url = f"{old.root}Orders(Company='1010',Number=2)"
        assert old.http.delete(url, headers={"If-Match": "*"}).status_code == 204
        assert old.http.get(url).status_code == 404

    def test_a_refusal_is_worded_in_each_versions_body(self, old: Shop, new: Shop) -> None:
        for shop in (old, new):
            url = f"{shop.root}Orders(Company='1010',Number=2)"
            error = shop.http.patch(url, json={"Name": "refused"}, headers={"If-Match": "*"}).json()["error"]
            told = error["message"]["value"] if shop is old else error["message"]
            assert (error["code"], told) == ("A/1", "Name is refused")


BATCH = (
    "--b\r\nContent-Type: application/http\r\n\r\n"
    "GET Orders?$select=Number&$top=1 HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n"
    "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
    "--c\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\n"
    "PATCH Orders(Company='1010',Number=1) HTTP/1.1\r\nIf-Match: *\r\nAccept: application/json\r\n"
    'Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{"Name": "%s"}\r\n'
    "--c--\r\n--b--\r\n"
)


class TestBatch:
    def send(self, shop: Shop, body: str) -> requests.Response:
        kind = {"Content-Type": "multipart/mixed; boundary=b"}
        return shop.http.post(f"{shop.root}$batch", data=body.encode(), headers=kind)

    def test_reads_and_changes_answer_in_their_order(self, old: Shop) -> None:
        answer = self.send(old, BATCH % "ab")
        assert answer.status_code == 202
        assert answer.headers["Content-Type"].startswith("multipart/mixed; boundary=")
        assert answer.text.index("HTTP/1.1 200 OK") < answer.text.index("HTTP/1.1 204 No Content")
        assert "Content-ID: 1\r\n" in answer.text
        assert old.get("Orders(Company='1010',Number=1)")["d"]["Name"] == "ab"

    def test_v4_answers_200_outside(self, new: Shop) -> None:
        assert self.send(new, BATCH % "ab").status_code == 200

    def test_a_content_length_that_is_too_short_cuts_the_body(self, old: Shop) -> None:
        answer = self.send(old, (BATCH % "ab").replace("Content-Length: 14", "Content-Length: 9"))
        assert "HTTP/1.1 400 Bad Request" in answer.text
        assert old.get("Orders(Company='1010',Number=1)")["d"]["Name"] == "Name 1"

    @pytest.mark.parametrize(
        ("right", "wrong"),
        [("\r\n", "\n"), ("Content-Length: 14", "Content-Length: 99"), ("--b--", "--x--"), ("GET Orders", "GETOrders")],
    )
    def test_what_does_not_hold_together_is_400(self, right: str, wrong: str, old: Shop) -> None:
        assert self.send(old, (BATCH % "ab").replace(right, wrong)).status_code == 400
        assert old.get("Orders(Company='1010',Number=1)")["d"]["Name"] == "Name 1"

    def test_writing_outside_a_change_set_is_refused_in_v2(self, old: Shop) -> None:
        body = (
            "--b\r\nContent-Type: application/http\r\n\r\nDELETE Orders(Company='1010',Number=1) HTTP/1.1\r\n"
            "If-Match: *\r\n\r\n\r\n--b--\r\n"
        )
        assert self.send(old, body).status_code == 400


def test_the_service_document_and_metadata_name_the_sets(old: Shop, new: Shop) -> None:
    assert old.get("")["d"]["EntitySets"] == ["Orders", "Lines"]
    assert [each["name"] for each in new.get("")["value"]] == ["Orders", "Lines"]
    for shop in (old, new):
        text = shop.http.get(f"{shop.root}$metadata").text
        assert '<EntitySet Name="Orders" EntityType="ACME.OrderType"' in text
        assert '<Property Name="Amount" Type="Edm.Decimal" Precision="24" Scale="3"/>' in text


def test_what_a_filter_chose_is_forgotten_when_a_row_changes(old: Shop) -> None:
    assert old.numbers(filter="Name eq 'x'") == []
    old.order(5, Name="x")
    assert old.numbers(filter="Name eq 'x'") == [5]
    held = old.orders.get(("1010", 6))
    assert isinstance(held, dict)
    held["Name"] = "x"
    old.orders.touch()
    assert old.numbers(filter="Name eq 'x'") == [5, 6]
