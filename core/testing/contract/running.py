"""The simulators that a test run has started, and the settings that reach each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, cast

from duehook.core.errors import DuehookError
from duehook.core.plugins import Plugins

from .erp import SimulatedErp

ASKED: Final = sorted(name for name in (*vars(SimulatedErp), *SimulatedErp.__annotations__) if not name.startswith("_"))


class NotSimulated(DuehookError):
    """The connector's simulator cannot do what the kit asks of it."""


def over_the_book(made: object) -> SimulatedErp:
    """Return a simulator that is over the book; raises NotSimulated for one that lacks what `SimulatedErp` asks for."""
    missing = [name for name in ASKED if not hasattr(type(made), name)]
    if missing:
        raise NotSimulated(
            f"the simulator {type(made).__name__} lacks {', '.join(missing)}.",
            fix="duehook.core.testing.contract.erp.SimulatedErp says what each is for.",
        )
    return cast(SimulatedErp, made)


class Simulators:
    """Starts simulators of one type, each in a folder of its own, and ends them."""

    def __init__(
        self, plugins: Plugins, type: str, folder: Callable[[], Path], *, options: Mapping[str, Any] | None = None
    ) -> None:
        self._plugins, self._type, self._folder, self._options = plugins, type, folder, dict(options or {})
        self._running: list[tuple[SimulatedErp, Mapping[str, Any]]] = []

    def start(self, **options: Any) -> SimulatedErp:
        """Start one; raises NotSimulated for one that lacks what `SimulatedErp` asks for."""
        erp = over_the_book(self.made(**options))
        self._running.append((erp, erp.start()))
        return erp

    def variant(self, name: str, **options: Any) -> SimulatedErp:
        """Start one that is set up as one of the variants of this type."""
        return self.start(**{**self.made().variants[name], **options})

    def full(self, **options: Any) -> Any:
        """Start one in its fullest set-up; the usual one where a simulator that only reads names none."""
        return self.start(**{**getattr(self.made(), "fullest", {}), **options})

    def made(self, **options: Any) -> Any:
        """Make one that is not started."""
        return self._plugins.simulator(self._type, {**options, **self._options, "folder": str(self._folder())})

    def settings(self, erp: SimulatedErp) -> Mapping[str, Any]:
        """Return the settings that reach one of them."""
        return next(settings for running, settings in self._running if running is erp)

    def end(self, erp: SimulatedErp) -> None:
        """End one of them."""
        erp.stop()
        self._running = [each for each in self._running if each[0] is not erp]

    def stop(self) -> None:
        """End all of them."""
        for erp, _ in self._running:
            erp.stop()
        self._running.clear()
