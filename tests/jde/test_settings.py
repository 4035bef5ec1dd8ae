"""What duehook.yaml says of a JDE connection is validated, and says what to correct."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from duehook.plugins.jde.settings import JdeSettings

PLAIN: dict[str, Any] = {"dsn": "JDE", "dialect": "oracle", "data_schema": "PRODDTA"}
AIS = {"base_url": "https://ais.example", "username": "u", "password": "p-word"}

FORM = {"name": "P55AR_W55ARA", "inputs": "number=1", "controls": "on=2", "save": "11"}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"dsn": None}, "connection_string, or dsn.*or `ais:` and no database"),
        ({"data_schema": None}, "data_schema"),
        ({"read_by": "ais"}, "`read_by: ais` reads by the AIS data service: add `ais:`"),
        ({"read_by": "fax"}, "read_by"),
        ({"ais": {**AIS, "data_service": {"days": "dd.MM.yy"}}}, "days"),
        ({"ais": {**AIS, "data_service.page_sise": 7}}, "page_sise"),
        ({"connection_string": "DSN=x"}, "exclude each other"),
        ({"timezone": "Mars/Olympus"}, "Mars.Olympus.* is no time zone"),
        ({"ccsid": 37}, "ccsid is for the dialect db2i"),
        ({"dialect": "mysql"}, "dialect"),
        ({"data_schema": 'x"; DROP'}, "data_schema"),
        ({"page_size": 0}, "page_size"),
        ({"pagesize": 5}, "pagesize"),
        ({"ais": {**AIS, "base_url": "ftp://x"}}, "base_url"),
        ({"ais": {**AIS, "base_url": "https://user@x"}}, "base_url"),
        ({"codes": {"class_by_pay_status": {"A": "odd"}}}, "class_by_pay_status"),
        ({"notes": {"by": "activity"}}, "name one call: `orchestration`, or `form`"),
        ({"notes": {"by": "activity", "orchestration": "X", "form": FORM}}, "name one call"),
        ({"notes": {"by": "activity", "orchestration": "X", "column": "RPRMK"}}, "notes.column"),
        ({"notes": {"orchestration": "X"}}, "texts need no call"),
        ({"notes": {"by": "orchestration", "orchestration": "X"}}, "and `find`, which gives back"),
        ({"promise": {"on": "RPURDT"}}, "name one call"),
        ({"promise": {"on": "URDT", "orchestration": "X"}}, "promise.on"),
        ({"promise": {"on": "RPURDT", "orchestration": "X", "inputs": {"day": "D"}}}, "there is no day to hand over"),
        ({"promise": {"on": "RPURDT", "form": {**FORM, "controls": "when=2"}}}, "there is no when to hand over"),
        ({"dispute": {"code": "RPURC1", "orchestration": "X"}}, "dispute.codes"),
        ({"dispute": {"code": "RPPST", "codes": "a=b", "orchestration": "X"}}, "a pay status stops cash application"),
        (
            {
                "promise": {"on": "RPURDT", "mark": "RPURRF", "orchestration": "X"},
                "dispute": {"code": "RPURC1", "mark": "RPURRF", "codes": "a=b", "orchestration": "Y"},
            },
            "promise and dispute name RPURRF twice",
        ),
        ({"promise": {"on": "RPDDJ", "orchestration": "X"}}, "RPDDJ is JDE's own: name user-reserved columns"),
    ],
)
def test_a_wrong_setting_is_named(values: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        JdeSettings.model_validate({**PLAIN, **values})


def test_a_flat_list_says_the_same_as_a_nested_one() -> None:
    flat = JdeSettings.model_validate(
        {
            "odbc": "Driver={PostgreSQL Unicode};Server=x",
            "data_schema": "proddta",
            "ais_url": "https://ais.example",
            "ais_user": "u",
            "ais.password": "p-word",
            "codes.class_by_instrument": "B=direct_debit, D=draft",
        }
    )
    nested = JdeSettings.model_validate(
        {
            "connection_string": "Driver={PostgreSQL Unicode};Server=x",
            "dialect": "postgresql",
            "data_schema": "proddta",
            "ais": AIS,
            "codes": {"class_by_instrument": {"B": "direct_debit", "D": "draft"}},
        }
    )
    assert flat == nested


def test_a_site_with_ais_and_no_database_is_read_by_ais() -> None:
    assert JdeSettings.model_validate({"ais": AIS}).read_by == "ais"
    assert (
        JdeSettings.model_validate({"ais_url": "https://ais.example", "ais_user": "u", "ais_password": "p"}).read_by
        == "ais"
    )
    assert JdeSettings.model_validate({**PLAIN, "ais": AIS}).read_by == "odbc"
    assert JdeSettings.model_validate({**PLAIN, "ais": AIS, "read_by": "ais"}).read_by == "ais"


def test_the_data_schema_of_a_database_must_be_said() -> None:
    with pytest.raises(ValidationError, match="data_schema must be said: the owner or library"):
        JdeSettings.model_validate({"dsn": "JDE", "dialect": "oracle"})


def test_how_the_data_service_is_asked_may_be_said_by_names_with_dots() -> None:
    flat = JdeSettings.model_validate(
        {"ais": AIS, "ais.data_service.page_size": "250", "ais.data_service.days": "CYYDDD"}
    )
    assert flat.ais is not None
    assert (flat.ais.data_service.page_size, flat.ais.data_service.days) == (250, "CYYDDD")


def test_the_dialect_of_a_real_database_must_be_said() -> None:
    with pytest.raises(ValidationError, match="dialect"):
        JdeSettings.model_validate({"odbc": "DSN=JDE", "data_schema": "PRODDTA"})
    with pytest.raises(ValidationError):
        JdeSettings.model_validate("DSN=JDE")


def test_secrets_stay_out_of_sight() -> None:
    settings = JdeSettings.model_validate({**PLAIN, "password": "hunter2", "ais": AIS})
    assert "hunter2" not in repr(settings)
    assert "p-word" not in repr(settings)


def test_calls_may_be_named_in_a_flat_list() -> None:
    flat = {
        "promise.on": "RPURDT", "promise.form.name": "P55AR_W55ARA", "promise.form.inputs": "number=1",
        "promise.form.controls": "on=2", "promise.form.save": "11", "notes.by": "activity",
        "notes.orchestration": "CM_AddActivity", "notes.inputs": "text=NoteText, mark=",
    }  # fmt: skip
    settings = JdeSettings.model_validate({**PLAIN, **flat})
    assert settings.promise is not None
    assert settings.promise.form is not None
    assert settings.promise.form.controls == {"on": "2"}
    assert settings.notes.inputs == {"text": "NoteText", "mark": ""}


def test_a_code_that_a_site_lists_stands_beside_the_usual_ones() -> None:
    listed = {"kind_by_document_type": {"IC": "invoice", "RB": "fee"}, "class_by_pay_status": "Z=retainage"}
    codes = JdeSettings.model_validate({"ais": AIS, "codes": listed}).codes
    kinds = codes.kind_by_document_type
    assert (kinds["IC"], kinds["RB"], kinds["RU"], kinds["RM"]) == ("invoice", "fee", "on_account", "credit_note")
    assert (codes.class_by_pay_status["Z"], codes.class_by_pay_status["D"]) == ("retainage", "draft")
