"""Secrets stay out of duehook.yaml: it names where they are, and they are fetched on loading.

`{env: NAME}` is an environment variable (or a line of `.env` beside the file), `{file: path}` a
file's content, `{credential: name}` a systemd credential. Text where a secret belongs is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from duehook.core.redaction import holds_secret, is_secret_name, remember
from duehook.core.yaml_source import Document, Steps, dotted, parts, step_into

_PASSWORDS: Final = (re.compile(r"://[^/:@]*:([^@]+)@"), re.compile(r"://[^/:@]*:(.+)@"))  # to the first @, the last
ENV: Final = ".env"
WAYS: Final = ("env", "file", "credential")
FIX: Final = "write {env: NAME}, {file: path} or {credential: name} instead, and change the secret that stood here"


class Missing(Exception):
    """A reference leads nowhere; says why."""


@dataclass(frozen=True)
class Places:
    """Where references are looked up: the environment, and the folder that paths count from.

    `files` takes each file that is read.
    """

    environ: Mapping[str, str]
    base: Path
    files: list[Path] = field(default_factory=list)

    def fetch(self, way: str, name: str) -> str:
        """Return the secret; raise Missing with the reason when it is not there."""
        if way == "env":
            if not self.environ.get(name):
                raise Missing(f"the environment variable {name} is not set")
            return self.environ[name]
        if way == "file":
            return self._read(self.base / name, f"the file {name}")
        folder = self.environ.get("CREDENTIALS_DIRECTORY")
        if not folder:
            raise Missing(f"systemd handed over no credentials (LoadCredential={name}:… in the unit)")
        if "/" in name or name in {"", ".", ".."}:
            raise Missing(f"{name!r} is no name of a credential")
        return self._read(Path(folder) / name, f"the credential {name}")

    def _read(self, file: Path, what: str) -> str:
        self.files.append(file)
        try:
            text = file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise Missing(f"{what} cannot be read: {reason}") from error
        if not text:
            raise Missing(f"{what} is empty")
        return text


def resolve(document: Document, data: Any, model: Any, *, at: Steps, places: Places) -> Any:
    """Return the data with every reference replaced by what it leads to.

    Where the model has SecretStr the secret stays wrapped. Text in the place of a secret, or with
    a password inside, and references that lead nowhere are collected as problems.
    """
    return _Resolver(document, places).walk(data, parts(model), at)


@dataclass(frozen=True)
class _Resolver:
    document: Document
    places: Places

    def walk(self, data: Any, annotations: list[Any], at: Steps) -> Any:
        free = Any in annotations or not annotations
        secret = SecretStr in annotations or (free and isinstance(at[-1], str) and is_secret_name(at[-1]))
        reference = _reference(data)
        if reference and (secret or free or str in annotations):
            return self._fetched(reference, secret, at)
        if secret:
            return self._refused(data, at)
        if isinstance(data, Mapping):
            return {key: self.walk(part, self._inside(annotations, key), (*at, key)) for key, part in data.items()}
        if isinstance(data, list):
            return [self.walk(part, self._inside(annotations, n), (*at, n)) for n, part in enumerate(data)]
        if isinstance(data, str) and holds_secret(data):
            self.document.report(at, f"{dotted(at)}: a password is written here in plain text", FIX)
        return data

    def _inside(self, annotations: list[Any], step: str | int) -> list[Any]:
        found = [part for annotation in annotations for part in step_into(annotation, step)]
        return found or ([Any] if Any in annotations else [])

    def _fetched(self, reference: tuple[str, str], secret: bool, at: Steps) -> Any:
        try:
            text = self.places.fetch(*reference)
        except Missing as error:
            how = "set it, here or in .env," if reference[0] == "env" else "set it,"
            self.document.report(at, f"{dotted(at)}: {error}", f"{how} or correct the reference")
            return SecretStr("missing") if secret else "missing"
        if not secret:
            _remember_password(text)
            return text
        remember(text)
        return SecretStr(text)

    def _refused(self, data: Any, at: Steps) -> Any:
        if data is None:
            return None
        remember(str(data))
        self.document.report(at, f"{dotted(at)}: a secret is written here in plain text", FIX)
        return SecretStr("refused")


def _reference(data: Any) -> tuple[str, str] | None:
    if isinstance(data, Mapping) and len(data) == 1:
        ((way, name),) = data.items()
        if way in WAYS and isinstance(name, (str, int)):
            return way, str(name)
    return None


def _remember_password(text: str) -> None:
    """Hide the password of an address from now on, also one whose raw / or # ends the address for a reader."""
    try:
        passwords = [urlsplit(text).password]
    except ValueError:
        passwords = []
    passwords += [found for pattern in _PASSWORDS for found in pattern.findall(text)]
    for password in filter(None, passwords):
        remember(password, unquote(password))


def read_env_file(file: Path) -> dict[str, str]:
    """Return the NAME=value lines of a `.env` file; nothing when it is not there."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.split("=", 1) for line in map(str.strip, lines) if "=" in line and not line.startswith("#"))
    return {name.removeprefix("export ").strip(): _unquoted(value.strip()) for name, value in pairs}


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
