"""The simulated pod, as the contract kit and tests use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from duehook.core.hookspecs import CommandKind
from duehook.core.records import Stream
from duehook.core.testing.book import Change
from duehook.core.testing.book_simulator import DATE, BookSimulator, balances
from duehook.core.testing.faults import Calls
from duehook.core.testing.simulator import ControlRoute, Reply, Request, json_reply

from . import sign_in
from .bicc import Extracts
from .given import given
from .options import (
    FULLEST,
    OPTIONS,
    READS,
    RIGHTS,
    SILENT,
    SITE_SETTINGS,
    VARIANTS,
    checked,
    lacking,
    site,
    written_by,
)
from .pod import Pod
from .problem import of_status, unauthorized
from .rest.service import RestService
from .site.codes import installment_id, transaction_id
from .soap.service import PATH as SOAP
from .soap.service import ProfileService, place


class FusionSimulator(BookSimulator):
    """A Fusion pod: four business units, over the moving book.

    A right is the duty role of a resource: without it its collection is empty, its rows are not there, and nobody says
    so; what is posted to it is answered with 403. The SOAP service refuses with a fault. With `read_by` bicc extracts
    of the payment schedules lie in the folder `bicc`: one of everything, then one whenever the book has moved.

    What the dossier leaves open was decided so: without `orderBy` what changed last comes first; a payment or a dispute
    changes LastUpdateDate of the whole transaction; an instalment that was closed by a write-off or a deduction stays
    Open; a dispute is for the instalments in their order, each as far as it is open; the account of a customer that
    documents name alone is there.
    """

    more_options: ClassVar[Mapping[str, Any]] = OPTIONS
    rights = RIGHTS
    site_settings = SITE_SETTINGS
    variants = VARIANTS
    fullest = FULLEST
    reads = READS
    hold_values = ("Y", "Y")
    pod: Pod
    rest: RestService
    soap: ProfileService
    extracts: Extracts | None = None

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare; `start` draws the book and serves. ValueError for an unknown option, NoFault for a fault."""
        super().__init__(options)
        checked(self.options)
        self.identity: sign_in.Identity | None = None
        if self.options["sign_in"] == "jwt":
            file = sign_in.key_file(Path(self.options["folder"]))
            self.identity = sign_in.Identity(file, float(self.options["token_life"]))

    @property
    def lacks(self) -> Mapping[str, str]:  # type: ignore[override]
        """Name what Fusion does not have, with the reason."""
        return lacking(self.options)

    def start(self) -> Mapping[str, str]:
        """Draw the book and serve; faults and the log know an operation of SOAP by its name."""
        settings = super().start()
        self._started().place = self._started().about = place
        return settings

    def connection(self, url: str) -> Mapping[str, str]:
        """Return the settings of a connection."""
        self.rest.url = self.soap.url = url
        found = {"base_url": url, **site(self.options)}
        known = next(iter(self.pod.ledger.invoices.by_id()), None)
        found |= {} if known is None else {"known_invoice": str(known)}
        if self.extracts:
            found |= {"read_by": "bicc", "bicc_folder": str(self.extracts.folder.resolve())}
        if self.identity is None:
            return found | {"user": sign_in.USER, "password": sign_in.PASSWORD}
        self.identity.url = f"{url}{sign_in.PATH}"
        key = str(self.identity.private_key)
        return found | {"client_id": sign_in.CLIENT_ID, "key_file": key, "token_url": self.identity.url}

    def answer(self, request: Request) -> Reply:
        """Answer a request."""
        if self.identity and request.path == sign_in.PATH:
            return self.identity.answer(request)
        known = self.identity.knows(request) if self.identity else sign_in.by_password(request)
        if not known:
            return unauthorized()
        return self.soap.answer(request) if request.path == SOAP else self.rest.answer(request)

    def error(self, status: int) -> Reply:
        """Word the body of a status that a fault asks for."""
        return of_status(status)

    def shrunk(self, reply: Reply) -> Reply:
        """Return a page with half of its rows, as if it were the last."""
        page = Request("GET", "", "", {}, reply.body).json
        if not isinstance(page, dict) or "items" not in page:
            return reply
        kept = page["items"][: len(page["items"]) // 2]
        told = {"totalResults": page["offset"] + len(kept)} if "totalResults" in page else {}
        return replace(json_reply(page | {"items": kept, "count": len(kept), "hasMore": False, **told}))

    def deny(self, right: str) -> None:
        """Withdraw a right; one of those that nobody can see to be missing, too."""
        if right in SILENT:
            self.denied.add(right)
        else:
            super().deny(right)

    def given(self, stream: Stream) -> Iterator[dict[str, Any]]:
        """Yield the rows that a connector shall read now."""
        with self.moving:
            extracted = self.extracts is not None
            memos_close, applied = (bool(self.options[name]) for name in ("credit_memo_installments", "applications"))
            rows = given(
                self.pod.ledger, self.pod.accounts, stream,
                extracted=extracted, memos_close=memos_close, applied=applied,
            )  # fmt: skip
            return iter(list(rows))

    def open_balances(self) -> dict[tuple[str, str, str], Decimal]:
        """Add up the instalments, and what is unapplied of receipts, by business unit, account and currency."""
        with self.moving:
            return balances(self.pod.ledger.lines())

    def open_totals(self) -> dict[tuple[str, str], Decimal]:
        """Return what is open by business unit and currency, zeros left out."""
        sums: dict[tuple[str, str], Decimal] = {}
        for (company, _, currency), left in self.open_balances().items():
            sums[company, currency] = sums.get((company, currency), Decimal(0)) + left
        return {pair: total for pair, total in sorted(sums.items()) if total}

    def carried(self, changes: Sequence[Change]) -> None:
        """Make the rows anew that changed, all of them at first; write an extract of them."""
        if hasattr(self, "pod"):
            self.pod.carry(changes)
        else:
            self.pod = Pod(self.book, self.kept, lambda: self.now, self.keep)
            self.rest = RestService(self.pod.resources(self.options), self.denied)
            self.soap = ProfileService(self.pod.accounts, self.denied, self.keep)
            if self.options["read_by"] == "bicc":
                self.extracts = Extracts(Path(self.options["folder"]) / "bicc", self.pod.ledger)
        self.extract()

    def extract(self) -> int:
        """Let BICC's schedule run, where there is one; return the number of rows that it wrote."""
        return self.extracts.write(self.now) if self.extracts else 0

    def spoil(self, item: str, flaw: str = DATE) -> None:
        """Let the date of an item's transaction be none: its year was typed with two digits."""
        with self.moving:
            self.pod.ledger.spoil(item)
            self.extract()

    def spoil_payment(self, payment: str, flaw: str = DATE) -> None:
        """Let the date of a payment's receipt be none."""
        with self.moving:
            self.pod.ledger.spoil_payment(payment)
            self.extract()

    def writes(self, kind: CommandKind) -> Calls:
        """Say which requests carry out a command."""
        return written_by(kind)

    def notes(self, customer: str) -> list[str]:
        """Return the notes on a customer: the pod has none."""
        return []

    def texts(self, customer: str) -> list[str]:
        """Return the texts in which a customer's notes stand: none."""
        return []

    def user_writes_note(self, customer: str, text: str) -> None:
        """Refuse: the pod has no notes on customers."""
        raise ValueError(self.lacks["add_note"])

    def hold(self, company: str, customer: str) -> str | None:
        """Return CreditHold of the account's profile, which holds in all business units; None for N."""
        with self.moving:
            held = self.pod.accounts.profile(customer)["CreditHold"]
        return "Y" if held == "Y" else None

    def user_sets_hold(self, company: str, customer: str, value: str | None) -> None:
        """Let a user of the pod set or lift a hold."""
        with self.moving:
            self.pod.accounts.say(customer, {"CreditHold": value or "N"})
            self.keep()

    def decide_dispute(self, number: str, decision: str = "Approved") -> None:
        """Let somebody approve or reject a dispute request: the amount is in dispute no more."""
        with self.moving:
            self.pod.disputes.decide(number, decision)
            self.extract()

    def seen(self, kind: CommandKind, company: str, customer: str, item: str | None) -> Mapping[str, Any]:
        """Return what became of a promise or a dispute."""
        if item is None:
            return {}
        with self.moving:
            found = self.pod.ledger.item(item)
            if kind == "set_promise":
                made = self.pod.promises.of(installment_id(found))
                return {str(row["PromiseDetailId"]): f"{row['PromiseAmount']} on {row['PromiseDate']}" for row in made}
            asked = self.pod.disputes.of(transaction_id(found)) if kind == "set_dispute" else []
            return {each["RequestNumber"]: f"{each['body']} {each['status']}" for each in asked}

    def expire_tokens(self) -> int:
        """End all tokens now; return how many there were."""
        return self.identity.expire_tokens() if self.identity else 0

    def controls(self) -> dict[str, ControlRoute]:
        """Return the commands for other processes."""
        return {
            **super().controls(),
            "open_totals": lambda body: [[*key, str(total)] for key, total in self.open_totals().items()],
            "expire_tokens": lambda body: {"ended": self.expire_tokens()},
            "decide_dispute": lambda body: self.decide_dispute(str(body["request"]), body.get("decision", "Approved")),
        }
