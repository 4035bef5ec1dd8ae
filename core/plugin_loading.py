"""Find plugins and load them one by one; one that breaks is named and stops nobody else."""

from __future__ import annotations

import difflib
import importlib.metadata
import importlib.util
import os
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal

import pluggy
import structlog
from pydantic import BaseModel

from duehook.core import hookspecs
from duehook.core.errors import DuehookError
from duehook.core.hookspecs import API, PROJECT
from duehook.core.plugin_watch import PluginFailed, guarded, in_time, words

OLDEST_API: Final = 1
HOOKS: Final = tuple(name for name, spec in vars(hookspecs).items() if hasattr(spec, f"{PROJECT}_spec"))
LOAD_SECONDS: Final = 30.0
HOOK_SECONDS: Final = 30.0
# These ask other systems about many debtors at once.
LONGER: Final = {"hold_reason": 300.0, "notice_issued": 300.0}
State = Literal["ok", "failed", "too new", "too old"]
_log = structlog.get_logger(__name__)


class Refused(DuehookError):
    """The code of a plugin is not run."""


@dataclass(frozen=True)
class Loaded:
    """What became of one plugin: its state, where it came from, and why it failed, if it did."""

    name: str
    state: State
    origin: str
    version: str = ""
    reason: str = ""
    hooks: tuple[str, ...] = ()

    @property
    def standing(self) -> str:
        """Say how it stands: that it failed, or is too new."""
        return self.state if self.state == "failed" else f"is {self.state}"

    @property
    def told(self) -> str:
        """Say why it is not in use."""
        return f"it is not loaded ({self.state}): {self.reason}"


@dataclass(frozen=True)
class Candidate:
    """A plugin that was found and not loaded yet."""

    name: str
    origin: str
    version: str
    load: Callable[[], object]


class Registry:
    """The plugins that were found, what became of each, and the way to ask one of them."""

    def __init__(self) -> None:
        """Start without any plugin."""
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._report: dict[tuple[str, str], Loaded] = {}

    @property
    def report(self) -> tuple[Loaded, ...]:
        """Say what became of each plugin, in the order of loading."""
        return tuple(self._report.values())

    def plugin(self, name: str) -> object | None:
        """Return a loaded plugin; None when there is none of this name."""
        return self._manager.get_plugin(name)

    def names(self) -> tuple[str, ...]:
        """Name the plugins that were loaded, in that order."""
        return tuple(name for name, plugin in self._manager.list_name_plugin() if plugin is not None)

    def take(self, candidate: Candidate) -> Loaded:
        """Load a candidate and write down what became of it."""
        try:
            loaded = self._register(candidate, in_time("loading", candidate.load, LOAD_SECONDS))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plugin may raise anything, SystemExit too
            reason = str(error) if isinstance(error, Refused | PluginFailed) else words(error)
            loaded = _loaded(candidate, "failed", reason)
        return self._noted(candidate, loaded)

    def leave_out(self, candidate: Candidate, reason: str) -> Loaded:
        """Write a candidate down as failed without running any of its code."""
        return self._noted(candidate, _loaded(candidate, "failed", reason))

    def _noted(self, candidate: Candidate, loaded: Loaded) -> Loaded:
        self._report[(candidate.name, candidate.origin)] = loaded
        if loaded.state != "ok":
            _log.warning("plugin not loaded", plugin=loaded.name, origin=loaded.origin, reason=loaded.reason)
        return loaded

    def _register(self, candidate: Candidate, plugin: object) -> Loaded:
        api = getattr(plugin, "duehook_api", 1)
        if not isinstance(api, int) or isinstance(api, bool):
            return _loaded(candidate, "failed", f"duehook_api is {api!r}; it must be a whole number")
        if not OLDEST_API <= api <= API:
            state: State = "too new" if api > API else "too old"
            return _loaded(candidate, state, f"it is made for hooks {api}, this Duehook offers {OLDEST_API} to {API}")
        if self._manager.has_plugin(candidate.name):
            return _loaded(candidate, "failed", "another plugin of this name is loaded already")
        try:
            self._manager.register(plugin, candidate.name)
        except pluggy.PluginValidationError as error:
            self._manager.unregister(name=candidate.name)
            return _loaded(candidate, "failed", _misfit(error))
        pending = self._pending(plugin)
        if pending:
            self._manager.unregister(name=candidate.name)
            return _loaded(candidate, "failed", pending)
        return replace(_loaded(candidate, "ok"), hooks=self._hooks_of(plugin))

    def _hooks_of(self, plugin: object) -> tuple[str, ...]:
        return tuple(sorted(caller.name for caller in self._manager.get_hookcallers(plugin) or ()))

    def _pending(self, plugin: object) -> str:
        """Name the hooks of a plugin that do not exist: a misspelt hook would never be called."""
        unknown = []
        for caller in self._manager.get_hookcallers(plugin) or ():
            optional = all(impl.optionalhook for impl in caller.get_hookimpls() if impl.plugin is plugin)
            if not caller.has_spec() and not optional:
                near = difflib.get_close_matches(caller.name, HOOKS, n=1)
                unknown.append(f"there is no hook {caller.name}" + (f" (did you mean {near[0]}?)" if near else ""))
        return "; ".join(unknown)

    def ask(self, plugin: str, hook: str, **arguments: Any) -> Any:
        """Call the hook on one plugin and return its answer, None when it has none.

        Raises our own errors as they are, any other as PluginFailed, as it does when the plugin takes too long.
        """
        others = [each for name, each in self._manager.list_name_plugin() if name != plugin and each is not None]
        caller = self._manager.subset_hook_caller(hook, others)
        what = f"plugin {plugin} failed in {hook}"
        with guarded(what):
            answers = in_time(what, lambda: caller(**arguments), LONGER.get(hook, HOOK_SECONDS))
        return answers[0] if answers else None

    def having(self, hook: str) -> tuple[str, ...]:
        """Name the plugins that implement a hook, in the order of loading."""
        callers = getattr(self._manager.hook, hook).get_hookimpls()
        having = {impl.plugin_name for impl in callers}
        return tuple(name for name, _ in self._manager.list_name_plugin() if name in having)


