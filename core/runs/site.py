"""The site: one configured Duehook, open. Every use case works on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from duehook.core.books import Books, migrate
from duehook.core.errors import ConfigError, DuehookError
from duehook.core.hookspecs import Channel, Source, Target
from duehook.core.plugins import Plugins, SourceHook
from duehook.core.settings import Settings, load
from duehook.core.settings.model import Serves
from duehook.core.settings.seen import Seen

PLUGIN_FOLDER: Final = "plugins"
SOURCE_HOOKS: Final[dict[Serves, SourceHook]] = {
    "customers": "customer_source",
    "contacts": "contact_source",
    "invoices": "invoice_source",
    "payments": "payment_source",
}


@dataclass
class Site:
    """Settings, plugins, books and archive folder. Close it, or use it with `with`.

    `fault` is why the settings' file does not load any more, while `settings` are still the old ones.
    """

    settings: Settings
    plugins: Plugins
    books: Books
    config: Path
    seen: Seen
    fault: DuehookError | None = None

    @property
    def archive(self) -> Path:
        """The folder of what went out."""
        return self.settings.path(self.settings.archive)

    @classmethod
    def open(cls, config: Path, *, plugins: Plugins | None = None) -> Self:
        """Open the site of a duehook.yaml.

        Raises ConfigError for faults of the file and for books that are not made or not of this
        version, BooksUnusable when the database cannot be read.
        """
        loaded = plugins or load_plugins(config)
        seen = Seen.before(config)
        settings = load(config, loaded)
        books = open_books(settings)
        try:
            _refuse_other_versions(books)
        except BaseException:
            books.close()
            raise
        return cls(settings, loaded, books, config, seen.reading(settings))

    def reload(self) -> bool:
        """Read the settings anew when one of their files changed; True when that gave other ones.

        A file that does not load any more leaves the old ones and is `fault` until it is mended. Rules, templates
        and mappings are read by each run anyhow, plugins by the next start.
        """
        if self.fault is None and not self.seen.changed:
            return False
        seen = Seen.before(self.config)
        try:
            settings = load(self.config, self.plugins)
            _refuse_another_database(self.settings, settings)
        except DuehookError as fault:
            self.fault = fault
            return False
        self.settings, self.seen, self.fault = settings, seen.reading(settings), None
        return True

    def sources(self, connection: str) -> dict[Serves, Source]:
        """Return what the connection serves and its plugin offers; the caller closes each."""
        used, config = self.settings.used_connection(connection), self.settings.connection(connection)
        found = {
            serves: self.plugins.source(hook, config) for serves, hook in SOURCE_HOOKS.items() if serves in used.serves
        }
        return {serves: source for serves, source in found.items() if source is not None}

    def target(self, connection: str) -> Target | None:
        """Return the connection's write-back target, None when it serves or offers none."""
        if "write_back" not in self.settings.used_connection(connection).serves:
            return None
        return self.plugins.write_back_target(self.settings.connection(connection))

    def channel(self, name: str) -> Channel:
        """Return a channel (`mail`, `letter`) with its settings of duehook.yaml.

        Paths in them (`folder`, `…_file`) count from the file's own folder.
        """
        found = self.settings.channel(name)
        paths = {key for key in found if key == "folder" or key.endswith("_file")}
        return self.plugins.channel(
            name, {key: str(self.settings.path(str(part))) if key in paths else part for key, part in found.items()}
        )

    def close(self) -> None:
        """Let go of the books."""
        self.books.close()

    def __enter__(self) -> Self:
        """Give the site itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def load_plugins(config: Path, *, new: bool = False, unfit: Mapping[tuple[str, str], str] | None = None) -> Plugins:
    """Load the installed plugins and those in `plugins/` beside the configuration, where there is one.

    A folder without one may be anybody's; `new` says that it is ours and about to get one. `unfit` are those whose
    code is not to be run, with the reason, by name and origin.
    """
    found = new or config.is_file()
    refused = f"it is not run: there is no {config.name} beside {PLUGIN_FOLDER}/"
    return Plugins.load(config.resolve().parent / PLUGIN_FOLDER, refused="" if found else refused, unfit=unfit)


def open_books(settings: Settings) -> Books:
    """Open the books that the settings name, whatever their version."""
    return Books.open(settings.database, settings.base)


def _refuse_another_database(before: Settings, now: Settings) -> None:
    if (before.database, before.base) != (now.database, now.base):
        raise ConfigError("the database is another one now.", fix="stop `duehook serve` and start it again.")


def _refuse_other_versions(books: Books) -> None:
    with books.read() as tx:
        at = migrate.current(tx)
    if at is None:
        raise ConfigError("there are no books in the database yet.", fix="run `duehook init`, or `duehook migrate`.")
    if at != migrate.head():
        raise ConfigError(
            f"the books are at revision {at}; this Duehook works with {migrate.head()}.",
            fix="make a backup, then run `duehook migrate`; where they are newer, install the version that wrote them.",
        )
