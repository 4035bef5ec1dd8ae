"""What connectors share whatever their wire: given streams, their settings, and how a command is carried out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel

from duehook.core.connecting.discovering import counted, unread
from duehook.core.connecting.settings import settings_of
from duehook.core.connecting.streams import expect_given
from duehook.core.connecting.writing import Refusal, Writers, marker, read_back, unsupported
from duehook.core.errors import ConnectorDown, ConnectorGarbled, ConnectorRefused
from duehook.core.field_mapping import Codes, Seen
from duehook.core.hookspecs import Applied, Command, ConnectionConfig
from duehook.core.wire import ReplyLost, Stale
from duehook.core.wire.odata.where import in_parts

NOTE = Command("add_note", "n1", "demf", "4711", body={"text": "Called."})
Outcome = Literal["done", "already", "refused", "unknown"]


class Scripted:
    """A writer whose answers are given: each an outcome, or a fault to raise."""

    def __init__(self, *answers: Outcome | Exception) -> None:
        self._answers: Iterator[Outcome | Exception] = iter(answers)

    def preview(self, command: Command) -> str:
        return f"tell {command.customer}"

    def apply(self, command: Command) -> Applied:
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return Applied(answer, "as scripted")

    verify = apply


def writers(*answers: Outcome | Exception) -> Writers:
    return Writers("Acme", {"add_note": Scripted(*answers)})


def test_a_stream_that_a_source_does_not_give_is_refused_with_those_it_gives() -> None:
    expect_given("item", ("item",))
    with pytest.raises(ConnectorRefused, match=r"does not give contact.*ask for item, payment"):
        expect_given("contact", ("item", "payment"))


class Service(BaseModel):
    """A part of settings, with a file of its own."""

    wsdl: str


class Site(BaseModel):
    """Settings with files."""

    mapping: str | None = None
    ca_file: str | None = None
    service: Service | None = None


def test_files_of_settings_count_from_the_folder_of_duehook_yaml(tmp_path: Path) -> None:
    connection = ConnectionConfig("erp", "acme", Site(mapping="fields.yaml"), str(tmp_path))
    settings = settings_of(connection, Site, "mapping", "ca_file")
    assert (settings.mapping, settings.ca_file) == (str(tmp_path / "fields.yaml"), None)


def test_a_file_of_a_nested_part_counts_from_there_too_where_the_part_is_set(tmp_path: Path) -> None:
    def found(site: Site) -> Service | None:
        return settings_of(ConnectionConfig("erp", "acme", site, str(tmp_path)), Site, "service.wsdl").service

    assert found(Site(service=Service(wsdl="change.wsdl"))) == Service(wsdl=str(tmp_path / "change.wsdl"))
    assert found(Site()) is None


def test_a_path_from_the_root_stays_what_it_is(tmp_path: Path) -> None:
    connection = ConnectionConfig("erp", "acme", Site(mapping="/etc/fields.yaml"), str(tmp_path))
    assert settings_of(connection, Site, "mapping").mapping == "/etc/fields.yaml"


def test_settings_of_another_type_are_a_fault_of_the_program() -> None:
    class Other(BaseModel):
        """Another connector's settings."""

    with pytest.raises(TypeError, match="connection erp holds Other, not Site"):
        settings_of(ConnectionConfig("erp", "acme", Other(), "."), Site)


