"""The shipped policies can be followed: every step has its wording, in every language we ship."""

from __future__ import annotations

import pytest

from duehook.core.deliver.wording import Templates
from duehook.core.policy.packs import shipped_policies

LANGUAGES = ("de", "en")


@pytest.mark.parametrize("name", ["default", "gentle", "strict"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_of_a_pack_has_its_wording(name: str, language: str) -> None:
    policy = shipped_policies()[name]
    steps = [(level.template, level.formal) for level in policy.levels]
    steps += [(policy.pre_due.template, False)] if policy.pre_due else []
    templates = Templates(None)
    for template, formal in steps:
        assert templates.wording(template, [language], formal=formal).language == language


def test_a_dunning_level_never_uses_the_wording_for_what_is_not_due_yet() -> None:
    used = {level.template for policy in shipped_policies().values() for level in policy.levels}
    assert "reminder" not in used
