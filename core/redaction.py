"""What may never be read in a log, an error or a bundle, and how it is taken out.

Pure but for the list of this process's own secrets: whoever resolves a secret calls `remember`, and
from then on every text that passes here is free of it, however it got in. Two grades: `mask_secrets`
for what the person at the terminal may read (no secret, token or card number), `redact` for what is
kept (also no IBAN and no mail address). `one_line` keeps a text from writing log lines of its own.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = "[hidden]"
SHORTEST: Final = 4  # a shorter secret is hidden by its key only: hiding "1" everywhere hides nothing

_SECRET_WORD: Final = (
    r"pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|encryption[_-]?key"
    r"|authori[sz]ation|cookie|credentials?|session[_-]?id|signature|otp"
)
_SECRET_KEY: Final = re.compile(rf"(?:^|[_\-.\s])(?:\w*[_\-])?(?:{_SECRET_WORD})s?$", re.IGNORECASE)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HEADER: Final = re.compile(
    r"\b((?:proxy-)?authorization|(?:set-)?cookie)\b(['\"]?\s*[:=]\s*)(?!\s)[^\r\n'\"]+", re.IGNORECASE
)
_ASSIGNED: Final = re.compile(
    rf"(?<![A-Za-z0-9])([\w.\-]{{0,60}}(?:{_SECRET_WORD})s?)(['\"]?\s*(?:=>|[:=])\s*)"
    r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\{[^{}]*\}|[^\s,;&'\"<>()\[\]{}]+)",
    re.IGNORECASE,
)
# What our own messages and files say of where a secret is: no secret itself.
_REFERENCE: Final = re.compile(r"\{(?:env: [A-Z][A-Z0-9_]*|(?:file|credential): (?:path|name))\}\Z")
_ELEMENT: Final = re.compile(rf"<((?:\w+:)?\w*(?:{_SECRET_WORD}))((?:\s[^<>]*)?)>[^<]*<", re.IGNORECASE)
_BEARER: Final = re.compile(r"\b(bearer|basic|negotiate|ntlm)(\s+)[A-Za-z0-9._~+/=\-]{6,}", re.IGNORECASE)
_JWT: Final = re.compile(r"\beyJ[A-Za-z0-9_\-]{5,}\.[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]*)?")
_USERINFO: Final = re.compile(r"(?<=://)([^/\s:@]*):[^/\s]*@(?=[^@\s]*)")
_PEM: Final = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_CARD: Final = re.compile(r"(?<![\d.])(?:4|5[0-8]|3[04-9]|6\d|2[2-7])(?:[ \-]?\d){11,17}(?![\d])")
_IBAN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]){11,30}(?![A-Za-z0-9])", re.IGNORECASE)
_MAIL: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63})*")
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class _Known:
    """The secrets this process has resolved, in every writing they may be met in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, values: Iterable[str]) -> None:
        """Take more secrets in."""
        with self._lock:
            for value in values:
                if len(value.strip()) >= SHORTEST:
                    self._forms.update(_forms(value.strip()))
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def hide(self, text: str) -> str:
        """Put HIDDEN in the place of each."""
        pattern = self._pattern
        return pattern.sub(HIDDEN, text) if pattern else text


_known: Final = _Known()


def remember(*secrets: str) -> None:
    """Hide these values in every text from now on."""
    _known.add(secrets)


def is_secret_name(name: str) -> bool:
    """Say whether a field, header or setting of this name holds a secret."""
    return bool(_SECRET_KEY.search(_CAMEL.sub("_", name)))


def holds_secret(text: str) -> bool:
    """Say whether a setting's text has a password inside: in a URL, or as `PWD=…`."""
    if _USERINFO.search(text):
        return True
    return any(_hide_assigned(found) != found.group() for found in _ASSIGNED.finditer(text))


def mask_secrets(text: str) -> str:
    """Take secrets, tokens and card numbers out of a text."""
    text = _known.hide(text)
    text = _PEM.sub(HIDDEN, text)
    text = _USERINFO.sub(rf"\1:{HIDDEN}@", text)
    text = _HEADER.sub(rf"\1\2{HIDDEN}", text)
    text = _BEARER.sub(rf"\1\2{HIDDEN}", text)
    text = _JWT.sub(HIDDEN, text)
    text = _ELEMENT.sub(rf"<\1\2>{HIDDEN}<", text)
    text = _ASSIGNED.sub(_hide_assigned, text)
    return _CARD.sub(_hide_card, text)


def redact(text: str) -> str:
    """Take out what no log may keep: secrets, card numbers, IBANs and mail addresses."""
    text = _IBAN.sub(_hide_iban, _known.hide(text))  # before the cards: some IBANs pass for one
    return _MAIL.sub(_hide_mail, mask_secrets(text))


def without_ibans(text: str) -> str:
    """Take IBANs out and leave everything else."""
    return _IBAN.sub(_hide_iban, text)


def without_addresses(text: str) -> str:
    """Take mail addresses out and leave everything else, as in a key, whose digits are no card's."""
    return _MAIL.sub(_hide_mail, text)


def redacted(value: Any, name: str = "") -> Any:
    """Return a copy of JSON-like data with every text redacted and every secret field hidden.

    What is no text, number, None, list or mapping is redacted as its `str`.
    """
    if name and is_secret_name(name) and value is not None and not isinstance(value, (bool, Mapping, list, tuple)):
        return HIDDEN
    if isinstance(value, Mapping):
        return {redact(str(key)): redacted(held, str(key)) for key, held in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redacted(held, name) for held in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value if not isinstance(value, int) or abs(value) < 10**11 else _plain_number(value)
    return redact(str(value))


def one_line(text: str) -> str:
    """Write control, bidi and invisible characters as escapes, so that a text stays on its line."""
    return _UNSAFE.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def _plain_number(value: int) -> int | str:
    text = str(value)
    hidden = redact(text)
    return value if hidden == text else hidden


def _forms(value: str) -> set[str]:
    raw = value.encode("utf-8", "surrogatepass")
    inner = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}
    html = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    encoded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    return {value, quote(raw, safe=""), quote_plus(raw), html, raw.hex()} | inner | encoded


def _hide_assigned(found: re.Match[str]) -> str:
    name, between, value = found.groups()
    if not is_secret_name(name) or value.strip("'\"…:") in {HIDDEN, "", "None", "null", "true", "false"}:
        return found.group()
    around = found.string[max(0, found.start() - 1) : found.end() + 1]
    if _REFERENCE.match(value) or _REFERENCE.match(around):
        return found.group()
    mark = value[0] if value[0] in "'\"" else ""
    return f"{name}{between}{mark}{HIDDEN}{mark}"


def _hide_card(found: re.Match[str]) -> str:
    digits = [int(letter) for letter in found.group() if letter.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return "[card]" if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 else found.group()


def _hide_iban(found: re.Match[str]) -> str:
    text = found.group()
    for end in range(len(text), 14, -1):
        if end < len(text) and (text[end].isalnum() or not text[end - 1].isalnum()):
            continue
        if _is_iban(text[:end]):
            return "[iban]" + text[end:]
    return text


def _is_iban(text: str) -> bool:
    plain = re.sub(r"[ \-]", "", text).upper()
    return len(plain) >= 15 and int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1


def _hide_mail(found: re.Match[str]) -> str:
    head = found.group().split("@", 1)[0]
    return found.group() if head.endswith(HIDDEN) else "[mail]"
