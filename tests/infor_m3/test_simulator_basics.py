"""Persons, e-mail addresses, payment terms, rates, and the repository of programs."""

from __future__ import annotations

from .simulated import M3


def test_persons_name_who_employs_them_and_a_suppliers_number_may_be_a_customers(m3: M3) -> None:
    persons = m3.records("CRS618MI/Lst")
    of_it = [each for each in persons if each["EMRE"] == "1002"]
    assert {each["ERTP"] for each in of_it} == {"1", "2"}
    one = next(each for each in of_it if each["ERTP"] == "1")
    assert one["EMAL"].endswith("@c1002.example")
    assert one["RFTP"] in {"ACCOUNTS", "REMINDERS", "PURCHASING", "STATEMENTS", "LEGAL"}
    assert m3.records("CRS618MI/Get", CNPE=one["CNPE"]) == [one]
    assert m3.result("CRS618MI/Get", CNPE="nobody")["errorCode"] == "WCN0103"


def test_persons_are_listed_by_their_type_and_from_one_on(m3: M3) -> None:
    persons = m3.records("CRS618MI/Lst", RFTP="ACCOUNTS")
    assert {each["RFTP"] for each in persons} == {"ACCOUNTS"}
    keys = [each["CNPE"] for each in m3.records("CRS618MI/Lst")]
    assert keys == sorted(keys)
    assert [each["CNPE"] for each in m3.records("CRS618MI/Lst", CNPE=keys[3])] == keys[3:]


def test_some_customers_have_an_address_in_the_e_mail_repository_beside_their_own(m3: M3) -> None:
    assert m3.records("CRS111MI/Get", EMTP="02", EMKY="1001") == [
        {"EMTP": "02", "EMKY": "1001", "EMAL": "invoices@c1001.example"}
    ]
    assert m3.records("CRS610MI/GetBasicData", CUNO="1001")[0]["MAIL"] == "office@c1001.example"
    assert m3.result("CRS111MI/Get", EMTP="02", EMKY="1002")["errorField"] == "EMKY"


def test_addresses_are_listed_from_a_type_and_key_on_and_a_suppliers_number_may_be_a_customers(m3: M3) -> None:
    rows = m3.records("CRS111MI/List", EMTP="02", EMKY="1017")
    assert [(each["EMTP"], each["EMKY"], each["EMAL"]) for each in rows] == [
        ("02", "1019", "invoices@c1019.example"),
        ("03", "1001", "orders@s1001.example"),
        ("03", "1002", "orders@s1002.example"),
        ("03", "1003", "orders@s1003.example"),
        ("04", "DUEHOOK", "duehook@m3.example"),
    ]
    assert len(m3.records("CRS111MI/List", EMTP="")) == 11
    assert m3.result("CRS111MI/List")["errorField"] == "EMTP"


def test_payment_terms_are_listed_from_one_on_or_all_from_a_blank(m3: M3) -> None:
    assert m3.records("CRS075MI/Get", TEPY="N30")[0]["TEPD"] == "30"
    assert [each["TEPY"] for each in m3.records("CRS075MI/List", TEPY="N6")] == ["N60", "N90", "S3"]
    assert len(m3.records("CRS075MI/List", TEPY="")) == 7
    assert m3.result("CRS075MI/Get", TEPY="X")["errorCode"] == "WTE0103"


def test_rates_are_given_into_the_currency_of_each_division(m3: M3) -> None:
    found = m3.records("CRS055MI/SelExchangeRate", CRTP="1", CUTD="20260301")
    assert {(each["DIVI"], each["LOCD"]) for each in found} == {
        ("AAA", "USD"), ("BBB", "EUR"), ("CCC", "JPY"), ("DDD", "KWD"),
    }  # fmt: skip
    of_b = m3.records("CRS055MI/LstRatesPerType", CUCD="USD", CRTP="1", CUTD="20260301", divi="BBB")
    assert [(each["LOCD"], each["CUTD"]) for each in of_b] == [("EUR", "20260301")]
    same = next(each for each in found if (each["DIVI"], each["CUCD"]) == ("BBB", "USD"))
    assert same["ARAT"] == of_b[0]["ARAT"]
    assert len(same["ARAT"].partition(".")[2]) == 6


def test_a_currency_has_its_decimals(m3: M3) -> None:
    assert [m3.records("CRS055MI/GetBasicData", CUCD=code)[0]["DCCD"] for code in ("JPY", "EUR", "KWD")] == [
        "0",
        "2",
        "3",
    ]
    assert m3.result("CRS055MI/GetBasicData", CUCD="XXX")["errorCode"] == "WCU0103"


def test_the_repository_lists_programs_transactions_and_fields(m3: M3) -> None:
    assert "ARS200MI" in {each["MINM"] for each in m3.records("MRS001MI/LstPrograms")}
    listed = {each["TRNM"]: each["SIMU"] for each in m3.records("MRS001MI/LstTransactions", MINM="ARS200MI")}
    assert (listed["LstInvByDivi"], listed["GetInvTotInfo"]) == ("M", "S")
    fields = m3.records("MRS001MI/LstFields", MINM="ARS200MI", TRNM="GetInvTotInfo", TRTP="I")
    assert [(each["FLNM"], each["LENG"], each["TYPE"], each["MAND"]) for each in fields] == [
        ("PYNO", "10", "A", "1"), ("CINO", "15", "A", "1"), ("INYR", "4", "N", "1"), ("CUNO", "10", "A", "1"),
        ("DIVI", "3", "A", "0"),
    ]  # fmt: skip
    assert m3.result("MRS001MI/LstTransactions", MINM="XXX999MI")["errorCode"] == "WMI0103"


def test_every_program_tells_who_asks_and_what_time_it_is(m3: M3) -> None:
    assert m3.records("CRS618MI/GetUserInfo")[0]["ZDCONO"] == "100"
    assert m3.records("ARS200MI/GetServerTime")[0]["LMTS"] == "1772495100000"
    assert m3.records("CRS610MI/GetCurrentUser")[0]["USER"] == "DUEHOOK"
