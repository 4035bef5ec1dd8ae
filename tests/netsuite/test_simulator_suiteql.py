"""SuiteQL as the account answers it: pages of texts, Oracle's functions, and what is refused in NetSuite's words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from duehook.core.testing.contract.scenes.acts import issue

from .simulated import Caller, number

UNSUPPORTED = (
    "Invalid search query. Detailed unprocessed description follows. Search error occurred: "
    "Invalid or unsupported search"
)


def test_a_page_has_links_a_count_and_its_rows_as_texts(client: Caller) -> None:
    answer = client.ask("SELECT id, symbol, currencyprecision AS places FROM currency ORDER BY id", "?limit=2&offset=2")
    where = f"{client.settings['base_url']}/services/rest/query/v1/suiteql"
    assert answer.json() == {
        "links": [
            {"rel": "next", "href": f"{where}?limit=2&offset=4"},
            {"rel": "self", "href": f"{where}?limit=2&offset=2"},
        ],
        "count": 2,
        "hasMore": True,
        "items": [
            {"links": [], "id": "4", "symbol": "EUR", "places": "2"},
            {"links": [], "id": "5", "symbol": "JPY", "places": "0"},
        ],
        "offset": 2,
        "totalResults": 5,
    }
    assert client.ask("SELECT id FROM currency", "?limit=5&offset=5").json()["items"] == []


def test_keys_are_small_and_what_is_null_is_left_out(client: Caller) -> None:
    assert client.rows("SELECT S.ID, s.Parent, s.isElimination FROM Subsidiary s WHERE s.id IN (1, 2) ORDER BY 1") == [
        {"id": "1", "iselimination": "F"},
        {"id": "2", "parent": "1", "iselimination": "F"},
    ]


def test_what_has_no_name_gets_one_and_a_name_that_comes_twice_a_number(client: Caller) -> None:
    query = (
        "SELECT a.id, b.id, 1 + 1, COUNT(*) FROM term a JOIN term b ON b.id = a.id WHERE a.id = 3 GROUP BY a.id, b.id"
    )
    assert client.rows(query) == [{"id": "3", "id_0": "3", "expr3": "2", "expr4": "1"}]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("NVL(discountpercent, 0)", "2"),
        ("TO_CHAR(TO_DATE('2026-09-01', 'YYYY-MM-DD'), 'DD.MM.YYYY')", "01.09.2026"),
        ("TO_CHAR(TO_TIMESTAMP('2026-09-01 13:05:09', 'YYYY-MM-DD HH24:MI:SS'), 'YYYY-MM-DD\"T\"HH24:MI:SS')",
         "2026-09-01T13:05:09"),
        ("TO_DATE('2026-09-01', 'YYYY-MM-DD')", "9/1/2026"),
        ("TO_CHAR(TRUNC(TO_DATE('2026-09-17', 'YYYY-MM-DD'), 'MM'), 'YYYY-MM-DD')", "2026-09-01"),
        ("TO_CHAR(TO_DATE('2026-03-01', 'YYYY-MM-DD') - 1, 'YYYY-MM-DD')", "2026-02-28"),
        ("TRUNC(12.987, 1)", "12.9"),
        ("0.1 + 0.2", "0.3"),
        ("'a' || id || NULL", "a3"),
        ("DECODE(id, 3, 'three', 'other')", "three"),
        ("CASE WHEN id > 2 THEN 'T' ELSE 'F' END", "T"),
        ("BUILTIN.DF(id)", "3"),
    ],
)  # fmt: skip
def test_oracles_functions_are_there(expression: str, text: str, client: Caller) -> None:
    assert client.rows(f"SELECT {expression} AS x FROM term WHERE id = 3") == [{"x": text}]


def test_the_time_is_that_of_the_account(opened: Callable[..., Caller]) -> None:
    form = "YYYY-MM-DD HH24:MI:SS"
    query = f"SELECT TO_CHAR(SYSDATE, '{form}') AS now, SYSDATE AS day, TRUNC(SYSDATE) - 1 AS before FROM dual"
    there = {"now": "2026-03-02 15:45:00", "day": "3/2/2026", "before": "3/1/2026"}  # 23:45 in UTC
    assert opened().rows(query) == [there]
    assert opened(timezone="Asia/Tokyo").rows(query)[0]["now"] == "2026-03-03 08:45:00"


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT id FROM term WHERE name <> ''", []),  # an empty text is none to Oracle
        ("SELECT id FROM term WHERE name LIKE 'net 14%'", []),
        ("SELECT id FROM term WHERE LOWER(name) LIKE 'net 14%'", [{"id": "1"}]),
        ("SELECT 1 / 2 AS half FROM dual", [{"half": "0.5"}]),
        ("SELECT TO_CHAR(1234.5, 'FM9999990.00') AS a, TO_CHAR(12, 'TM9') AS b FROM dual",
         [{"a": "1234.50", "b": "12"}]),
        ("WITH few AS (SELECT id, name FROM term WHERE id < 3) SELECT f.id FROM few f WHERE f.id IN ('1', 9)",
         [{"id": "1"}]),
        ("SELECT t.n FROM (SELECT COUNT(*) AS n, datedriven FROM term GROUP BY datedriven) t WHERE n > 1",
         [{"n": "7"}]),
        ("SELECT id FROM term t WHERE EXISTS (SELECT 1 FROM term o WHERE o.id = t.id + 6)", [{"id": "1"}]),
        ("SELECT id FROM term WHERE id = 1 UNION ALL SELECT id FROM currency WHERE id = 4", [{"id": "1"}, {"id": "4"}]),
        ("SELECT DISTINCT datedriven FROM term", [{"datedriven": "F"}]),
        ("SELECT MAX(TO_CHAR(lastmodifieddate, 'YYYY')) AS y FROM contact GROUP BY TRUNC(SYSDATE)", [{"y": "2026"}]),
    ],
)  # fmt: skip
def test_a_query_means_what_it_means_to_oracle(query: str, rows: list[dict[str, str]], client: Caller) -> None:
    assert client.rows(query) == rows


def test_rownum_acts_before_rows_are_sorted(client: Caller) -> None:
    within = "SELECT id FROM term WHERE ROWNUM <= 2 ORDER BY id DESC"
    assert client.rows(within) == [{"id": "2"}, {"id": "1"}]
    outside = "SELECT * FROM (SELECT id FROM term ORDER BY id DESC) WHERE ROWNUM < 3"
    assert client.rows(outside) == [{"id": "7"}, {"id": "6"}]


def test_fetch_first_is_all_that_the_query_gives(client: Caller) -> None:
    answer = client.ask("SELECT id FROM term ORDER BY id FETCH FIRST 3 ROWS ONLY", "?limit=2").json()
    assert (answer["count"], answer["hasMore"], answer["totalResults"]) == (2, True, 3)
    assert len(client.rows("SELECT * FROM transaction FETCH FIRST 1 ROW ONLY")) <= 1


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT id FROM term LIMIT 5", UNSUPPORTED),
        ("SELECT CURRENT_DATE FROM dual", UNSUPPORTED),
        ("SELECT NOW() FROM dual", f"{UNSUPPORTED}. Unknown function 'NOW'"),
        ("DELETE FROM term", UNSUPPORTED),
        ("SELECT id FROM term; SELECT id FROM term", UNSUPPORTED),
        ("SELECT FROM WHERE", UNSUPPORTED),
        ("SELECT internalid FROM customer", f"{UNSUPPORTED}. Unknown identifier 'internalid'. "
         "Available identifiers are: {customer=customer}"),
        ('SELECT t."nosuch" FROM term t', f"{UNSUPPORTED}. Unknown identifier 'nosuch'. "
         "Available identifiers are: {term=term}"),
        ('SELECT "nosuch" FROM term', f"{UNSUPPORTED}. Unknown identifier 'nosuch'. "
         "Available identifiers are: {term=term}"),
        ("SELECT id FROM sqlite_master", UNSUPPORTED.replace("Invalid or unsupported search",
         "Record 'sqlite_master' was not found.")),
        ("SELECT id FROM transaction WHERE id = 'O''Neil|1'", f"{UNSUPPORTED}. ORA-01722: invalid number"),
        ("SELECT NVL(email, 'none') AS mail FROM customer WHERE mail = 'none'",
         f"{UNSUPPORTED}. Unknown identifier 'mail'. Available identifiers are: {{customer=customer}}"),
        ("SELECT type, tranid, COUNT(*) FROM transaction GROUP BY type",
         f"{UNSUPPORTED}. ORA-00979: not a GROUP BY expression"),
        ("SELECT id FROM customer WHERE lastmodifieddate > DATE '2026-03-02'", UNSUPPORTED),
        ("SELECT id FROM customer WHERE lastmodifieddate > SYSDATE - INTERVAL '7' DAY", UNSUPPORTED),
        ("SELECT id FROM term FETCH FIRST 1 ROWS WITH TIES", UNSUPPORTED),
        ("SELECT BUILTIN.CONSOLIDATE(foreigntotal) FROM transaction",
         f"{UNSUPPORTED}. Unknown function 'CONSOLIDATE'"),
        ("SELECT TO_CHAR(SYSDATE, 'JJJJ') FROM dual", f"{UNSUPPORTED}. ORA-01821: date format not recognized"),
    ],
)  # fmt: skip
def test_what_suiteql_does_not_take_is_refused_in_its_words(query: str, said: str, client: Caller) -> None:
    assert client.refusal(query) == said


def test_a_date_that_is_written_in_another_form_than_the_users_is_refused(client: Caller) -> None:
    said = client.refusal("SELECT id FROM customer WHERE lastmodifieddate >= '2026-01-01'")
    assert said.endswith('Parse of date/time "2026-01-01" failed with date format "M/d/yyyy" in time zone '
                         'America/Los_Angeles Caused by: Unparseable date: "2026-01-01"')  # fmt: skip
    assert client.rows("SELECT COUNT(*) AS n FROM customer WHERE lastmodifieddate >= '1/1/2000'") == [{"n": "20"}]


def test_a_query_must_be_transient_and_have_a_text(client: Caller) -> None:
    answer = client.ask("SELECT id FROM term", Prefer="respond-async")
    assert (answer.status_code, answer.json()["o:errorDetails"][0]["o:errorCode"]) == (400, "INVALID_HEADER")
    answer = client.send("POST", "/services/rest/query/v1/suiteql", {"query": "x"}, Prefer="transient")
    assert (answer.status_code, answer.json()["o:errorDetails"][0]["o:errorPath"]) == (400, "q")
    assert client.send("GET", "/services/rest/query/v1/suiteql", Prefer="transient").status_code == 405


@pytest.mark.parametrize(
    ("parameters", "named"),
    [("?limit=1001", "limit"), ("?limit=0", "limit"), ("?limit=x", "limit"), ("?limit=100&offset=50", "offset"),
     ("?limit=1000&offset=100000", "offset")],
)  # fmt: skip
def test_a_window_that_is_none_is_refused(parameters: str, named: str, client: Caller) -> None:
    answer = client.ask("SELECT id FROM term", parameters)
    told = answer.json()["o:errorDetails"][0]
    assert (answer.status_code, told["o:errorCode"], told["o:errorQueryParam"]) == (400, "INVALID_PARAMETER", named)


def test_behind_a_hundred_thousand_rows_a_query_ends_though_it_tells_of_more(client: Caller) -> None:
    many = "SELECT a.id FROM customer a CROSS JOIN customer b CROSS JOIN customer c CROSS JOIN customer d"
    last = client.ask(many, "?limit=1000&offset=99000").json()
    assert (last["count"], last["hasMore"], last["totalResults"]) == (1000, False, 160_000)


def test_a_role_that_may_not_view_a_record_sees_no_rows_and_is_not_told(client: Caller) -> None:
    with client.simulator.act() as book:
        invoice = issue(book, "100.00")
    query = f"SELECT t.id, l.foreignamount FROM transaction t JOIN transactionline l ON l.transaction = t.id WHERE t.id = {number(client, invoice)}"  # noqa: E501
    assert len(client.rows(query)) == 2
    client.simulator.deny("transaction")
    answer = client.ask(query)
    assert (answer.status_code, answer.json()["items"], answer.json()["totalResults"]) == (200, [], 0)
    client.simulator.grant("transaction")
    assert len(client.rows(query)) == 2


def test_the_log_says_which_tables_a_query_asks(client: Caller) -> None:
    client.rows("SELECT c.id FROM customer c JOIN customersubsidiaryrelationship r ON r.entity = c.id")
    about = client.simulator.log[-1].about
    assert about == "/services/rest/query/v1/suiteql customer customersubsidiaryrelationship"
