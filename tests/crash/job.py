"""The job that is killed: import, dun, approve and deliver, as one process runs it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from duehook.core.context import Actor, Context
from duehook.core.deliver import letter_file, mail
from duehook.core.plugins import Plugins
from duehook.core.runs.deliver.run import deliver
from duehook.core.runs.dunning.dun import dun
from duehook.core.runs.dunning.proposals import approve, proposed
from duehook.core.runs.imports.site import import_by_name
from duehook.core.runs.site import Site
from tests.rigs.small_erp import SmallPlugin

from .erp_server import RemoteErp


def open_site(folder: Path, erp_port: int) -> Site:
    """Open the site of a folder over the served ERP."""
    plugins = Plugins.of(small=SmallPlugin(RemoteErp(erp_port)), mail=mail, letter=letter_file)
    return Site.open(folder / "duehook.yaml", plugins=plugins)


def run_job(folder: Path, erp_port: int, at: datetime) -> None:
    """Run the whole job once; a run that follows a killed one takes up what that left."""
    context = Context(Actor("person", "ann", "test"), lambda: at, "kill")
    with open_site(folder, erp_port) as site:
        import_by_name(site, context, "small", as_of=at.date())
        dun(site, context, "01", as_of=at.date())
        approve(site, context, [row.id for row in proposed(site.books)])
        deliver(site, context)
