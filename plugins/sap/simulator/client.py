"""One client (Mandant) of the SAP system: a book, what was written over it, and the services that show both."""

from __future__ import annotations

import copy
import json
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from duehook.core.testing.book import Book, Change
from duehook.core.testing.odata import Dialect, EntitySet, Key, ODataError, ODataService, Query, Row, Table
from duehook.core.testing.odata import Written as Write
from duehook.core.testing.sap_ledger.codes import company_code
from duehook.core.testing.sap_ledger.settling import Naming, Partial, Posting
from duehook.core.testing.simulator import Reply, Request

from . import entities
from .codes import BLOCK_REASONS, DUNNING_BLOCKS, ORDER_BLOCKS, partner_number
from .credit import HOLD, LIMIT, Credit
from .credit import SET as CREDIT_ACCOUNTS
from .disputes import Disputes
from .journal.changing import ItemChanges
from .journal.inbox import Inbox
from .ledger.cube import Cube
from .partners import Partners
from .written import Written

PARTNER_SERVICE: Final = "API_BUSINESS_PARTNER"
CUBE_SERVICE: Final = "API_OPLACCTGDOCITEMCUBE_SRV"
CREDIT_SERVICE: Final = "API_CRDTMBUSINESSPARTNER"
DISPUTE_SERVICE: Final = "CE_API_DISPUTE_MANAGE_0001"
CUBE_SET: Final = "A_OperationalAcctgDocItemCube"
V2: Final = Dialect(2, frozenset({"startswith", "endswith", "substringof"}), blank_is_least=True, expand_depth=4)
V4: Final = Dialect(4, frozenset({"startswith", "endswith", "contains"}), blank_is_least=True, expand_depth=4)
_ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "DunningBlock": DUNNING_BLOCKS,
    "DunningLevel": frozenset("0123456789"),
    "CreditAccountBlockReason": BLOCK_REASONS,
    "OrderIsBlockedForCustomer": ORDER_BLOCKS,
}


@dataclass(frozen=True)
class ClientOptions:
    """What may be turned: see `simulator.SapSimulator`."""

    page_size: int | None = None
    partial: Partial = "referring"
    naming: Naming = "parts"
    disputes: bool = False
    unselective_timeout: bool = False
    journal_entries: int | None = None


class SapService(ODataService):
    """A service of the SAP Gateway."""

    unselective_timeout = False
    part_fault: Callable[[Request], Reply | None] = staticmethod(lambda request: None)

    def part(self, request: Request) -> Reply:
        """Answer a part of a $batch, or what a fault puts in its place."""
        return self.part_fault(request) or self.answer(request)

    def look_at(self, of: EntitySet, query: Query) -> None:
        """Let a reading of the cube that names no company code and no date run into the dialog time-out."""
        if not self.unselective_timeout or of.name != CUBE_SET:
            return
        asked = query.filter.fields if query.filter else frozenset()
        if not any(name == "CompanyCode" or name.endswith("Date") for name in asked):
            raise ODataError(504, "Time limit exceeded", code="TIME_OUT")

    def warned(self, warnings: list[str]) -> list[tuple[str, str]]:
        """Tell warnings in the header sap-message."""
        if not warnings:
            return []
        told = [{"code": "UKM/120", "message": text, "severity": "warning", "target": ""} for text in warnings]
        return [("sap-message", json.dumps(told[0] | {"details": told[1:]}))]


