"""What is put in the place of addresses, secrets and people's data where an ERP's answers are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from html import escape, unescape
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, SecretStr

from duehook.core.field_mapping.masking import masked
from duehook.core.redaction import HIDDEN, is_secret_name, mask_secrets, without_ibans
from duehook.core.wire.session import Call

# A mail address has a domain of its own; an ERP's key may have the sign between two numbers. A URL writes it %40.
_MAIL: Final = re.compile(r"[\w.+%-]+(?:@|%40)(?:[\w-]+\.)+[A-Za-z]{2,}")
PLACEHOLDER: Final = "recorded"
_HOSTS: Final = frozenset({"host", "server"})  # settings that name a machine without a URL
_PLACES: Final = ("server", "system", "dbq", "host", "dsn", "database")  # and so do these parts of a connection string
# What ERPs call the fields of people's and firms' data, one way or another.
PERSONAL: Final = (
    r"[\w.]*(?i:name|street|address|city|phone|fax|mail|contact|person|attention|postal|zip"
    r"|remark|memo|comment|text)[\w.]*"
)
# A field that is to be masked, as JSON or XML writes it: a text, a number, an element.
_FIELD: Final = (
    r'(?P<name>"(?:NAMES)"\s*:\s*)(?P<json>"(?:[^"\\]|\\.)*"|-?\d[\d.]*)'
    r"|(?P<element><(?:\w+:)?(?:NAMES)(?:\s[^<>]*)?(?<!/)>)(?P<xml>[^<]*)"
)


class Veil:
    """What is put in the place of addresses, secrets and people's data."""

    def __init__(self, settings: Mapping[str, Any], fields: Collection[str] = (), *, personal: bool = False) -> None:
        """Take the connection's settings, whose addresses are replaced, and the fields whose values are masked.

        With `personal` so are the fields that are named as those of people's and firms' data are.
        """
        found = {name: _origin(str(value)) for name, value in leaves(settings)}
        self._origins = {
            origin: f"https://{name.replace('_', '-')}.example" for name, origin in found.items() if origin
        }
        self.personal = personal
        hosts = sorted({host for host in _hosts(settings) if len(host) > 1}, key=len, reverse=True)
        self._hosts = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, hosts))})(?![\w-])") if hosts else None
        self._given = frozenset(name.upper() for name in fields)
        names = "|".join([*map(re.escape, fields), *([PERSONAL] if personal else [])])
        self._names = re.compile(names, re.IGNORECASE) if names else None
        self._fields = re.compile(_FIELD.replace("NAMES", names)) if names else None

    def is_masked(self, name: str) -> bool:
        """Say whether the field of this name is to be masked."""
        return self._names is not None and self._names.fullmatch(name) is not None

    def is_given(self, name: str) -> bool:
        """Say whether somebody named this very field."""
        return name.upper() in self._given

    def address(self, text: str) -> str:
        """Return a text with every real address replaced."""
        for origin, stand_in in self._origins.items():
            text = text.replace(origin, stand_in)
        return self._hosts.sub(PLACEHOLDER, text) if self._hosts else text

    def url(self, call: Call, url: str) -> str:
        """Return how a call's URL stands in a cassette, its parameters in an order of their own."""
        told = [(name, HIDDEN if is_secret_name(name) else self._plain(text)) for name, text in call.params.items()]
        return self._plain(url) + (f"?{urlencode(sorted(told))}" if told else "")

    def text(self, text: str) -> str:
        """Return a body without addresses, secrets and people's data."""
        text = self._plain(text)
        return self._fields.sub(_mask, text) if self._fields else text

    def _plain(self, text: str) -> str:
        return _MAIL.sub("[mail]", mask_secrets(without_ibans(self.address(text))))


def _mask(found: re.Match[str]) -> str:
    if found["json"] is None:
        return f"{found['element']}{escape(masked(unescape(found['xml'])), quote=False)}"
    value = found["json"]
    if not value.startswith('"'):
        return f"{found['name']}{masked(value)}"
    try:
        return f"{found['name']}{json.dumps(masked(json.loads(value, strict=False)), ensure_ascii=False)}"
    except ValueError:  # no text of JSON
        return f'{found["name"]}"{HIDDEN}"'


def leaves(settings: Mapping[str, Any], outer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each setting that holds no others, one inside another as `outer.inner`."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{outer}{name}.")
        else:
            yield f"{outer}{name}", value


def _hosts(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield what names a machine or a database otherwise than by a URL, with its port before it alone."""
    for name, value in leaves(settings):
        if isinstance(value, SecretStr):
            found = _placed(value)
            if found is not None:
                yield from found[1:]
        elif name.rpartition(".")[2] in _HOSTS and isinstance(value, str):
            yield value


def _placed(text: SecretStr) -> tuple[str, ...] | None:
    """Return the part of a connection string that names its database, what it says, and the same with a port."""
    parts = [part.partition("=") for part in text.get_secret_value().split(";")]
    held = {name.strip().lower(): value.strip() for name, sign, value in parts if sign}
    found = next((name for name in _PLACES if held.get(name)), None)
    if found is None:
        return None
    port = f"{held[found]}:{held['port']}" if held.get("port") else held[found]
    return found, held[found], port


def _origin(text: str) -> str:
    parts = urlsplit(text) if text.startswith(("http://", "https://")) else None
    return f"{parts.scheme}://{parts.netloc}" if parts else ""


def shown(settings: BaseModel, veil: Veil) -> dict[str, Any]:
    """Return validated settings as a cassette has them: what was written, without addresses and secrets."""
    return {name: _shown(value, veil) for name, value in settings.model_dump(exclude_unset=True).items()}


def _shown(value: Any, veil: Veil) -> Any:
    if isinstance(value, Mapping):
        return {name: _shown(held, veil) for name, held in value.items()}
    if isinstance(value, SecretStr):
        place = _placed(value)
        return f"{place[0]}={PLACEHOLDER}" if place else PLACEHOLDER
    return veil.address(value) if isinstance(value, str) else value
