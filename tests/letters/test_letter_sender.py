"""Who a letter is from: bank account and mailbox by settings, else the letter waits; a rehearsal goes without."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from duehook.core.books import Books
from tests.rigs.delivery_site import Rig, due, rigged
from tests.rigs.small_erp import SmallErp


@pytest.fixture(params=["live", "shadow"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rig(books: Books, database_url: str, tmp_path: Path, mode: str) -> Iterator[Rig]:
    with rigged(tmp_path, database_url, mode=mode, erp=SmallErp()) as made:
        made.erp.customer("A")
        made.erp.invoice("1", "A", "100.00", due(10))
        yield made


def written(rig: Rig) -> EmailMessage:
    """Return the one mail that came."""
    ((_, content),) = [(mail[0], mail[-1]) for mail in rig.catcher.mails]
    return email.message_from_bytes(content, policy=email.policy.default)


def without(rig: Rig, name: str, nothing: object) -> None:
    company = rig.site.settings.companies["01"]
    rig.set(companies={"01": company.model_copy(update={name: nothing})})


def test_without_a_mailbox_a_letter_waits_and_a_rehearsal_is_from_the_catch_all(rig: Rig, mode: str) -> None:
    without(rig, "mailbox", None)
    rig.run()
    if mode == "live":
        assert rig.catcher.mails == []
        assert "there is no mailbox that a debtor could answer to. Fix: write companies.01.mailbox." in str(rig.tasks())
    else:
        assert "caught@site.example" in written(rig)["From"]


def test_without_a_bank_account_a_letter_waits_and_a_rehearsal_says_so(rig: Rig, mode: str) -> None:
    without(rig, "bank_accounts", ())
    rig.run()
    if mode == "live":
        assert rig.catcher.mails == []
        assert "add EUR to companies.01.bank_accounts" in str(rig.tasks())
    else:
        body = written(rig).get_body(("plain",))
        assert body is not None
        assert "(no bank account is set up)" in body.get_content()


@pytest.mark.parametrize("mode", ["live"])
def test_a_debtor_whose_only_address_cannot_be_one_gets_a_letter_on_paper(rig: Rig) -> None:
    rig.erp.contacts["A-1"] |= {"email": "a at debtor"}
    rig.run()
    assert rig.catcher.mails == []
    assert (rig.only().state, set(rig.tasks())) == ("in_doubt", {"letter_to_post", "no_address"})
