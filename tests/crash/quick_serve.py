"""`duehook` as it is typed, but that `serve` looks at the clock every two seconds: nobody waits for ten."""

from __future__ import annotations

import sys
from datetime import timedelta
from functools import partial
from unittest.mock import patch

from duehook.core.cli import main
from duehook.core.cli.site import schedule
from duehook.core.runs.loop.serve import serve

PACE = timedelta(seconds=2)

if __name__ == "__main__":
    with patch.object(schedule, "keep_serving", partial(serve, pace=PACE)):
        sys.exit(main())
