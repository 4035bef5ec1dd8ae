"""The site's own function modules: what they write stands after the commit, and what they refuse in RETURN."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path

import pytest

from .simulated import Site, nobody_yet, served

ABOUT = "<KUNNR>0000001021</KUNNR><BUKRS>0010</BUKRS>"
CREDIT = ["KUNNR EQ '0000001021' AND KKBER EQ '0010'"]
DUNNING = ["KUNNR EQ '0000001021' AND BUKRS EQ '0010'"]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with served(tmp_path, site_functions=True) as made:
        nobody_yet(made)
        yield made


def commit(site: Site) -> None:
    assert site.post("BAPI_TRANSACTION_COMMIT", "<WAIT>X</WAIT>").status_code == 200


def hold(site: Site, value: str) -> str:
    return site.post("Z_DUEHOOK_HOLD", f"{ABOUT}<CRBLB>{value}</CRBLB><MARK>#DH-1</MARK>").text


def test_a_block_stands_after_the_commit(site: Site) -> None:
    assert "<RETURN><TYPE>S</TYPE>" in hold(site, "X")
    assert site.read("KNKK", "CRBLB", *CREDIT) == [""]
    commit(site)
    assert site.read("KNKK", "CRBLB", *CREDIT) == ["X"]
    assert site.simulator.hold("00010", "1021") == "X"
    hold(site, "")
    commit(site)
    assert site.read("KNKK", "CRBLB", *CREDIT) == [""]
    assert site.simulator.hold("00010", "1021") is None


def test_a_commit_in_another_session_commits_nothing_of_this_one(site: Site) -> None:
    hold(site, "X")
    kept = site.http.cookies["SAP_SESSIONID_SIM_100"]
    for session, block in (("another", ""), (kept, "X")):
        site.http.cookies.clear()
        site.http.cookies["SAP_SESSIONID_SIM_100"] = session
        commit(site)
        assert site.read("KNKK", "CRBLB", *CREDIT) == [block]


def test_a_client_that_keeps_no_cookies_commits_what_it_wrote_last(site: Site) -> None:
    site.http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    hold(site, "X")
    commit(site)
    assert site.read("KNKK", "CRBLB", *CREDIT) == ["X"]


def test_a_rollback_forgets_what_was_written(site: Site) -> None:
    hold(site, "X")
    site.post("BAPI_TRANSACTION_ROLLBACK", "")
    commit(site)
    assert site.read("KNKK", "CRBLB", *CREDIT) == [""]


def test_a_block_of_another_user_is_neither_set_over_nor_lifted(site: Site) -> None:
    site.simulator.user_sets_hold("00010", "1021", "Y")
    for value in ("X", ""):
        told = hold(site, value)
        assert "<TYPE>E</TYPE>" in told
        assert "<MESSAGE>Customer 1021 is blocked by another user: Y</MESSAGE>" in told
    commit(site)
    assert site.read("KNKK", "CRBLB", *CREDIT) == ["Y"]


def test_a_user_who_is_quicker_than_the_commit_wins(site: Site) -> None:
    hold(site, "X")
    site.simulator.user_sets_hold("00010", "1021", "Y")
    commit(site)
    assert site.read("KNKK", "CRBLB", *CREDIT) == ["Y"]


@pytest.mark.parametrize(
    ("about", "value", "message"),
    [
        ("<KUNNR>1021</KUNNR><BUKRS>0010</BUKRS>", "X", "Customer 1021 is not in company code 0010"),
        (
            "<KUNNR>0099999999</KUNNR><BUKRS>0010</BUKRS>", "X",
            "Customer 0099999999 is not in company code 0010",
        ),
        (ABOUT, "Q", "Entry Q does not exist for CRBLB (check entry)"),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_in_return_of_a_call_that_succeeds(
    about: str, value: str, message: str, site: Site
) -> None:
    answer = site.post("Z_DUEHOOK_HOLD", f"{about}<CRBLB>{value}</CRBLB>")
    assert answer.status_code == 200
    assert "<RETURN><TYPE>E</TYPE>" in answer.text
    assert f"<MESSAGE>{message}</MESSAGE>" in answer.text


def test_a_customer_that_somebody_has_open_is_refused(site: Site) -> None:
    site.simulator.lock("1021")
    assert "is currently blocked by user DIALOG" in hold(site, "X")
    site.simulator.unlock("1021")
    assert "<TYPE>S</TYPE>" in hold(site, "X")


def test_a_dunning_block_stands_in_knb5(site: Site) -> None:
    told = site.post("Z_DUEHOOK_BLOCK", f"{ABOUT}<MANSP>A</MANSP>").text
    assert "<TYPE>S</TYPE>" in told
    commit(site)
    assert site.read("KNB5", "MABER MANSP", *DUNNING, "AND MABER EQ ''") == ["  |A"]
    assert site.simulator.seen("set_dunning_block", "00010", "1021", None) == {"value": "A"}


def test_notes_are_written_once_a_mark_and_read_again(site: Site) -> None:
    site.simulator.user_writes_note("1021", "theirs\x0c & <more>\r\n")
    for text in ("Called & promised", "Called again"):
        site.post("Z_DUEHOOK_NOTE", f"{ABOUT}<TEXT>{text.replace('&', '&amp;')}</TEXT><MARK>#DH-1</MARK>")
        commit(site)
    told = site.post("Z_DUEHOOK_NOTES", "<KUNNR>0000001021</KUNNR><NOTES/>").text
    assert "<item><MARK></MARK><TEXT>theirs# &amp; &lt;more&gt;&#13;\n</TEXT></item>" in told
    assert "<item><MARK>#DH-1</MARK><TEXT>Called &amp; promised</TEXT></item></NOTES>" in told
    assert site.simulator.notes("1021") == ["theirs\x0c & <more>\r\n", "Called & promised"]


def test_what_was_written_is_there_after_a_restart(site: Site, tmp_path: Path) -> None:
    customer = next(iter(site.simulator.book.customers.values()))
    about = f"<KUNNR>000000{customer.key}</KUNNR><BUKRS>{customer.company[-4:]}</BUKRS>"
    site.post("Z_DUEHOOK_HOLD", f"{about}<CRBLB>X</CRBLB>")
    site.post("Z_DUEHOOK_NOTE", f"{about}<TEXT>Called</TEXT><MARK>#DH-2</MARK>")
    commit(site)
    site.simulator.keep()
    with served(tmp_path, site_functions=True) as again:
        assert again.simulator.hold(customer.company, customer.key) == "X"
        assert again.simulator.notes(customer.key) == ["Called"]


def test_a_write_of_a_master_leaves_a_change_document(site: Site) -> None:
    before = site.read("CDPOS", "TABNAME FNAME", "OBJECTCLAS EQ 'DEBI'", "AND OBJECTID EQ '0000001021'")
    hold(site, "X")
    commit(site)
    after = site.read("CDPOS", "TABNAME FNAME", "OBJECTCLAS EQ 'DEBI'", "AND OBJECTID EQ '0000001021'")
    added = [each for each in after if after.count(each) > before.count(each)]
    assert added == [f"{'KNKK':30}|CRBLB"]


def test_without_site_functions_there_are_none_and_the_simulator_says_so(tmp_path: Path) -> None:
    with served(tmp_path / "plain") as plain:
        assert plain.post("Z_DUEHOOK_NOTE", ABOUT).status_code == 404
        assert "add_note" in plain.simulator.lacks
        assert [name for name in plain.settings if name.startswith("functions.")] == []
