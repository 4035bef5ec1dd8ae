"""Find plugins, load them one by one, and ask their hooks through typed methods.

A plugin that breaks, in loading or in answering, is named; it never stops the host or another
plugin. Nothing is loaded at import: `Plugins.load()` gives an object that its caller holds.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal, NamedTuple, cast
from weakref import WeakValueDictionary

import structlog
from pydantic import BaseModel, ValidationError

from duehook.core.context import Context
from duehook.core.errors import ConfigError, DuehookError, NotFound
from duehook.core.hookspecs import Channel, ConnectionConfig, NoticeIssued, Simulator, Source, Target
from duehook.core.plugin_loading import HOOKS, Candidate, Loaded, Registry, in_folder, installed, settings_model
from duehook.core.plugin_watch import PluginFailed, TooSlow, Watched, guarded
from duehook.core.redaction import mask_secrets
from duehook.core.yaml_source import nearest

__all__ = ["BATCH", "HOOKS", "HoldReason", "Loaded", "PluginFailed", "Plugins", "SourceHook", "guarded"]
BATCH: Final = 1_000
SourceHook = Literal["customer_source", "contact_source", "invoice_source", "payment_source"]
_log = structlog.get_logger(__name__)


class Contested(ConfigError):
    """More than one plugin claims a connection type."""


class HoldReason(NamedTuple):
    """Which plugin keeps a debtor back, and why; `failure` is what happened when it broke instead of answering."""

    plugin: str
    words: str
    failure: str | None = None


class Plugins:
    """The loaded plugins and a typed method for each hook."""

    def __init__(self) -> None:
        """Start without any plugin."""
        self._registry = Registry()
        self._claims: dict[str, tuple[str, type[BaseModel]]] = {}
        self._too_slow: dict[str, TooSlow] = {}
        self._watched: WeakValueDictionary[int, Watched] = WeakValueDictionary()

    @classmethod
    def load(
        cls, folder: Path | None = None, *, refused: str = "", unfit: Mapping[tuple[str, str], str] | None = None
    ) -> Plugins:
        """Load every installed plugin, then the one-file plugins of a folder, unless they are `refused`.

        `unfit` gives, by name and origin, why no code of a plugin may be run here.
        """
        plugins, left_out = cls(), unfit or {}
        for candidate in (*installed(), *in_folder(folder, refused=refused)):
            reason = left_out.get((candidate.name, candidate.origin))
            if reason is None:
                plugins._registry.take(candidate)
            else:
                plugins._registry.leave_out(candidate, reason)
        return plugins

    @classmethod
    def of(cls, **plugins: object) -> Plugins:
        """Take these objects as the plugins, under these names."""
        loaded = cls()
        for name, plugin in plugins.items():
            loaded.add(name, plugin)
        return loaded

    def add(self, name: str, plugin: object) -> Loaded:
        """Add one object or module as a plugin."""
        return self._registry.take(Candidate(name, "given", "", lambda: plugin))

    @property
    def report(self) -> tuple[Loaded, ...]:
        """Say what became of each plugin that was found, in the order of loading."""
        return self._registry.report

    def offers(self, hook: str) -> bool:
        """Say whether any plugin that was loaded implements the hook."""
        return bool(self._registry.having(hook))

    def claimant(self, type: str) -> str:
        """Name the plugin that the connection type belongs to; see `connection_settings`."""
        return self._claim(type)[0]

    def connection_settings(self, type: str) -> type[BaseModel]:
        """Return the model of the type's settings.

        Raises ConfigError when no plugin claims the type, or more than one does.
        """
        return self._claim(type)[1]

    def home(self, type: str) -> Path:
        """Return the folder, or the one file, that holds the code of the plugin that the type belongs to."""
        plugin = self._registry.plugin(self.claimant(type))
        module = plugin if isinstance(plugin, ModuleType) else inspect.getmodule(plugin.__class__)
        file = Path(inspect.getfile(module or plugin.__class__))
        return file.parent if file.name == "__init__.py" else file

    def connection_types(self) -> dict[str, type[BaseModel]]:
        """Return the types that plugins claim under their own names; others stay unknown until asked."""
        found = {}
        for name in self._registry.having("connection_settings"):
            try:
                found[name] = self.connection_settings(name)
            except ConfigError:
                continue
        return found

    def contested_types(self) -> dict[str, str]:
        """Return the types that more than one plugin claims, each with the words that refuse it."""
        found = {}
        for name in self._registry.having("connection_settings"):
            try:
                self._claim(name)
            except Contested as error:
                found[name] = str(error)
            except ConfigError:
                continue
        return found

    def _claim(self, type: str) -> tuple[str, type[BaseModel]]:
        if type not in self._claims:
            claims, failures = self._claims_of(type)
            if len(claims) > 1:
                names = " and ".join(sorted(name for name, _ in claims))
                raise Contested(f"the type {type!r} is claimed by the plugins {names}.", fix="uninstall one of them.")
            if not claims:
                raise ConfigError(self._unclaimed(type, failures), fix="see `duehook plugins`.")
            self._claims[type] = claims[0]
        return self._claims[type]

    def _claims_of(self, type: str) -> tuple[list[tuple[str, type[BaseModel]]], list[str]]:
        claims, failures = [], []
        for name in self._registry.having("connection_settings"):
            if name in self._too_slow:
                failures.append(str(self._too_slow[name]))
                continue
            try:
                model = settings_model(name, self._registry.ask(name, "connection_settings", type=type))
                if model is not None:
                    claims.append((name, model))
            except DuehookError as error:
                failures.append(str(error))
                if isinstance(error, TooSlow):  # not asked again: each type would take as long
                    self._too_slow[name] = error
        return claims, failures

    def _unclaimed(self, type: str, failures: Sequence[str]) -> str:
        broken = [f"the plugin {each.name} {each.standing}: {each.reason}" for each in self.report if each.name == type]
        known = list(self._registry.having("connection_settings"))
        guess = [near] if type not in known and (near := nearest(type, known)) else []
        told = [each[:1].lower() + each[1:] for each in (*broken, *(text.rstrip(".") for text in failures), *guess)]
        return f"no plugin offers the type {type!r}" + (": " + "; ".join(told) if told else ".")

    def customer_source(self, connection: ConnectionConfig) -> Source | None:
        """Return the connection's source of companies, terms, customers and rates, if offered."""
        return self.source("customer_source", connection)

    def contact_source(self, connection: ConnectionConfig) -> Source | None:
        """Return the connection's source of contacts, if offered."""
        return self.source("contact_source", connection)

    def invoice_source(self, connection: ConnectionConfig) -> Source | None:
        """Return the connection's source of items, if offered."""
        return self.source("invoice_source", connection)

    def payment_source(self, connection: ConnectionConfig) -> Source | None:
        """Return the connection's source of payments and allocations, if offered."""
        return self.source("payment_source", connection)

    def source(self, hook: SourceHook, connection: ConnectionConfig) -> Source | None:
        """Return what the plugin of the connection's type gives for a source hook.

        An error of its methods that is none of ours, or an answer of another kind, is PluginFailed. An
        object that is given for several hooks is one object here too.
        """
        given = self._object(hook, connection, Source)
        if given is None:
            return None
        source: Any = self._watched.setdefault(id(given), Watched(given, self.claimant(connection.type)))
        return cast(Source, source)

    def write_back_target(self, connection: ConnectionConfig) -> Target | None:
        """Return the connection's write-back target, if offered."""
        target: Target | None = self._object("write_back_target", connection, Target)
        return target

    def _object(self, hook: str, connection: ConnectionConfig, protocol: type[Any]) -> Any:
        plugin = self.claimant(connection.type)
        given = self._registry.ask(plugin, hook, connection=connection)
        return None if given is None else _fitting(given, protocol, f"plugin {plugin}, hook {hook}")

    def simulator(self, type: str, options: Mapping[str, Any]) -> Simulator:
        """Return a simulator of this type of ERP; ConfigError when its plugin has none."""
        plugin = self.claimant(type)
        given = self._registry.ask(plugin, "simulator", type=type, options=options)
        if given is None:
            raise ConfigError(f"the plugin {plugin} has no simulator for {type!r}.")
        simulator: Simulator = _fitting(given, Simulator, f"plugin {plugin}, hook simulator")
        return simulator

    def channel(self, name: str, settings: Mapping[str, Any]) -> Channel:
        """Return the channel of this name; ConfigError when no plugin, or two, have it.

        A pydantic ValidationError about the settings passes through, so that the caller can say
        where in the file the fault is.
        """
        given = {plugin: self._channel(plugin, name, settings) for plugin in self._registry.having("channel")}
        found = {plugin: answer for plugin, answer in given.items() if answer is not None}
        if len(found) > 1:
            raise ConfigError(f"the channel {name!r} is claimed by the plugins {' and '.join(sorted(found))}.")
        if not found:
            raise ConfigError(f"no plugin offers the channel {name!r}.", fix="see `duehook plugins`.")
        plugin, answer = found.popitem()
        channel: Channel = _fitting(answer, Channel, f"plugin {plugin}, hook channel")
        return channel

    def _channel(self, plugin: str, name: str, settings: Mapping[str, Any]) -> object:
        try:
            return self._registry.ask(plugin, "channel", name=name, settings=settings)
        except PluginFailed as error:
            if isinstance(error.__cause__, ValidationError):
                raise error.__cause__ from None
            raise

    def mapping_check(self, plugin: str) -> Callable[[Path], str]:
        """Return the plugin's own `check_mapping(file) -> what it maps, in words`.

        It raises ConfigError with every fault of the file. NotFound for a plugin without mappings.
        """
        check: Callable[[Path], str] | None = getattr(self._registry.plugin(plugin), "check_mapping", None)
        if check is None:
            have = [name for name in self._registry.names() if hasattr(self._registry.plugin(name), "check_mapping")]
            fix = f"name one that has: {', '.join(have)}." if have else None
            raise NotFound(f"no loaded plugin {plugin!r} has mapping files.", fix=fix)
        return check

    def mapping_sample(self, plugin: str) -> Callable[[Path, Path, int], dict[str, list[dict[str, Any]]]]:
        """Return the plugin's own `sample_mapping(file, folder, rows) -> {stream: first rows, masked}`.

        NotFound for a plugin that has none.
        """
        found = getattr(self._registry.plugin(plugin), "sample_mapping", None)
        if found is None:
            raise NotFound(f"no loaded plugin {plugin!r} samples mappings.", fix="leave --sample out.")
        sample: Callable[[Path, Path, int], dict[str, list[dict[str, Any]]]] = found
        return sample

    def hold_reasons(
        self, debtors: Iterable[Mapping[str, Any]], as_of: date, *, without: Collection[str] = ()
    ) -> dict[str, HoldReason]:
        """Return {debtor's key: why it may not be dunned} of all plugins, the first reason of each.

        Debtors are handed over in batches of one company and at most 1,000. A plugin that fails
        holds its whole batch with "plugin NAME failed". One that is there but cannot be loaded may have held
        anybody: it holds all, unless it is named in `without`.
        """
        missing = next(self.not_loaded(without), None)
        if missing is not None:
            reason = HoldReason(missing.name, f"plugin {missing.name} is not loaded", missing.told)
            return {str(debtor["key"]): reason for debtor in debtors}
        reasons: dict[str, HoldReason] = {}
        names = self._registry.having("hold_reason")
        for batch in _batches(debtors) if names else ():
            for name in names:
                for key, reason in self._reasons(name, batch, as_of).items():
                    reasons.setdefault(key, reason)
        return reasons

    def not_loaded(self, without: Collection[str] = ()) -> Iterator[Loaded]:
        """Yield the plugins that are there and not in use, but for those named."""
        return (each for each in self.report if each.state != "ok" and each.name not in without)

    def _reasons(self, plugin: str, batch: Sequence[Mapping[str, Any]], as_of: date) -> Mapping[str, HoldReason]:
        keys = {str(debtor["key"]) for debtor in batch}
        try:
            answer = self._registry.ask(plugin, "hold_reason", debtors=batch, as_of=as_of)
            return {key: HoldReason(plugin, words) for key, words in _checked_reasons(answer, keys).items()}
        except (DuehookError, ValueError) as error:
            failure = mask_secrets(str(error))
            _log.error("plugin failed; its batch is held", plugin=plugin, debtors=len(batch), error=failure)
            _log.debug("how the plugin failed", plugin=plugin, exc_info=error)
            return dict.fromkeys(sorted(keys), HoldReason(plugin, f"plugin {plugin} failed", failure))

    def notice_issued(self, notice: NoticeIssued, context: Context) -> None:
        """Tell every plugin of a notice; raise PluginFailed after all were told when some failed."""
        failures = []
        for name in self._registry.having("notice_issued"):
            try:
                self._registry.ask(name, "notice_issued", notice=notice, context=context)
            except DuehookError as error:
                _log.error("plugin failed", plugin=name, hook="notice_issued", exc_info=error)
                failures.append(str(error))
        if failures:
            raise PluginFailed(" ".join(failures))


