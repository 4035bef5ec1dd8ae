"""The simulated wire: signing in, clients, addresses, descriptions, envelopes, and SAP's own modules."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import requests

from duehook.core.testing.contract.scenes.acts import issue, pay

from .simulated import Site, nobody_yet, served


class TestSignIn:
    def test_a_wrong_password_is_401_with_the_realm(self, site: Site) -> None:
        refused = requests.post(site.url("RFC_READ_TABLE"), auth=("DUEHOOK", "wrong"), timeout=10)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"] == 'Basic realm="SAP NetWeaver Application Server [SIM/100]"'

    def test_five_bad_tries_lock_the_user_until_somebody_unlocks_it(self, site: Site) -> None:
        for _ in range(5):
            requests.post(site.url("STFC_CONNECTION"), auth=("DUEHOOK", "wrong"), timeout=10)
        assert site.post("STFC_CONNECTION", "").status_code == 401
        site.simulator.door.unlock()
        assert site.post("STFC_CONNECTION", "").status_code == 200


class TestClients:
    def test_another_client_answers_with_other_data_and_says_nothing(self, site: Site) -> None:
        body = site.post("RFC_READ_TABLE", "<QUERY_TABLE>KNA1</QUERY_TABLE><DATA/>").request.body
        mine = site.http.post(site.url("RFC_READ_TABLE"), data=body, timeout=10)
        theirs = site.http.post(site.url("RFC_READ_TABLE", "200"), data=body, timeout=10)
        assert (mine.text.count("<WA>"), theirs.text.count("<WA>")) == (20, 12)

    def test_a_client_that_there_is_not_lets_nobody_in(self, site: Site) -> None:
        assert site.http.post(site.url("STFC_CONNECTION", "300"), timeout=10).status_code == 401

    def test_a_client_in_the_query_that_is_not_the_address_s_finds_nothing(self, site: Site) -> None:
        assert site.post("STFC_CONNECTION", "", params={"sap-client": "200"}).status_code == 404
        assert site.post("STFC_CONNECTION", "", params={"sap-client": "100"}).status_code == 200


class TestAddresses:
    def test_a_service_that_was_not_published_is_404(self, site: Site) -> None:
        assert site.post("Z_DUEHOOK_HOLD", "").status_code == 404

    def test_a_binding_of_another_name_is_404(self, site: Site) -> None:
        url = site.url("STFC_CONNECTION").removesuffix("stfc_connection") + "other"
        assert site.http.post(url, timeout=10).status_code == 404

    def test_a_module_is_described(self, site: Site) -> None:
        told = site.http.get(site.url("RFC_READ_TABLE") + "?sap-client=100&wsdl", timeout=10)
        found = ElementTree.fromstring(told.content)
        assert found.attrib["targetNamespace"] == "urn:sap-com:document:sap:rfc:functions"
        assert '<xsd:element name="QUERY_TABLE" type="xsd:string" minOccurs="0"/>' in told.text
        assert f'<soap:address location="{site.url("RFC_READ_TABLE")}"/>' in told.text

    def test_a_site_may_have_a_copy_of_rfc_read_table_in_its_place(self, tmp_path: Path) -> None:
        with served(tmp_path, read_table="Z_RFC_READ_TABLE") as site:
            assert site.settings["read_table"] == "Z_RFC_READ_TABLE"
            assert site.post("RFC_READ_TABLE", "<QUERY_TABLE>TCURX</QUERY_TABLE>").status_code == 404
            answer = site.post("Z_RFC_READ_TABLE", "<QUERY_TABLE>TCURX</QUERY_TABLE><DATA/>")
            assert "<rfc:Z_RFC_READ_TABLE.Response" in answer.text
            assert "<WA>100JPY    0</WA>" in answer.text


class TestEnvelopes:
    def test_what_is_no_envelope_is_a_fault(self, site: Site) -> None:
        for body in (b"", b"<a/>", b"<!DOCTYPE a><a/>", b"{}"):
            answer = site.http.post(site.url("STFC_CONNECTION"), data=body, timeout=10)
            assert (answer.status_code, site.refusal(answer)) == (500, "CX_SOAP_CORE")
            assert "<faultcode>soap-env:Client</faultcode>" in answer.text

    def test_an_exception_of_a_module_is_named_in_its_fault(self, site: Site) -> None:
        answer = site.post("RFC_READ_TABLE", "<QUERY_TABLE>NONE</QUERY_TABLE>")
        assert '<faultstring xml:lang="en">Table NONE is not active in the dictionary</faultstring>' in answer.text
        named = '<rfc:RFC_READ_TABLE.Exception xmlns:rfc="urn:sap-com:document:sap:rfc:functions">'
        assert f"{named}<Name>TABLE_NOT_AVAILABLE</Name>" in answer.text

    def test_a_fault_that_is_asked_for_comes_once(self, site: Site) -> None:
        site.simulator.faults.set("status", "rfc_read_table", status=503)
        sent = "<QUERY_TABLE>TCURX</QUERY_TABLE>"
        assert [site.post("RFC_READ_TABLE", sent).status_code for _ in range(2)] == [503, 200]

    def test_a_page_may_have_lost_half_of_its_rows(self, site: Site) -> None:
        site.simulator.faults.set("shrink", "rfc_read_table")
        sent = "<QUERY_TABLE>T001</QUERY_TABLE><DATA/>"
        found = [site.post("RFC_READ_TABLE", sent).text.count("<WA>") for _ in range(2)]
        assert found == [2, 4]

    def test_the_clock_is_the_book_s(self, site: Site) -> None:
        answer = site.post("STFC_CONNECTION", "<REQUTEXT>hello</REQUTEXT>")
        assert "<ECHOTEXT>hello</ECHOTEXT>" in answer.text
        assert "Date: 20260302   Time: 234500" in answer.text
        assert answer.headers["Date"] == "Mon, 02 Mar 2026 23:45:00 GMT"


class TestOpenItems:
    def asked(self, site: Site, customer: str, day: str = "2026-03-02") -> str:
        return site.post(
            "BAPI_AR_ACC_GETOPENITEMS",
            f"<COMPANYCODE>0010</COMPANYCODE><CUSTOMER>{customer}</CUSTOMER><KEYDATE>{day}</KEYDATE><LINEITEMS/>",
        ).text

    def test_a_customer_s_open_lines_come_with_their_amounts_as_they_are(self, site: Site) -> None:
        customer = nobody_yet(site)
        with site.simulator.act() as book:
            issue(book, "1000", "JPY", company="00010", customer=customer, number=900001)
            paid = issue(book, "50.00", company="00010", customer=customer, number=900002)
            pay(book, paid, "50.00")
        told = self.asked(site, "0000001021")
        assert told.count("<item>") == 1
        assert "<DOC_NO>0000900001</DOC_NO><ITEM_NUM>001</ITEM_NUM><PSTNG_DATE>2026-03-02</PSTNG_DATE>" in told
        assert "<CURRENCY>JPY</CURRENCY>" in told
        assert "<DB_CR_IND>S</DB_CR_IND>" in told
        assert "<AMT_DOCCUR>1000.0000</AMT_DOCCUR>" in told
        assert "<CLEAR_DATE>0000-00-00</CLEAR_DATE>" in told
        assert self.asked(site, "0000001021", "2026-03-01").count("<item>") == 0

    def test_a_customer_without_its_zeros_is_not_found_and_the_call_succeeds(self, site: Site) -> None:
        nobody_yet(site)
        told = self.asked(site, "1021")
        assert "<TYPE>E</TYPE>" in told
        assert "<LINEITEMS></LINEITEMS>" in told

    def test_a_key_date_is_needed(self, site: Site) -> None:
        answer = site.post("BAPI_AR_ACC_GETOPENITEMS", "<COMPANYCODE>0010</COMPANYCODE>")
        assert site.refusal(answer) == "CX_SY_CONVERSION_NO_DATE"
