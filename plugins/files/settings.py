"""What duehook.yaml says of a drop folder."""

from __future__ import annotations

from typing import Self

from pydantic import Field, SecretStr, model_validator

from duehook.core.settings.connector import ConnectorSettings


class SftpSettings(ConnectorSettings):
    """A folder on an SFTP server. Sign-in by `password`, or by `key_file`; the host's key must stand in `known_hosts`.

    Both files count from the folder of duehook.yaml.
    """

    host: str = Field(min_length=1)
    port: int = Field(22, ge=1, le=65_535)
    user: str = Field(min_length=1)
    password: SecretStr | None = None
    key_file: str | None = Field(None, min_length=1, description="a private key as OpenSSH writes it")
    key_passphrase: SecretStr | None = None
    known_hosts: str = Field(min_length=1, description="the host's public key, as ssh-keyscan tells it")
    folder: str = Field(".", min_length=1, description="the folder there")
    connect_seconds: float = Field(10, gt=0, le=600)
    read_seconds: float = Field(60, gt=0, le=3600)

    @model_validator(mode="after")
    def _signs_in(self) -> Self:
        if (self.password is None) == (self.key_file is None):
            raise ValueError("say how to sign in: password, or key_file")
        return self


class FilesSettings(ConnectorSettings):
    """A folder that files are dropped into, and the mapping file that says what is in them.

    Both paths count from the folder of duehook.yaml. A file counts as complete when neither its
    size nor its time has changed over `settle_seconds`. With `sftp` the folder is where copies of
    that folder's files are kept.
    """

    folder: str = Field(min_length=1, description="the drop folder")
    mapping: str = Field(min_length=1, description="the mapping file; see `duehook map check`")
    settle_seconds: float = Field(1, ge=0, le=600, description="how long a file must stand still to be read")
    sftp: SftpSettings | None = None
    page_size: int = Field(5_000, ge=1, le=50_000, description="rows a page")
