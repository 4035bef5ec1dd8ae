"""What the kit asks once for each way that a simulator names: its variants, flaws and half references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from duehook.core.errors import DuehookError

from .loading import load_plugins, named_values

# What a test asks for, where the simulator names it, and what `lacks` calls it.
CHOICES: Final[Mapping[str, tuple[str, str]]] = {
    "variant": ("variants", "variants"),
    "flaw": ("flaws", "flaws"),
    "half": ("half_references", "half references"),
}
_ASKED: Final = pytest.StashKey[Any]()


def offer(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each choice that it asks for; where there is none, it is left out with the reason."""
    for name in CHOICES.keys() & set(metafunc.fixturenames):
        attribute, feature = CHOICES[name]
        simulator = _simulator(metafunc.config)
        found: list[Any] = list(getattr(simulator, attribute, ()))
        if not found:
            why = getattr(simulator, "lacks", {}).get(feature, "its simulator names none")
            found = [pytest.param("", marks=pytest.mark.skip(f"lacks {feature}: {why}"))]
        metafunc.parametrize(name, found, scope="module" if name == "variant" else None)


def _simulator(config: pytest.Config) -> Any:
    """Return the connector's simulator, made but not started; None where the plugin gives none."""
    if _ASKED not in config.stash:
        options = named_values(config.getoption("--duehook-option"))
        try:
            plugins = load_plugins(config.getoption("--duehook-plugin"))
            config.stash[_ASKED] = plugins.simulator(str(config.getoption("--duehook-connector")), options)
        except DuehookError:  # each test tells it
            config.stash[_ASKED] = None
    return config.stash[_ASKED]
