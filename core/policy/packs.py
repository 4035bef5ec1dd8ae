"""Finds the shipped packs and schemes, and a site's own beside them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from duehook.core.errors import NotFound

from .model import AgingScheme, Policy
from .read import load_policy
from .reader import suggestion
from .scheme import load_scheme


def shipped_policies() -> dict[str, Policy]:
    """Return the policies that come with Duehook, by name."""
    return dict(_shipped()[0])


def shipped_schemes() -> dict[str, AgingScheme]:
    """Return the aging schemes that come with Duehook, by name."""
    return dict(_shipped()[1])


@cache
def _shipped() -> tuple[dict[str, Policy], dict[str, AgingScheme]]:
    """Read them once a process: they are part of the programme."""
    with as_file(files("duehook.rules")) as folder:
        return load_policies(folder), load_schemes(folder / "aging")


def load_policies(folder: Path) -> dict[str, Policy]:
    """Read every policy of a folder, by name."""
    return {policy.name: policy for policy in map(load_policy, sorted(folder.glob("*.yaml")))}


def load_schemes(folder: Path) -> dict[str, AgingScheme]:
    """Read every aging scheme of a folder, by name."""
    return {scheme.name: scheme for scheme in map(load_scheme, sorted(folder.glob("*.yaml")))}


def named(policies: Mapping[str, Policy], name: str) -> Policy:
    """Return the policy of that name. Raises NotFound with the nearest name."""
    if name not in policies:
        raise NotFound(f"There is no policy `{name}`.", fix=suggestion(name, policies))
    return policies[name]


def governing(debtor: str | None, group: str | None, company: str) -> str:
    """Return the name of the policy that holds: the debtor's own, else its group's, else the company's."""
    return debtor or group or company
