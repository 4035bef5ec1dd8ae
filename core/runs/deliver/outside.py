"""The ways out of a site, opened on first use and closed together at the end of a run."""

from __future__ import annotations

from contextlib import ExitStack, closing
from types import TracebackType
from typing import Self

from duehook.core.deliver.archive import Archive
from duehook.core.deliver.press import Press
from duehook.core.deliver.wording import Templates
from duehook.core.hookspecs import Channel, CommandKind, Source, Target
from duehook.core.runs.packs import own_fonts, templates_of
from duehook.core.runs.site import Site
from duehook.core.settings.model import Serves


class Outside:
    """One run's channels, targets, sources, letter press and archive."""

    def __init__(self, site: Site) -> None:
        """Open nothing yet."""
        self.site = site
        self.archive = Archive(site.archive)
        self._stack = ExitStack()
        self._channels: dict[str, Channel] = {}
        self._targets: dict[str, Target | None] = {}
        self._sources: dict[str, dict[Serves, Source]] = {}
        self._templates: Templates | None = None
        self._press: Press | None = None

    def channel(self, name: str) -> Channel:
        """Return the channel of this name."""
        if name not in self._channels:
            self._channels[name] = self._stack.enter_context(closing(self.site.channel(name)))
        return self._channels[name]

    def target(self, connection: str) -> Target | None:
        """Return the connection's write-back target, None where it has none."""
        if connection not in self._targets:
            known = connection in self.site.settings.connections
            target = self.site.target(connection) if known else None
            self._targets[connection] = target
            if target is not None:
                self._stack.enter_context(closing(target))
        return self._targets[connection]

    def can(self, connection: str, kind: CommandKind) -> bool:
        """Say whether the connection takes commands of this kind."""
        target = self.target(connection)
        return target is not None and kind in target.capabilities

    def source(self, connection: str, serves: Serves) -> Source | None:
        """Return the connection's source of that kind, None where it has none."""
        if connection not in self._sources:
            known = connection in self.site.settings.connections
            self._sources[connection] = self.site.sources(connection) if known else {}
            for source in self._sources[connection].values():
                self._stack.enter_context(closing(source))
        return self._sources[connection].get(serves)

    @property
    def templates(self) -> Templates:
        """The templates in force: the site's, else the shipped ones."""
        if self._templates is None:
            self._templates = templates_of(self.site)
        return self._templates

    @property
    def press(self) -> Press:
        """The letter press."""
        if self._press is None:
            self._press = self._stack.enter_context(Press(self.templates, fonts=own_fonts(self.site.settings)))
        return self._press

    def close(self) -> None:
        """Close whatever was opened."""
        self._stack.close()

    def __enter__(self) -> Self:
        """Give the ways out."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close them."""
        self.close()
