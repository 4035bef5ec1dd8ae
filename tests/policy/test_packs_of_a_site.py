"""What a site's own policies may name: its channels, also one that is not set up yet, and its aging schemes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from duehook.core import hookimpl
from duehook.core.books import Books
from duehook.core.errors import ConfigError
from duehook.core.runs.packs import scheme_of, ways
from tests.rigs.delivery_site import Rig, rigged


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path) -> Iterator[Rig]:
    with rigged(tmp_path, database_url) as made:
        yield made


class PagerSettings(BaseModel):
    """What the pager cannot do without."""

    number: str


class Pager:
    """A plugin with a channel of its own."""

    @hookimpl
    def channel(self, name: str, settings: Mapping[str, Any]) -> Any:
        return PagerSettings.model_validate(dict(settings)) if name == "pager" else None


def test_a_channel_is_offered_when_a_plugin_has_it_whatever_its_settings_lack(rig: Rig) -> None:
    rig.site.plugins.add("pager", Pager())
    offers = ways(rig.site).offers
    assert [offers(name) for name in ("letter", "pager", "fax")] == [True, True, False]


def test_an_aging_scheme_that_is_none_names_those_there_are(rig: Rig) -> None:
    company = rig.site.settings.companies["01"].model_copy(update={"aging": "month"})
    assert scheme_of(rig.site, "01").name == "standard"
    rig.set(companies={"01": company})
    with pytest.raises(ConfigError, match=r"companies\.01\.aging: there is no scheme 'month'.*standard, weekly"):
        scheme_of(rig.site, "01")
