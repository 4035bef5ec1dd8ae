"""How Business Central writes words of its own, and ids that are none."""

from __future__ import annotations

import re
from typing import Any, Final

NOBODY: Final = "00000000-0000-0000-0000-000000000000"
BLANK: Final = "_x0020_"  # how a member of an enum that is one blank is written
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def word(held: Any) -> str:
    """Return a member of an enum as Business Central shows it: `Credit_x0020_Memo` is Credit Memo, a blank is none."""
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), str(held or ""))
    return text.replace("_", " ").strip()


def identity(held: Any) -> str | None:
    """Return an id; None where it is none."""
    return None if held in {None, "", NOBODY} else str(held)