def installed() -> Iterator[Candidate]:
    """Yield the entry points of the group, sorted, so that order never hangs on the disk."""
    points = importlib.metadata.entry_points(group=PROJECT)
    for point in sorted(points, key=lambda each: (each.name, each.value)):
        version = f"{point.dist.name} {point.dist.version}" if point.dist else ""
        yield Candidate(point.name, point.value, version, point.load)


def in_folder(folder: Path | None, *, refused: str = "") -> Iterator[Candidate]:
    """Yield the one-file plugins of a folder; names with a leading underscore are left out.

    With `refused` none of them may be run, and that is why.
    """
    for file in sorted(folder.glob("*.py")) if folder and folder.is_dir() else ():
        if not file.name.startswith("_"):
            yield Candidate(file.stem, str(file), "", partial(_run, file, refused))


def _run(file: Path, refused: str) -> ModuleType:
    if refused := refused or _distrusted(file.parent) or _distrusted(file):
        raise Refused(refused)
    name = f"duehook_local_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None  # for a name in .py there always is one, with a loader
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # pydantic and dataclasses look their module up here
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _distrusted(path: Path) -> str:
    """Say why code here is not run: somebody else could have written it. Empty where none could."""
    found = path.stat()
    if found.st_uid not in {0, os.geteuid()}:
        return f"it is not run: {path} belongs to user {found.st_uid}, not to the one Duehook runs as, nor to root"
    if found.st_mode & stat.S_IWOTH:
        return f"it is not run: {path} may be written by everybody; chmod o-w {path}"
    return ""


def _loaded(candidate: Candidate, state: State, reason: str = "") -> Loaded:
    return Loaded(candidate.name, state, candidate.origin, candidate.version, reason)


def settings_model(plugin: str, given: object) -> type[BaseModel] | None:
    """Return what a plugin gave for connection_settings; PluginFailed for what is no model."""
    if given is None or (isinstance(given, type) and issubclass(given, BaseModel)):
        return given
    raise PluginFailed(f"plugin {plugin} gave {given!r} for connection_settings; a pydantic model class is asked for.")


def _misfit(error: pluggy.PluginValidationError) -> str:
    """Take pluggy's message down to the line that says which hook and what about it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return "; ".join(line for line in lines if not line.startswith("Plugin ")) or words(error)