def _fitting(given: object, protocol: type[Any], origin: str) -> Any:
    """Refuse an object that lacks something of its protocol, naming what."""
    named = {*vars(protocol), *getattr(protocol, "__annotations__", {})}
    missing = [name for name in sorted(named) if not name.startswith("_") and not hasattr(given, name)]
    if missing:
        raise PluginFailed(
            f"{origin}: {type(given).__name__} is no {protocol.__name__}, it lacks {', '.join(missing)}."
        )
    return given


def _batches(debtors: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Cut into batches of one company and at most BATCH, in the order given."""
    batch: list[Mapping[str, Any]] = []
    for debtor in debtors:
        if batch and (len(batch) == BATCH or debtor["company"] != batch[0]["company"]):
            yield batch
            batch = []
        batch.append(debtor)
    if batch:
        yield batch


def _checked_reasons(answer: Any, keys: set[str]) -> Mapping[str, str]:
    """Refuse an answer that would hold nobody by mistake: unknown keys, reasons that are no text."""
    if answer is None:
        return {}
    if not isinstance(answer, Mapping) or not all(isinstance(each, str) and each for each in answer.values()):
        raise ValueError("hold_reason gives {debtor's key: reason in words} or None")
    unknown = [key for key in answer if key not in keys]
    if unknown:
        raise ValueError(f"hold_reason named {unknown[0]!r}, which is not in its batch")
    return answer