@dataclass
class Client:
    """The data of one client.

    `part_fault` may answer a part of a $batch in the place of the service. `locked` are customers whose business
    partner somebody has open in a dialog.
    """

    book: Book
    kept: dict[str, Any]
    options: ClientOptions = field(default_factory=ClientOptions)
    part_fault: Callable[[Request], Reply | None] = lambda request: None
    locked: set[str] = field(default_factory=set)
    unwritable: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Work the rows out and put the services up."""
        self._added: list[tuple[Table, Key]] = []
        self.written = Written(self.kept)
        self.partners = Partners(self.book, self.written)
        self.credit = Credit(self.book, self.written)
        self.cube = Cube(self.book, Posting(self.options.partial, self.options.naming))
        self.disputes = Disputes(self.book, self.written) if self.options.disputes else None
        self.inbox = self._inbox()
        self.services: dict[str, tuple[str, SapService]] = dict(self._services())

    def carried(self, changes: Sequence[Change], *, before_start: bool = False) -> None:
        """Take over what happened in the book. What users set there outdoes what was written before."""
        for change in changes:
            if change.stream == "customer" and change.field:
                self._forget(change, before_start=before_start)
        self.cube.carried(changes)
        self.partners.carried(changes)
        self.credit.carried(changes)
        if self.disputes and any(change.stream == "item" for change in changes):
            self.disputes.refresh()

    def _inbox(self) -> Inbox | None:
        """Return where changes of journal entries come in, where the site has the scenario."""
        after = self.options.journal_entries
        return None if after is None else Inbox(self.kept, ItemChanges(self.kept, self.cube).act, after)

    def _forget(self, change: Change, *, before_start: bool) -> None:
        since = change.at.date() if before_start else None
        fields = {"hold": HOLD, "credit_limit": LIMIT}.get(change.field or "")
        if fields and change.company is None:
            key = (partner_number(change.key), "1000")
            self.written.forget(CREDIT_ACCOUNTS, key, fields, since=since)
        if change.field == "dunning_block":
            for company in self.partners.companies.get(change.key, ()):
                key3 = (change.key, company_code(company), "")
                self.written.forget("A_CustomerDunning", key3, ("DunningBlock",), since=since)

    def _services(self) -> Iterator[tuple[str, tuple[str, SapService]]]:
        """Yield each service by its root, with its name: V2, and its twin in V4."""
        offered = {
            PARTNER_SERVICE: self._partner_sets(),
            CUBE_SERVICE: [EntitySet(CUBE_SET, entities.CUBE, lambda: self.cube.table)],
            CREDIT_SERVICE: self._credit_sets(),
        }
        for name, sets in offered.items():
            for root, dialect in ((f"/sap/opu/odata/sap/{name}/", V2), (v4_root(name), V4)):
                yield root, (name, self._service(root, name, dialect, sets))
        if self.disputes:
            table = self.disputes.table
            cases = EntitySet(
                "DisputeCase", entities.DISPUTE, lambda: table, self._save("DisputeCase", table),
                creatable=True, updatable=True, guarded=True, etag=etag,
            )  # fmt: skip
            root = v4_root(DISPUTE_SERVICE)
            yield root, (DISPUTE_SERVICE, self._service(root, DISPUTE_SERVICE, V4, [cases]))

    def _service(self, root: str, name: str, dialect: Dialect, sets: list[EntitySet]) -> SapService:
        namespace = name if dialect.version == 2 else f"com.sap.gateway.srvd_a2x.{name.lower()}.v0001"
        made = SapService(
            root, namespace, dialect, {each.name: each for each in sets}, page_size=self.options.page_size,
            atomic=self._atomic,
        )  # fmt: skip
        made.part_fault = self.part_fault
        made.unselective_timeout = self.options.unselective_timeout
        return made

    @contextmanager
    def _atomic(self) -> Iterator[None]:
        """Take back all that is written in a block which ends in an error."""
        before = copy.deepcopy(self.kept)
        try:
            yield
        except Exception:
            self.kept.clear()
            self.kept.update(before)
            for table, key in self._added:
                table.drop(key)
            for table in (*self.partners.tables.values(), self.credit.accounts):
                table.touch()
            raise
        finally:
            self._added.clear()

    def _partner_sets(self) -> list[EntitySet]:
        types = {
            "A_BusinessPartner": entities.BUSINESS_PARTNER, "A_Customer": entities.CUSTOMER,
            "A_CustomerCompany": entities.CUSTOMER_COMPANY, "A_CustomerDunning": entities.CUSTOMER_DUNNING,
            "A_CustomerSalesArea": entities.SALES_AREA, "A_CustomerText": entities.CUSTOMER_TEXT,
            "A_CustomerCompanyText": entities.COMPANY_TEXT, "A_BusinessPartnerContact": entities.CONTACT,
            "A_BPContactToFuncAndDept": entities.FUNCTION, "A_BusinessPartnerAddress": entities.ADDRESS,
            "A_AddressEmailAddress": entities.EMAIL, "A_AddressPhoneNumber": entities.PHONE,
            "A_BusinessPartnerBank": entities.BANK, "A_BuPaIdentification": entities.IDENTIFICATION,
        }  # fmt: skip
        written = {"A_Customer", "A_CustomerCompany", "A_CustomerSalesArea"}
        added = {"A_CustomerDunning", "A_CustomerText", "A_CustomerCompanyText"}
        return [
            self._set(
                name, type, self.partners.tables[name], creatable=name in added, updatable=name in written | added
            )
            for name, type in types.items()
        ]

    def _credit_sets(self) -> list[EntitySet]:
        return [
            self._set("CreditMgmtBusinessPartner", entities.CREDIT_PARTNER, self.credit.partners),
            self._set(CREDIT_ACCOUNTS, entities.CREDIT_ACCOUNT, self.credit.accounts, updatable=True),
        ]

    def _set(
        self, name: str, type: Any, table: Table, *, creatable: bool = False, updatable: bool = False
    ) -> EntitySet:
        return EntitySet(
            name, type, lambda: table, self._save(name, table), creatable=creatable, updatable=updatable,
            deletable=name.endswith("Text") and creatable, guarded=updatable, etag=etag,
        )  # fmt: skip

    def _save(self, name: str, table: Table) -> Callable[[Write], Row | None]:
        """Return what writes into a set: over the book's row, or a row of its own."""

        def save(write: Write) -> Row | None:
            if write.key == (None,):
                write.key = (str(uuid.uuid4()),)
            self._refuse(name, write)
            if write.method == "DELETE":
                self.written.delete(name, write.key)
                table.drop(write.key)
                return None
            if write.method == "POST" and table.get(write.key) is not None:
                raise ODataError(400, f"{name} {'/'.join(write.key)} already exists", code="R11/124")
            if write.method == "POST":
                table.put(write.key, write.key)
                self._added.append((table, write.key))
            self.written.put(name, write.key, write.values, on=self.book.day, created=write.method == "POST")
            table.touch()
            if write.values.get("CreditAccountIsBlocked"):
                write.warnings.append(f"Credit account of business partner {write.key[0]} is blocked")
            return table.get(write.key)

        return save

    def _refuse(self, name: str, write: Write) -> None:
        """Refuse what SAP refuses: no right, a partner in use, a customer that there is not, an unknown code."""
        if name in self.unwritable:
            raise ODataError(403, f"No authorization to change {name}", code="R11/107")
        customer = write.key[0]
        if name.startswith("A_Customer") and customer not in self.book.customers:
            raise ODataError(400, f"Customer {customer} does not exist", code="F2/153")
        if name.startswith("A_") and customer in self.locked:
            raise ODataError(
                400, f"Business partner {partner_number(customer)} is currently being processed by user DIALOG",
                code="R1/408", details=[("R1/408", f"Business partner {partner_number(customer)} is locked", "")],
            )  # fmt: skip
        for field_name, value in write.values.items():
            allowed = _ALLOWED.get(field_name)
            if allowed is not None and value not in allowed:
                raise ODataError(
                    400,
                    f"Entry {value} does not exist for {field_name} (check entry)",
                    code="00/058",
                    target=field_name,
                )


def etag(row: Row) -> str:
    """Return the ETag of a row: it changes when anything of it does."""
    held = sorted(row.items()) if isinstance(row, dict) else ()
    return f"W/\"'{zlib.crc32(repr(held).encode()):08X}'\""


def v4_root(service: str) -> str:
    """Return where a service stands in V4."""
    name = service.lower()
    return f"/sap/opu/odata4/sap/{name}/srvd_a2x/sap/{name}/0001/"
