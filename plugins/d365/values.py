"""What F&O's values mean: no date."""

from __future__ import annotations

from datetime import date
from typing import Final

NO_DATE: Final = date(1900, 1, 1)  # what F&O writes where there is none, at midnight or at noon