class TestCarryingOut:
    def test_the_writer_of_the_kind_answers(self) -> None:
        assert writers("done").apply(NOTE) == Applied("done", "as scripted")
        assert writers("refused").verify(NOTE) == Applied("refused", "as scripted")
        assert writers().preview(NOTE) == "tell 4711"

    def test_a_row_that_another_changed_is_looked_at_again(self) -> None:
        assert writers(Stale("412"), Stale("412"), "done").apply(NOTE).outcome == "done"

    def test_who_is_never_quick_enough_gives_up_after_three_times(self) -> None:
        told = writers(*[Stale("412")] * 3, "done").apply(NOTE)
        assert told == Applied("refused", "customer 4711 was changed by others while it was written, 3 times")

    def test_a_lost_answer_is_unknown(self) -> None:
        assert writers(ReplyLost("no answer.")).apply(NOTE) == Applied("unknown", "no answer.")

    def test_what_must_stay_is_told_with_what_stands_there(self) -> None:
        assert writers(Refusal("another hold", "All")).apply(NOTE) == Applied("refused", "another hold", previous="All")
        assert writers(Refusal("another hold", "All")).verify(NOTE).previous == "All"

    def test_a_refusal_of_the_erp_is_refused_and_an_unreachable_one_is_raised(self) -> None:
        assert writers(ConnectorRefused("403")).apply(NOTE) == Applied("refused", "403")
        with pytest.raises(ConnectorDown, match="503"):
            writers(ConnectorDown("503")).apply(NOTE)

    def test_nonsense_at_a_look_is_tried_later_for_nothing_was_written(self) -> None:
        with pytest.raises(ConnectorDown, match=r"a web page\. Nothing was written\. Fix: ask the proxy\."):
            writers(ConnectorGarbled("a web page.", fix="ask the proxy.")).apply(NOTE)

    @pytest.mark.parametrize("fault", [ConnectorDown("503"), ConnectorRefused("403"), ConnectorGarbled("html")])
    def test_what_cannot_be_looked_at_is_unknown(self, fault: Exception) -> None:
        assert writers(fault).verify(NOTE).outcome == "unknown"

    def test_a_kind_without_a_writer_is_unsupported(self) -> None:
        hold = Command("set_credit_hold", "h1", "demf", "4711")
        told = Applied("refused", "unsupported: this Acme connection cannot set credit hold.")
        assert unsupported(hold, "Acme") == told
        assert (writers().apply(hold), writers().verify(hold), writers().preview(hold)) == (told, told, told.message)


def test_a_marker_is_the_same_for_the_same_command_and_no_other() -> None:
    assert (
        marker(NOTE) == marker(Command("add_note", "n1", "usmf", "1")) != marker(Command("add_note", "n2", "usmf", "1"))
    )
    assert marker(NOTE).startswith("#DH-")


class TestReadingBack:
    def test_what_is_seen_there_is_done(self) -> None:
        told = read_back(lambda: True, "Acme", previous="All", reference="7")
        assert told == Applied("done", "written and read back", "All", "7")

    def test_what_the_erp_took_and_does_not_show_is_unknown(self) -> None:
        assert read_back(lambda: False, "Acme") == Applied("unknown", "Acme took it, but it cannot be found")

    def test_what_the_erp_took_is_done_although_it_cannot_be_looked_at(self) -> None:
        def broken() -> bool:
            raise ConnectorDown("503")

        assert read_back(broken, "Acme") == Applied("done", "Acme took it; reading it back failed")


def test_values_are_asked_for_forty_at_a_time() -> None:
    assert [len(part) for part in in_parts(range(95))] == [40, 40, 15]
    assert list(in_parts([])) == []


class TestDiscovering:
    def test_codes_are_told_by_how_often_they_were_seen_and_blank_ones_are_none(self) -> None:
        found = list(counted("type", ["RV", "DR", "RV", None, ""], "codes: {{kind_by_type: {{{0}: …}}}}"))
        assert [(each.name, each.text) for each in found] == [("RV", "2 of 5 looked at"), ("DR", "1 of 5 looked at")]
        assert found[0].suggests == "codes: {kind_by_type: {RV: …}}"
        assert next(counted("hold", ["Invoice"])).suggests is None

    def test_what_a_known_code_means_is_told_and_not_asked_for(self) -> None:
        known = Codes({"RV": "invoice", "ZZ": None}, "refuse", "codes.kind")
        found = list(counted("type", ["RV", "ZZ", "DR"], "codes.kind: {{{0}: …}}", known=known))
        assert [(each.text, each.suggests) for each in found] == [
            ("1 of 3 looked at = invoice", None),
            ("1 of 3 looked at = nothing special", None),
            ("1 of 3 looked at", "codes.kind: {DR: …}"),
        ]

    def test_what_nothing_reads_is_told_with_what_it_may_be_and_the_others_by_name(self) -> None:
        seen = [Seen("PurchaseOrder", None, ["PO-4711", "PO-4712"]), Seen("ZZ9", None, ["x"])]
        guess, others = unread("item", "Items", seen, fields=["purchase_order"], word="field")
        assert (guess.kind, guess.name) == ("field", "Items.PurchaseOrder")
        assert guess.suggests == "fields: {item: {purchase_order: PurchaseOrder}}"
        assert (others.kind, others.text) == ("unread fields", "ZZ9: no field takes what they hold")
