"""What the kit runs against: the connector's simulator, a live ERP, or a cassette of one."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import BaseModel, SecretStr

from duehook.core.errors import ConfigError
from duehook.core.redaction import is_secret_name, remember
from duehook.core.settings.secrets import WAYS, Missing, Places
from duehook.core.testing.contract.loading import load_plugins, named_values
from duehook.core.yaml_source import read_file

from .cassette import FILE, Cassette
from .veil import PLACEHOLDER, Veil, leaves

_KEY: Final = pytest.StashKey["Mode | None"]()


@dataclass(frozen=True)
class Mode:
    """A run against an ERP that the kit cannot let things happen in.

    `settings` reach it; `mark` stands in what is written; `record` is where its answers are kept, `play` where they are
    taken from.
    """

    against: str
    settings: Mapping[str, Any] = field(repr=False)
    mark: str
    write_to: tuple[str, str] | None = None
    hold: str | None = None
    record: Path | None = None
    play: Path | None = None
    veil: Veil | None = None


def mode_of(config: pytest.Config) -> Mode | None:
    """Return what the command line asks for; None for the simulator. Raises ConfigError where it contradicts itself."""
    if _KEY not in config.stash:
        config.stash[_KEY] = _asked(config)
    return config.stash[_KEY]


def _asked(config: pytest.Config) -> Mode | None:
    live, play = config.getoption("--duehook-live"), config.getoption("--duehook-cassette")
    if live and play:
        raise ConfigError("--duehook-live and --duehook-cassette contradict each other.", fix="give one of them.")
    if live:
        return _live(config, Path(live))
    needless = [f"--duehook-{name}" for name in ("record", "write-to", "hold", "against")
                if config.getoption(f"--duehook-{name}")]  # fmt: skip
    if needless:
        raise ConfigError(f"{needless[0]} is for a live ERP.", fix="give --duehook-live too.")
    return _played(Path(play)) if play else None


def _live(config: pytest.Config, file: Path) -> Mode:
    settings = {**_settings(file), **named_values(config.getoption("--duehook-setting"))}
    remember(*(value for each, value in leaves(settings) if isinstance(value, str) and is_secret_name(each)))
    name, now = config.getoption("--duehook-against") or "an ERP whose version was not told", datetime.now(UTC)
    record, hold = config.getoption("--duehook-record"), config.getoption("--duehook-hold")
    mode = Mode(
        against=f"live {name}",
        settings=settings,
        mark=f"{now:%Y%m%d%H%M%S}",
        write_to=_customer(config.getoption("--duehook-write-to")),
        hold=hold,
        record=Path(record) if record else None,
        veil=Veil(settings, config.getoption("--duehook-mask")) if record else None,
    )
    if mode.record and mode.veil:
        type = str(config.getoption("--duehook-connector"))
        model = load_plugins(config.getoption("--duehook-plugin")).connection_settings(type)
        Cassette(
            connector=type,
            recorded_on=now.date(),
            against=mode.against,
            mark=mode.mark,
            settings=_shown(settings, model, mode.veil),
            write_to=config.getoption("--duehook-write-to"),
            hold=hold,
        ).write(mode.record)
    return mode


def _played(folder: Path) -> Mode:
    held = Cassette.open(folder)
    if not any(file.name != FILE for file in folder.glob("*.json")):
        told = f"nothing stands in the cassette {folder}: this connector asked nothing that can be recorded."
        raise ConfigError(told, fix="record it again (--duehook-live, --duehook-record).")
    return Mode(
        against=f"cassette of {held.recorded_on}, {held.against}",
        settings=held.settings,
        mark=held.mark,
        write_to=_customer(held.write_to),
        hold=held.hold,
        play=folder,
    )


def _settings(file: Path) -> dict[str, Any]:
    """Read a connection's settings, such as the simulator writes; a secret may be {env: NAME}, as in duehook.yaml."""
    document = read_file(file, missing="name a file with the settings of a connection.")
    document.raise_problems()
    if not isinstance(document.data, dict):
        raise ConfigError("these are no settings: keys, each with a value.", where=str(file))
    places = Places(os.environ, file.parent)
    return {name: _fetched(name, value, places) for name, value in document.data.items() if name != "type"}


def _fetched(name: str, value: Any, places: Places) -> Any:
    if not isinstance(value, dict):
        return value
    if len(value) != 1 or next(iter(value)) not in WAYS:
        return {inner: _fetched(f"{name}.{inner}", held, places) for inner, held in value.items()}
    try:
        fetched = places.fetch(*next(iter(value.items())))
    except Missing as error:
        raise ConfigError(f"{name}: {error}.") from None
    remember(fetched)
    return fetched


def _shown(settings: Mapping[str, Any], model: type[BaseModel], veil: Veil) -> dict[str, Any]:
    """Return the settings as a cassette has them: no address and no secret of the real ERP."""
    held = model.model_validate(dict(settings))
    secrets = frozenset(_secrets(held))
    hidden = {name for name in model.model_fields if isinstance(getattr(held, name), SecretStr)}
    return {
        name: PLACEHOLDER if name in hidden else _veiled(name, value, secrets, veil) for name, value in settings.items()
    }


def _secrets(settings: BaseModel) -> Iterator[str]:
    """Yield what stands in the secret settings, however deep."""
    for name in type(settings).model_fields:
        held = getattr(settings, name)
        if isinstance(held, BaseModel):
            yield from _secrets(held)
        elif isinstance(held, SecretStr):
            yield held.get_secret_value()


def _veiled(name: str, value: Any, secrets: Collection[str], veil: Veil) -> Any:
    if isinstance(value, Mapping):
        return {inner: _veiled(inner, held, secrets, veil) for inner, held in value.items()}
    if is_secret_name(name) or (isinstance(value, str) and value in secrets):
        return PLACEHOLDER
    return veil.address(value) if isinstance(value, str) else value


def _customer(text: str | None) -> tuple[str, str] | None:
    if not text:
        return None
    company, slash, customer = text.partition("/")
    if not (company and slash and customer):
        raise ConfigError(f"--duehook-write-to is COMPANY/CUSTOMER, not {text!r}.")
    return company, customer
