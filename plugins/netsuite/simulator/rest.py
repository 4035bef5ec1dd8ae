"""The REST services of the account: who is signed in, what the role may, and which service answers."""

from __future__ import annotations

from dataclasses import dataclass

from duehook.core.testing.simulator import Reply, Request

from .options import REST, WORKBOOK
from .problem import Refused, invalid_login, no_permission
from .records.service import ROOT as RECORDS
from .records.service import Records
from .sign_in.oauth2 import Mapped
from .sign_in.tba import Token
from .suiteql.service import PATH as SUITEQL
from .suiteql.service import SuiteQLService
from .tables.codes import RECORD_OF
from .tables.schema import SEEN_BY


@dataclass(frozen=True)
class Rest:
    """Answers what comes in under /services/rest; `denied` are the rights that the role has not now."""

    token: Token
    mapped: Mapped | None
    suiteql: SuiteQLService
    records: Records
    denied: set[str]

    def answer(self, request: Request, *, closed: bool) -> Reply:
        """Answer a request; where it is `closed`, the role may use no REST service."""
        try:
            return self._allowed(request, closed=closed)
        except Refused as refused:
            return refused.reply

    def about(self, request: Request) -> str:
        """Say what a request asks about: the tables of a query, else its path."""
        return f"{request.path} {' '.join(self.suiteql.tables(request))}" if request.path == SUITEQL else request.path

    def _allowed(self, request: Request, *, closed: bool) -> Reply:
        if not self._signed_in(request):
            raise invalid_login()
        if closed or REST in self.denied:
            raise no_permission(REST)
        if request.path == SUITEQL:
            if WORKBOOK in self.denied:
                raise no_permission(WORKBOOK)
            hidden = frozenset(table for right in self.denied for table in SEEN_BY.get(right, ()))
            return self.suiteql.answer(request, hidden)
        if request.path.startswith(RECORDS):
            return self._record(request)
        raise Refused(404, f"The requested resource '{request.path}' was not found.", "NOT_FOUND")

    def _record(self, request: Request) -> Reply:
        named = request.path.removeprefix(RECORDS).lower()
        record = named.removeprefix("metadata-catalog/").partition("/")[0]
        right = "transaction" if record in RECORD_OF.values() else record
        if right in self.denied:
            raise no_permission("Transactions" if right == "transaction" else "Customers")
        return self.records.answer(request)

    def _signed_in(self, request: Request) -> bool:
        if not self.mapped:
            return self.token.signed(request)
        header = next((text for name, text in request.headers.items() if name.lower() == "authorization"), "")
        scheme, _, token = header.partition(" ")
        return scheme.lower() == "bearer" and self.mapped.knows(token)
