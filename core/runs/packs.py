"""The policies and aging schemes of a site: its own folder over those that ship."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import ValidationError

from duehook.core.books.store.currencies import open_currencies
from duehook.core.deliver.wording import Templates
from duehook.core.errors import ConfigError, DuehookError
from duehook.core.policy.lint import Ways, lint
from duehook.core.policy.model import AgingScheme, Policy
from duehook.core.policy.packs import load_policies, load_schemes, shipped_policies, shipped_schemes
from duehook.core.policy.reader import Problem
from duehook.core.settings import Settings

from .site import Site

CHANNELS: Final = ("mail", "letter")
TEMPLATES: Final = "templates"


def policies(site: Site) -> dict[str, Policy]:
    """Return the policies by name; one of the site's own outranks a shipped one of that name."""
    folder = site.settings.path(site.settings.rules)
    return shipped_policies() | (load_policies(folder) if folder.is_dir() else {})


def currencies_in_use(site: Site) -> set[str]:
    """Return the currencies of all open items."""
    with site.books.read() as tx:
        return {currency for found in open_currencies(tx).values() for currency in found}


def templates_of(site: Site) -> Templates:
    """Return the templates in force: the site's, else the shipped ones."""
    return Templates(site.settings.path(TEMPLATES))


def own_fonts(settings: Settings) -> Path | None:
    """Return the folder of the site's own fonts, None where there is none."""
    folder = settings.path(TEMPLATES) / "fonts"
    return folder if folder.is_dir() else None


def ways(site: Site) -> Ways:
    """Return the channels and templates that the site's policies may name."""

    def offers(channel: str) -> bool:
        try:
            site.channel(channel).close()
        except ValidationError:  # its settings are at fault, so it is there
            return True
        except DuehookError:
            return False
        return True

    return Ways(CHANNELS, templates_of(site).names(), offers)


def own_policies(site: Site) -> tuple[int, list[Problem]]:
    """Count the site's own policy files, and return their mistakes."""
    folder = site.settings.path(site.settings.rules)
    if not folder.is_dir():
        return 0, []
    return sum(1 for _ in folder.glob("*.yaml")), lint(folder, (), ways(site))


def schemes(site: Site) -> dict[str, AgingScheme]:
    """Return the aging schemes by name, the site's own first."""
    folder = site.settings.path(site.settings.rules) / "aging"
    return shipped_schemes() | (load_schemes(folder) if folder.is_dir() else {})


def scheme_of(site: Site, company: str) -> AgingScheme:
    """Return the scheme that the company's aging is stored by."""
    name, known = site.settings.company(company).aging, schemes(site)
    if name not in known:
        raise ConfigError(
            f"companies.{company}.aging: there is no scheme {name!r}.", fix=f"name one of {', '.join(known)}."
        )
    return known[name]
