"""The connector asks Prism, which refuses whatever F&O's published description does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from duehook.core.errors import ConnectorRefused
from duehook.core.wire import Call, ReplyLost, WireOptions, WireSession
from duehook.core.wire.odata import Entity, Where, after, all_of, one_of
from duehook.plugins.d365 import entities
from duehook.plugins.d365.client.service import ALL_COMPANIES, D365Service, FinanceV4
from duehook.plugins.d365.reading.masters import EMAIL
from duehook.plugins.d365.site import either_since

from .prism import running

RECEIVABLE = [entities.CUSTOMER, entities.HOLD, entities.OWN_CONTACT, entities.ADDRESS, entities.DISPUTE]
CORE = [entities.LEGAL_ENTITY, entities.TERM, entities.RATE]


class Bearer:
    """A sign-in that Prism takes: it looks only whether there is one."""

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": "Bearer anything"}

    def renew(self) -> bool:
        return False


def service(address: str) -> D365Service:
    wire = WireSession([address], WireOptions(read_seconds=60))
    return D365Service(wire, address, FinanceV4(), Bearer(), ALL_COMPANIES)


@pytest.fixture(scope="module")
def receivable() -> Iterator[D365Service]:
    with running("openapi_receivable_10.0.47.json") as address:
        made = service(address)
        yield made
        made.close()


@pytest.fixture(scope="module")
def core() -> Iterator[D365Service]:
    with running("openapi_core_10.0.47.json") as address:
        made = service(address)
        yield made
        made.close()


def read(made: D365Service, entity: Entity, where: Where | None = None) -> list[Any]:
    """Read a page and decode it."""
    answer = made.sample(entity, where, top=1)
    made.dialect.decode(entity, answer)
    return answer


class TestReading:
    @pytest.mark.parametrize("entity", RECEIVABLE, ids=lambda entity: f"{entity.name}-{len(entity.fields)}")
    def test_rows_of_receivables_are_decoded_without_a_value_that_cannot_be_read(
        self, entity: Entity, receivable: D365Service
    ) -> None:
        (row, *_) = read(receivable, entity)
        assert set(entity.kinds) <= set(row)
        kinds = {"amount": Decimal, "whole": int, "text": str}
        wrong = {name: row[name] for name, kind in entity.kinds.items()
                 if kind in kinds and row[name] is not None and not isinstance(row[name], kinds[kind])}  # fmt: skip
        assert wrong == {}

    @pytest.mark.parametrize("entity", CORE, ids=lambda entity: entity.name)
    def test_rows_of_the_core_are_there_with_every_field(self, entity: Entity, core: D365Service) -> None:
        (row, *_) = read(core, entity)
        assert set(entity.kinds) <= set(row)

    def test_the_options_that_pages_ask_with_are_those_of_the_description(self, receivable: D365Service) -> None:
        where = all_of(one_of("dataAreaId", ["usmf"]), after(entities.CUSTOMER.key, ["usmf", "O'Neil & Sons"]))
        url = receivable.url("CustomersV3", {
            "$select": ",".join(entities.CUSTOMER.kinds), "$filter": where.text(entities.CUSTOMER, receivable.dialect),
            "$orderby": ",".join(entities.CUSTOMER.key), "$top": "7", "$count": "true",
        })  # fmt: skip
        assert receivable.send(_get(url)).status == 200

    def test_enums_and_days_stand_in_conditions_that_are_taken(self, receivable: D365Service) -> None:
        for entity, where in ((entities.ADDRESS, EMAIL),
                              (entities.DISPUTE, either_since(date(2026, 3, 1), "StatusChangedDate"))):  # fmt: skip
            assert read(receivable, entity, where)

    def test_a_set_that_is_not_there_is_refused(self, receivable: D365Service) -> None:
        with pytest.raises(ConnectorRefused, match="404"):
            receivable.rows(Entity.of("CustomersV99", "dataAreaId", text="dataAreaId"), top=1)


class TestWriting:
    def test_a_promise_is_a_body_that_the_description_takes_once_its_required_fields_are_there(
        self, receivable: D365Service
    ) -> None:
        """The description requires fields of a POST that F&O fills itself; with them ours is taken as it is."""
        filled = {"LastPayment": 0, "ReasonTableRef": 0, "StatusChangedDate": "2026-03-02T12:00:00Z", "SysRecId": 0,
                  "TransactionBalance": 0}  # fmt: skip
        values = {"dataAreaId": "usmf", "CustTrans": 68719600001, "Status": "PromiseToPay", "ReasonComment": "#DH-1",
                  "AmountCur": Decimal("40.25"), "FollowUpDate": date(2026, 4, 10)}  # fmt: skip
        try:
            receivable.post(entities.DISPUTE, {**values, **filled})
        except ReplyLost as error:
            pytest.fail(f"the answer makes no sense: {error}")

    def test_a_status_that_is_none_is_refused(self, receivable: D365Service) -> None:
        with pytest.raises(ConnectorRefused, match="422"):
            receivable.post(entities.DISPUTE, {"dataAreaId": "usmf", "CustTrans": 1, "Status": "Promised"})

    def test_a_key_of_a_row_is_one_that_the_description_has(self, receivable: D365Service) -> None:
        key = {"dataAreaId": "usmf", "CustomerAccount": "O'Neil"}
        url = receivable.url(receivable.address(entities.HOLD, key), {})
        assert receivable.send(_get(url)).status == 200


def _get(url: str) -> Call:
    return Call("GET", url, headers={"Accept": "application/json"})
