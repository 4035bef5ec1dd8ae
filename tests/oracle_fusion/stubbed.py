"""A server that answers as a pod of Fusion does, from rows that a test gives it: no more than the tests ask."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from duehook.core.testing.simulator import Reply, Request, SimulatorServer, json_reply
from duehook.plugins.oracle_fusion.settings import FusionSettings

Row = dict[str, Any]
NS = "http://xmlns.oracle.com/apps/financials/receivables/customers/customerProfileService/"
IDS = {
    "receivablesInvoices": "CustomerTransactionId", "receivablesCreditMemos": "CustomerTransactionId",
    "standardReceipts": "StandardReceiptId", "hubOrganizations": "PartyId", "collectionPromises": "PromiseDetailId",
    "receivablesCustomerAccountActivities": "AccountId",
}  # fmt: skip
CONDITION = re.compile(r"([\w.]+)\s*(!=|>=|<=|=|>|<| in )\s*(.+)\Z")
ENVELOPE = '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>{}</env:Body></env:Envelope>'
FAULT = ENVELOPE.format("<env:Fault><faultcode>env:Server</faultcode><faultstring>{}</faultstring></env:Fault>")


class Stub:
    """A pod with one invoice of account 1006. `special` may answer a request in the place of the rows."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {name: [] for name in IDS}
        self.profiles: dict[str, Row] = {}
        self.posted: list[tuple[str, Row]] = []
        self.requests: list[Request] = []
        self.refused: set[str] = set()  # attributes that cannot be asked by, and "in" for lists
        self.special: Callable[[Request], Reply | None] = lambda request: None
        self.server = SimulatorServer(self.handle, clock=lambda: datetime(2026, 3, 2, 23, 45, tzinfo=UTC))
        self.url = self.server.start()
        self.invoice(300000000000000001)
        self.profile("1006", PartyNumber="CDRM_1")
        self.party(1, "Example Inc")

    def invoice(self, number: int, **more: Any) -> Row:
        """Add an invoice over 2000 USD of which 1250 are open, in one instalment."""
        part = {
            "InstallmentId": number + 5000, "InstallmentSequenceNumber": 1, "InstallmentDueDate": "2026-03-31",
            "OriginalAmount": 2000, "InstallmentBalanceDue": 1250.5, "AccountedBalanceDue": 1250.5,
            "InstallmentStatus": "Open", "InstallmentClosedDate": None, "DisputeAmount": None,
        }  # fmt: skip
        part |= more.pop("part", {})
        row = {
            "CustomerTransactionId": number, "TransactionNumber": str(number % 1000000), "BusinessUnit": "Vision",
            "TransactionDate": "2026-03-01", "AccountingDate": "2026-03-01", "TransactionType": "Invoice",
            "InvoiceCurrencyCode": "USD", "InvoiceBalanceAmount": part["InstallmentBalanceDue"],
            "BillToCustomerName": "Example", "BillToCustomerNumber": "1006", "PaymentTerms": "30 Net",
            "PurchaseOrder": "PO-1", "LastUpdateDate": "2026-03-01T10:00:00+00:00",
            "receivablesInvoiceInstallments": [part], **more,
        }  # fmt: skip
        self.rows["receivablesInvoices"].append(row)
        return row

    def credit_memo(self, number: int, **more: Any) -> Row:
        """Add a credit memo over 75.50 USD."""
        part = {
            "InstallmentId": number + 5000, "InstallmentSequenceNumber": 1, "InstallmentDueDate": "2026-03-01",
            "OriginalAmount": -75.5, "InstallmentBalanceDue": -75.5, "AccountedBalanceDue": -75.5,
        }  # fmt: skip
        row = {
            "CustomerTransactionId": number, "TransactionNumber": f"CM{number % 1000}", "BusinessUnit": "Vision",
            "TransactionDate": "2026-03-01", "AccountingDate": "2026-03-01", "CreditMemoCurrency": "USD",
            "TransactionBalanceDue": -75.5, "EnteredAmount": -75.5, "BillToCustomerNumber": "1006",
            "LastUpdateDate": "2026-03-01T11:00:00Z",
            "receivablesCreditMemoInstallments": [part | more.pop("part", {})],
            **more,
        }  # fmt: skip
        self.rows["receivablesCreditMemos"].append(row)
        return row

    def receipt(self, number: int, amount: Any = 500, left: Any = 0, **more: Any) -> Row:
        """Add a receipt of account 1006."""
        row = {
            "StandardReceiptId": number, "ReceiptNumber": f"RC{number}", "ReceiptDate": "2026-03-02",
            "AccountingDate": "2026-03-02", "BusinessUnit": "Vision", "Amount": amount, "UnappliedAmount": left,
            "Currency": "USD", "State": "Unapplied" if left else "Applied", "ReceiptMethod": "Wire",
            "CustomerName": "Example", "CustomerAccountNumber": "1006",
            "LastUpdateDate": "2026-03-02T09:00:00Z", **more,
        }  # fmt: skip
        self.rows["standardReceipts"].append(row)
        return row

    def party(self, number: int, name: str, **more: Any) -> Row:
        """Add a party."""
        row = {"PartyId": number, "PartyNumber": f"CDRM_{number}", "OrganizationName": name,
               "EmailAddress": "ap@example.com", **more}  # fmt: skip
        self.rows["hubOrganizations"].append(row)
        return row

    def account(self, number: str, party: int = 1, name: str = "Example Inc", **more: Any) -> None:
        """Let the activities of an account tell whose it is, and what was applied."""
        row = {"AccountId": int(number) + 100000, "AccountNumber": number, "CustomerId": party, "CustomerName": name,
               "standardReceiptApplications": [], "creditMemoApplications": [], **more}  # fmt: skip
        self.rows["receivablesCustomerAccountActivities"].append(row)

    def profile(self, account: str, **more: Any) -> None:
        """Give an account a profile."""
        self.profiles[account] = {"AccountNumber": account, "CreditHold": "N", **more}

    def handle(self, request: Request) -> Reply:
        """Answer a request."""
        self.requests.append(request)
        special = self.special(request)
        if special is not None:
            return special
        if "fscmService" in request.path:
            return self._soap(request)
        name, _, below = request.path.partition("/11.13.18.05/")[2].partition("/")
        if request.method == "POST":
            return self._post(name + (f"/{below}" if below else ""), json.loads(request.body))
        if below == "describe":
            return json_reply({"Resources": {name: {"attributes": [], "children": {}}}})
        return self.asked_for(name, dict(parse_qsl(request.query)))

    def asked_for(self, name: str, options: Row) -> Reply:
        """Answer a question from the rows."""
        rows = list(self.rows[name])
        for condition in filter(None, options.get("q", "").split(";")):
            match = CONDITION.match(condition)
            assert match, condition
            if match[1] in self.refused or (match[2] == " in " and "in" in self.refused):
                detail = f"URL request parameter q cannot be used in this context: {match[1]}"
                return json_reply({"title": "Bad Request", "o:errorDetails": [{"detail": detail}]}, 400)
            rows = [row for row in rows if _holds(row, *match.groups())]
        name, _, way = options["orderBy"].partition(":")
        rows.sort(key=lambda row: row[name], reverse=way == "desc")
        page = rows[: int(options["limit"])]
        body = {
            "items": page, "count": len(page), "hasMore": len(page) < len(rows), "limit": int(options["limit"]),
            "offset": 0, "totalResults": len(rows),
        }  # fmt: skip
        return json_reply(body)

    def _post(self, name: str, values: Row) -> Reply:
        self.posted.append((name, values))
        if name == "collectionPromises":
            row = {**values, "PromiseDetailId": 300000000000900001 + len(self.posted), "PromiseStatus": "OPEN"}
            self.rows[name].append(row)
            return json_reply(row, 201)
        for row in self.rows["receivablesInvoices"]:
            if row["CustomerTransactionId"] == values["CustomerTransactionId"]:
                row["receivablesInvoiceInstallments"][0]["DisputeAmount"] = values["DisputeAmount"]
        return json_reply({"RequestNumber": 77}, 201)

    def _soap(self, request: Request) -> Reply:
        text = request.body.decode()
        told = dict(re.findall(r"<ns\d+:(\w+)[^>]*>([^<]*)</ns", text))
        held = self.profiles.get(told["AccountNumber"])
        if held is None:
            words = f"FND:::FND_CMN_RCRD_MSNG The record for Account Number {told['AccountNumber']} doesn't exist."
            return Reply(FAULT.format(words).encode(), 500, "text/xml")
        operation = "updateCustomerProfile" if "updateCustomerProfile" in text else "getActiveCustomerProfile"
        if operation == "updateCustomerProfile":
            self.posted.append((operation, told))
            if "Version" in held and told.get("Version") != held["Version"]:
                words = "JBO-25014: Another user has changed the row"
                return Reply(FAULT.format(words).encode(), 500, "text/xml")
            held |= told
        values = "".join(f"<s:{name}>{value}</s:{name}>" for name, value in held.items())
        body = f'<t:{operation}Response xmlns:t="{NS}types/" xmlns:s="{NS}"><t:result><s:Value>{values}</s:Value>'
        body += f"</t:result></t:{operation}Response>"
        return Reply(ENVELOPE.format(body).encode(), 200, "text/xml")

    @property
    def asked(self) -> list[str]:
        """Return the conditions that were asked by, the newest last."""
        queries = [dict(parse_qsl(each.query)) for each in self.requests]
        return [query["q"] for query in queries if "q" in query]


