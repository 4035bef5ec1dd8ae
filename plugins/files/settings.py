"""What duehook.yaml says of a drop folder."""

from __future__ import annotations

from pydantic import Field

from duehook.core.settings.connector import ConnectorSettings


class FilesSettings(ConnectorSettings):
    """A folder that files are dropped into, and the mapping file that says what is in them.

    Both paths count from the folder of duehook.yaml. A file counts as complete when neither its
    size nor its time has changed over `settle_seconds`.
    """

    folder: str = Field(min_length=1, description="the drop folder")
    mapping: str = Field(min_length=1, description="the mapping file; see `duehook map check`")
    settle_seconds: float = Field(1, ge=0, le=600, description="how long a file must stand still to be read")
    page_size: int = Field(5_000, ge=1, le=50_000, description="rows a page")
