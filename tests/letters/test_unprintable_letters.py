"""A letter that the fonts cannot print waits, says why, and keeps no other back."""

from __future__ import annotations

from pathlib import Path

from duehook.core.books import Books
from tests.rigs.delivery_site import due, rigged


def test_a_letter_to_a_name_that_no_font_has_waits_and_goes_once_it_can_be_printed(
    books: Books, database_url: str, tmp_path: Path
) -> None:
    with rigged(tmp_path, database_url) as rig:
        for key, name in (("A", "Ordinary Ltd"), ("J", "株式会社")):
            rig.erp.customer(key, name=name)
            rig.erp.invoice(f"{key}1", key, "100.00", due(10))
        rig.load()
        rig.approve()
        report = rig.deliver()
        assert report.sent == 1
        assert "no font for 会 (U+4F1A), 式 (U+5F0F)" in str(report.plain())
        assert "templates/fonts" in str(report.plain())
        rig.erp.customer("J", name="Kabushiki Kaisha")
        rig.load()
        rig.clock.later(hours=2)
        assert rig.deliver().sent == 1