def settings_of(stub: Stub, **more: Any) -> FusionSettings:
    """Return the settings of a connection to the stub."""
    given = {
        "base_url": stub.url, "user": "DUEHOOK", "password": "secret", "calls_per_second": 1000,
        "business_units": [{"name": "Vision", "currency": "USD"}], **more,
    }  # fmt: skip
    return FusionSettings.model_validate(given)


def _holds(row: Row, name: str, operator: str, literal: str) -> bool:
    child, _, inner = name.partition(".")
    rows = row[child] if inner else [row]
    return any(_compared(each.get(inner or child), operator.strip(), literal.strip()) for each in rows)


def _compared(held: Any, operator: str, literal: str) -> bool:
    if operator == "in":
        return str(held) in [each.strip("'") for each in literal.strip("()").split(",")]
    value: Any = literal.strip("'").replace("''", "'")
    if held is None:
        return False
    if isinstance(held, str) and "T" in value and len(value) > 15:
        held, value = datetime.fromisoformat(held), datetime.fromisoformat(value)
    elif not isinstance(held, str):
        value = float(value) if "." in value or isinstance(held, float) else int(value)
    return bool({
        "=": held == value, "!=": held != value, ">": held > value, ">=": held >= value, "<": held < value,
        "<=": held <= value,
    }[operator])  # fmt: skip
