"""Load the plugins that the kit looks at: the installed ones, and modules that are not installed yet."""

from __future__ import annotations

import importlib
from collections.abc import Iterable

from duehook.core.plugins import Plugins


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
