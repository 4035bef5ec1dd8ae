"""What `check` advises on an F&O environment."""

from __future__ import annotations

from .connected import Connect
from .simulated import Client, healthy


def test_what_is_advised_of_f_and_os_own_letters_does_not_stop_ours(small: Client, connect: Connect) -> None:
    made = connect(small)
    (told,) = [each for each in made.customers.check() if each.subject == "F&O's own letters"]
    assert (told.ok, told.severity) == (False, "warning")
    assert told.advice == (
        "run no collection letters in F&O for customers that Duehook writes to; their Collection letter code may "
        "stay, for None is read as a block and stops Duehook's letters too."
    )


def test_a_customer_that_gets_no_letters_from_f_and_o_is_blocked_here(small: Client, connect: Connect) -> None:
    area, account = healthy(small)
    small.simulator.site.masters.say((area, account), {"CollectionLetterCode": "None"})
    blocks = {(row["company"], row["key"]): row["dunning_block"] for row in connect(small).rows("customer")}
    assert blocks[area, account] == "no collection letters"
