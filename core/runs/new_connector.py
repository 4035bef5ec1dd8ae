"""Write the package of a new connector: the template's files under the connector's own name."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from duehook.core.errors import DuehookError
from duehook.core.plugins import Plugins
from duehook.core.scaffold.template import PACKAGE, package

README: Final = "README.md"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST: Final = 40


class NotMade(DuehookError):
    """The package cannot be made; nothing was written."""

    exit_code = 2


def new_connector(name: str, folder: Path, plugins: Plugins) -> list[str]:
    """Write the package into a folder that is not there yet; return its files, in order.

    Raises NotMade for a name that is none or is taken, and for a folder that is there or cannot be made.
    """
    _refuse_name(name, plugins)
    if folder.exists() or folder.is_symlink():
        raise NotMade(f"{folder} is there already; nothing was written.", fix="name another with --folder.")
    texts = package(name)
    try:
        folder.mkdir(parents=True)
        for place, text in texts.items():
            file = folder / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        (folder / README).symlink_to(f"{PACKAGE.format(name)}/{README}")
    except OSError as error:
        told = f"{error.filename or folder} cannot be written: {error.strerror}."
        raise NotMade(told, fix="name a folder with --folder that you may write, and remove what was begun.") from error
    return sorted([*texts, README])


def _refuse_name(name: str, plugins: Plugins) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        fix = f"use lower-case letters, digits and single underscores, a letter first, at most {_LONGEST}: oracle_ebs."
        raise NotMade(f"{name!r} is no name for a connector.", fix=fix)
    known = {each.name: each.version or each.origin for each in plugins.report} | dict.fromkeys(
        plugins.connection_types(), ""
    )
    if name in known:
        origin = f" ({known[name]})" if known[name] else ""
        raise NotMade(f"a plugin {name} is installed already{origin}.", fix="take another name, or uninstall it.")
    if find_spec(f"duehook_{name}") is not None:
        raise NotMade(f"a module duehook_{name} is installed already.", fix="take another name, or uninstall it.")
