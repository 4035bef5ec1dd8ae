"""The slots of duehook.yaml by job."""

from __future__ import annotations

from duehook.core.settings.model import Schedule
from duehook.core.settings.values import Slot


def plan(schedule: Schedule) -> dict[str, Slot]:
    """Return the slots by job; `nightly` is the chain of all steps."""
    chosen = {
        "nightly": schedule.nightly,
        "import": schedule.import_,
        "tie_out": schedule.tie_out,
        "aging": schedule.aging,
        "dun": schedule.dun,
        "deliver": schedule.deliver,
    }
    return {name: slot for name, slot in chosen.items() if slot is not None}
