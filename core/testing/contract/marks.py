"""The marks of the kit's tests: which grade asks for one, and whether an ERP may lack what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pytest

MARK: Final = "duehook_grade"
FEATURE: Final = "duehook_feature"
NOT_ASKED: Final = "not asked: "  # how the reason begins for which a live ERP was not asked

bronze = pytest.mark.duehook_grade("bronze")
silver = pytest.mark.duehook_grade("silver")
gold = pytest.mark.duehook_grade("gold")
platinum = pytest.mark.duehook_grade("platinum")
feature = pytest.mark.duehook_feature


def needs(lacks: Mapping[str, str], name: str) -> None:
    """Leave a test out where the ERP says that it has no such thing."""
    if name in lacks:
        pytest.skip(f"lacks {name}: {lacks[name]}")
