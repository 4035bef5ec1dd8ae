"""Rows by an attribute that no two have alike: many in one question where the pod takes a list, else one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice

from duehook.plugins.oracle_fusion.client.answers import Row
from duehook.plugins.oracle_fusion.client.errors import NotQueryable
from duehook.plugins.oracle_fusion.client.service import Asked
from duehook.plugins.oracle_fusion.resources import Resource, among
from duehook.plugins.oracle_fusion.site import FusionSite


class Listed:
    """Asks for rows by lists, until this pod takes none."""

    def __init__(self, site: FusionSite) -> None:
        """Take the site."""
        self._site, self._at_once = site, site.settings.rows_at_once

    def rows(
        self, resource: Resource, name: str, asked: Iterable[str], *, fields: Collection[str] = (),
        expand: bool = False,
    ) -> list[Row]:  # fmt: skip
        """Return the rows whose attribute is one of these, each written as it stands in a condition."""
        found, left = list[Row](), list(dict.fromkeys(asked))
        while left:
            chunk = left[: self._at_once]
            one = Asked(resource, [_is_of(name, chunk)], [*fields], expand)
            try:  # all that can come are enough: no proof of an end is asked for
                found += islice(self._site.service.every(one), len(chunk))
            except NotQueryable:
                if len(chunk) == 1:
                    raise
                self._at_once = 1
                continue
            del left[: len(chunk)]
        return found


def _is_of(name: str, chunk: Collection[str]) -> str:
    return among(name, chunk) if len(chunk) > 1 else f"{name}={next(iter(chunk))}"
