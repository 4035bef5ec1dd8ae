"""Where everything stands: the addresses of API v2.0 and of the web services, and the company in each."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote, unquote

from duehook.core.testing.odata import EntitySet, ODataService
from duehook.core.testing.simulator import Reply, Request

from .service import DIALECT, Service, refusal
from .sets import company_list, of_api, of_web_services
from .tables.codes import company_id
from .tables.site import Site
from .writes import Writes

API: Final = "/api/v2.0/"
WEB: Final = "/ODataV4/"
_IN_API: Final = re.compile(r"companies\(([0-9a-fA-F-]{36})\)/(.+)")
_IN_WEB: Final = re.compile(r"Company\('((?:[^']|'')*)'\)/(.+)")
_NAME: Final = re.compile(r"[A-Za-z]\w*")
Place = tuple[str, str]  # api or web, and a company's id; none for what is outside of companies


class Endpoints:
    """The services of a site by their addresses under `base`.

    `denied` are the sets that the application may not use. `write_with` gives what carries out writes in a company.
    """

    def __init__(
        self, site: Site, base: str, options: Mapping[str, Any],
        *, write_with: Callable[[str], Writes], denied: Collection[str],
    ) -> None:  # fmt: skip
        """Make all services."""
        self._base, self._denied = base, denied
        self._names = {company.name: company_id(code) for code, company in site.book.companies.items()}
        self._services: dict[Place, Service] = {}
        size, scheme = int(options["page_size"]), "https" if options["https"] else "http"

        def add(place: Place, root: str, sets: list[EntitySet]) -> None:
            namespace = "Microsoft.NAV" if place[0] == "api" else "NAV"
            found = {each.name: each for each in sets}
            self._services[place] = Service(base + root, namespace, DIALECT, found, page_size=size, scheme=scheme)

        for name, company in self._names.items():
            writes = write_with(company)
            add(("api", company), f"{API}companies({company})/", list(of_api(site, company, writes, options)))
            services = list(of_web_services(site, company, writes, options))
            add(("web", company), f"{WEB}Company('{quote(_doubled(name))}')/", services)
        first = next(iter(self._names.values()))
        add(("api", ""), API, [company_list(site), *self._services["api", first].sets.values()])
        add(("web", ""), WEB, list(self._services["web", first].sets.values()))

    def answer(self, request: Request) -> Reply:
        """Answer a request that is signed in."""
        path = request.path.removeprefix(self._base)
        if path == request.path:
            return refusal(404, "The environment does not exist.", "Internal_TenantUnavailable")
        if path.startswith(API):
            return self._in_api(path.removeprefix(API), request)
        if path.startswith(WEB):
            return self._in_web(path.removeprefix(WEB), request)
        return _nowhere(path)

    def shrunk(self, reply: Reply) -> Reply:
        """Return a page with half of its rows, as if it were the last."""
        services: list[ODataService] = list(self._services.values())
        return next((found for each in services if (found := each.shrunk(reply)) is not reply), reply)

    def _in_api(self, rest: str, request: Request) -> Reply:
        inside = _IN_API.fullmatch(unquote(rest))
        if inside is None:
            outside = _first(rest)
            if outside not in ("companies", "$metadata", ""):
                return refusal(400, "You must choose a company: companies(<id>).", "Internal_CompanyNotFound")
            return self._of(("api", ""), rest, request)
        company = inside.group(1).lower()
        if ("api", company) not in self._services:
            return refusal(404, f"The company with id {company} does not exist.", "Internal_CompanyNotFound")
        inner = rest.partition("/")[2]
        if _first(inner) == "contactsInformation" and "relatedId" not in request.query:
            return refusal(400, "id type not specified.", "Application_DialogException")
        return self._of(("api", company), inner, request)

    def _in_web(self, rest: str, request: Request) -> Reply:
        inside = _IN_WEB.fullmatch(unquote(rest))
        if inside is None:
            if rest == "$metadata":
                return self._of(("web", ""), rest, request)
            said = "Cannot process the request because the default company cannot be found."
            return refusal(404, said, "Internal_CompanyNotFound")
        company = self._names.get(inside.group(1).replace("''", "'"))
        if company is None:
            return refusal(404, f'The company "{inside.group(1)}" does not exist.', "Internal_CompanyNotFound")
        return self._of(("web", company), rest.partition(")/")[2], request)

    def _of(self, place: Place, rest: str, request: Request) -> Reply:
        """Let a service answer, unless the application may not use the set that is asked for."""
        name = _first(rest)
        if name in self._denied:
            return refusal(403, f"You do not have the permissions that {name} needs: Read.")
        service = self._services[place]
        return service.answer(replace(request, path=service.root + rest))


def _first(rest: str) -> str:
    found = _NAME.match(rest)
    return found.group() if found else rest


def _doubled(name: str) -> str:
    return name.replace("'", "''")


def _nowhere(path: str) -> Reply:
    segment = path.strip("/").partition("/")[0]
    return refusal(404, f"Resource not found for the segment '{segment}'.", "BadRequest_ResourceNotFound")
