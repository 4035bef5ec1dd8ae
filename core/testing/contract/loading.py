"""Load the plugins that the kit looks at: the installed ones, and modules that are not installed yet."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable
from typing import Any

from duehook.core.errors import ConfigError
from duehook.core.plugins import Plugins


def named_values(given: Iterable[str]) -> dict[str, Any]:
    """Read `NAME=VALUE` from a command line; a value is JSON where it reads as such, else text."""
    found: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals:
            raise ConfigError(f"{each!r} says no value.", fix="write NAME=VALUE.")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def load_plugins(modules: Iterable[str] = ()) -> Plugins:
    """Return the installed plugins with these modules beside them, each under its TYPE."""
    plugins = Plugins.load()
    known = {each.name for each in plugins.report}
    for module in modules:
        loaded = importlib.import_module(module)
        name = getattr(loaded, "TYPE", module)
        if name not in known:
            plugins.add(name, loaded)
    return plugins
