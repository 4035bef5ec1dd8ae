"""Notes: what others wrote stays, before and while we write, and any text comes over."""

from __future__ import annotations

from typing import Final

import pytest

from duehook.core.hookspecs import Target
from duehook.core.testing.book import Item
from duehook.core.testing.contract.erp import WrittenErp
from duehook.core.testing.contract.marks import feature, gold
from duehook.core.testing.contract.scenes.commands import Connect, ignored, note

pytestmark = gold
# More lines than a page shows, each kind of line end, and signs that count for one where nobody thinks of it.
LONG: Final = "\r\n".join(f"their line {number} " for number in range(205)) + "\r\n\x0c\x85\u2028\n\n  the end"


class TestNotes:
    """Notes: what others wrote stays, before and while we write, and any text comes over."""

    @pytest.fixture(autouse=True)
    def _can_note(self, erp: WrittenErp, target: Target) -> None:
        if "add_note" not in target.capabilities:
            pytest.skip(f"lacks add_note: {erp.lacks.get('add_note', 'refused as unsupported')}")

    @feature
    def test_a_second_note_stands_beside_the_first(self, erp: WrittenErp, target: Target, invoice: Item) -> None:
        for number in (1, 2):
            assert target.apply(note(erp, invoice, f"Call number {number}")).outcome == "done"
        assert _said(erp, invoice, "Call number 1", "Call number 2") == [1, 1]

    @feature
    def test_a_note_that_another_writes_between_our_look_and_our_write_stays(
        self, erp: WrittenErp, target: Target, connect: Connect, *, invoice: Item
    ) -> None:
        assert target.apply(note(erp, invoice, "Before")).outcome == "done"
        other = connect(erp).target
        assert other is not None
        erp.meanwhile(lambda: ignored(other.apply(note(erp, invoice, "Theirs"))), erp.writes("add_note"))
        assert target.apply(note(erp, invoice, "Ours")).outcome == "done"
        assert _said(erp, invoice, "Before", "Theirs", "Ours") == [1, 1, 1]

    @feature
    def test_the_first_note_of_another_between_our_look_and_our_write_stays(
        self, erp: WrittenErp, target: Target, connect: Connect, *, invoice: Item
    ) -> None:
        other = connect(erp).target
        assert other is not None
        erp.meanwhile(lambda: ignored(other.apply(note(erp, invoice, "Theirs"))), erp.writes("add_note"))
        assert target.apply(note(erp, invoice, "Ours")).outcome == "done"
        assert _said(erp, invoice, "Theirs", "Ours") == [1, 1]

    @feature
    def test_what_others_wrote_stays_to_the_last_sign_however_long_it_is(
        self, erp: WrittenErp, target: Target, invoice: Item
    ) -> None:
        erp.user_writes_note(invoice.customer, LONG)
        for number in (1, 2):
            assert target.apply(note(erp, invoice, f"Ours {number}")).outcome == "done"
        assert [LONG in text for text in erp.texts(invoice.customer)].count(True) == 1
        assert _said(erp, invoice, "Ours 1", "Ours 2") == [1, 1]

    @feature
    @pytest.mark.parametrize("text", ["O'Neil said: 'no'", "50 % <b>off</b> & more; a=b", 'Says "Łódź"\nand "Köln"'])
    def test_any_text_comes_over(self, text: str, erp: WrittenErp, target: Target, *, invoice: Item) -> None:
        wanted = note(erp, invoice, text)
        assert target.apply(wanted).outcome == "done"
        seen = " ".join(" ".join(erp.notes(invoice.customer)).split())
        assert " ".join(text.split()) in seen
        assert target.verify(wanted).outcome == "done"
        assert target.apply(wanted).outcome == "already"


def _said(erp: WrittenErp, item: Item, *texts: str) -> list[int]:
    everything = "\n".join(erp.notes(item.customer))
    return [everything.count(text) for text in texts]
