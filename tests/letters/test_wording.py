"""Wording by name and language: shipped, a site's own, and none at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from duehook.core.deliver import formats
from duehook.core.deliver.wording import LABELS, NoWording, Templates
from duehook.core.errors import ConfigError
from tests.rigs.notice_letter import letter, site

NAMES = ("reminder", "friendly", "firm", "final", "formal_demand", "hold_warning")


def test_the_shipped_wording_passes_its_own_check() -> None:
    assert Templates().check() == []


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pay_by_on", [None, date(2026, 3, 24)])
def test_every_wording_names_the_sum_and_the_number(name: str, language: str, pay_by_on: date | None) -> None:
    notice = letter(language=language, pay_by_on=pay_by_on, hold_on=pay_by_on)
    text = Templates().wording(name, [language]).text(notice)
    words = " ".join((*text.opening, *text.closing))
    assert formats.money(notice.demanded, "EUR", language) in text.subject
    assert formats.money(notice.demanded, "EUR", language) in words
    assert "N-000123" in text.subject
    assert "N-000123" in words
    assert (formats.day(date(2026, 3, 24), language) in words) == (pay_by_on is not None and name != "reminder")
    assert "  " not in words
    assert " ," not in words
    assert " ." not in words
    assert set(text.labels) == LABELS


def test_a_reminder_falls_back_to_the_companys_language_then_english() -> None:
    templates = Templates()
    assert templates.wording("firm", ["de-AT"]).language == "de"
    assert templates.wording("firm", ["fr", "de"]).language == "de"
    assert templates.wording("firm", ["fr"]).language == "en"


@pytest.mark.parametrize("language", ["fr", "../en", "en/../../x", "", "\x00"])
def test_a_formal_demand_has_no_fallback_language(language: str) -> None:
    with pytest.raises(NoWording, match=r"no wording: formal_demand .* Fix: write"):
        Templates().wording("formal_demand", [language, "en"])
    with pytest.raises(NoWording, match="no wording: firm"):
        Templates().wording("firm", [language, "en"], formal=True)


def test_a_name_is_no_path_and_a_layout_is_never_missing() -> None:
    with pytest.raises(ConfigError, match="is no name of a wording"):
        Templates().wording("../layout/labels", ["en"])
    with pytest.raises(ConfigError, match="layout/other.typ is missing"):
        Templates().need("layout/other.typ")


def test_a_wording_that_nobody_wrote_is_named() -> None:
    with pytest.raises(NoWording, match="no wording: thanks has no wording in de or en"):
        Templates().wording("thanks", ["de"])


OWN = """\
{% block subject %}Ours{% endblock %}
{% block opening %}Hi

you{% endblock %}
{% block closing %}Bye{% endblock %}
"""


def test_a_sites_own_wording_wins_and_has_its_own_hash(tmp_path: Path) -> None:
    shipped = Templates()
    own = site(tmp_path, "letters/firm.en.j2", OWN)
    text = own.wording("firm", ["en"]).text(letter())
    assert (text.subject, text.opening, text.closing) == ("Ours", ("Hi", "you"), ("Bye",))
    assert own.wording("firm", ["en"]).sha256 != shipped.wording("firm", ["en"]).sha256
    assert own.wording("final", ["en"]).sha256 == shipped.wording("final", ["en"]).sha256
    changed = {path for path, digest in own.digests().items() if digest != shipped.digests()[path]}
    assert changed == {"letters/firm.en.j2"}


def test_check_names_every_bad_file(tmp_path: Path) -> None:
    site(tmp_path, "letters/firm.fr.j2", OWN)
    site(tmp_path, "letters/final.en.j2", OWN.replace("Bye", "{{ notice.nope }}"))
    templates = site(tmp_path, "letters/firm.de.j2", OWN.replace("Hi", "{{ 'a' * 10 }}"))
    faults = "\n".join(map(str, templates.check()))
    assert f"{tmp_path}/letters/final.en.j2:5:30: there is no field 'nope' here." in faults
    assert f"{tmp_path}/letters/firm.de.j2:2:27: a template computes nothing." in faults
    assert "letters/firm.fr.j2 has no labels. Fix: write layout/labels.fr.j2." in faults
    assert len(templates.check()) == 3


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/firm.de.j2").write_bytes(OWN.replace("Hi", "Grüße").encode("latin-1"))
    with pytest.raises(ConfigError, match=r"firm\.de\.j2:1:1: cannot be read.*Fix: save it as UTF-8"):
        Templates(tmp_path).wording("firm", ["de"])
