"""The kinds of value duehook.yaml holds, each read from what a person writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

_UNITS: Final = {"s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400}
_DURATION: Final = re.compile(r"(\d{1,6})\s*(s|sec|m|min|h|hour|d|day)s?\Z")
_SLOT: Final = re.compile(r"(\d{1,2}):(\d{2})(?:\s+(\S.*))?\Z")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MAIL: Final = re.compile(r"[^\s@<>\"(),:;\[\]\\\x00-\x1f]+@[^\s@<>\"(),:;\[\]\\\x00-\x1f.]+(?:\.[^\s@<>\"(),:;.]+)+\Z")


class Model(BaseModel):
    """What all settings share: frozen, no unknown key, a number where text is meant is its text."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, validate_default=True)


def duration(value: Any) -> timedelta:
    """Read `90 s`, `5 min`, `4 h` or `1 d`."""
    if isinstance(value, timedelta):
        return value
    found = _DURATION.match(str(value).strip().lower())
    if not found:
        raise ValueError("write a number and s, min, h or d, such as 4h")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def weekday(value: int) -> int:
    """Take a weekday's number, Monday 0 to Sunday 6."""
    if not 0 <= value <= 6:
        raise ValueError("write 0 for Monday to 6 for Sunday")
    return value


def share(value: Any) -> Decimal:
    """Read `1 %` or `0.01` as the share 0.01."""
    text = str(value).strip()
    try:
        number = Decimal(text.rstrip("%").strip())
    except InvalidOperation:
        raise ValueError("write a share such as 1 %") from None
    part = number / 100 if text.endswith("%") else number
    if not part.is_finite() or not 0 <= part <= 1:
        raise ValueError("a share lies between 0 % and 100 %")
    return part


def zone(value: Any) -> str:
    """Refuse a time zone that nobody knows."""
    try:
        return ZoneInfo(str(value)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{value!r} is no time zone; write one such as Europe/Berlin") from None


def mail_address(value: Any) -> str:
    """Refuse what can be no mail address; a display name has a key of its own."""
    if not _MAIL.match(str(value)) or len(str(value)) > 254:
        raise ValueError("this is no mail address; write it as name@example.com")
    return str(value)


def database_url(text: str) -> str:
    """Refuse a PostgreSQL URL that is taken apart in the wrong place; its message shows nothing of it."""
    scheme, _, rest = text.partition("://")
    if scheme.partition("+")[0] == "postgresql" and rest.partition("?")[0].count("@") > 1:
        raise ValueError(
            "more than one @ stands in this address; in a user or password write @ as %40, / as %2F, : as %3A, "
            "# as %23, ? as %3F and % as %25"
        )
    return text


def iban(value: Any) -> str:
    """Return an IBAN without blanks, its check digits proved."""
    plain = re.sub(r"\s", "", str(value)).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", plain):
        raise ValueError("this is no IBAN")
    if int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 != 1:
        raise ValueError("the check digits of this IBAN are wrong; a digit is mistyped")
    return plain


@dataclass(frozen=True)
class Slot:
    """A time of day, on all or some weekdays, in the company's own zone."""

    at: time
    days: frozenset[int] = frozenset(range(7))  # Monday 0

    @classmethod
    def read(cls, value: Any) -> Self:
        """Read `05:30`, `05:30 Mon-Fri` or `05:30 Mon,Wed`."""
        found = _SLOT.match(str(value).strip())
        if not found or int(found[1]) > 23 or int(found[2]) > 59:
            raise ValueError('write a time and perhaps days in quotes, such as "05:30 Mon-Fri"')
        return cls(at=time(int(found[1]), int(found[2])), days=_weekdays(found[3]))

    def __str__(self) -> str:
        days = "" if len(self.days) == 7 else " " + ",".join(_DAYS[day] for day in sorted(self.days))
        return f"{self.at:%H:%M}{days}"


def _weekdays(text: str | None) -> frozenset[int]:
    if text is None:
        return frozenset(range(7))
    days: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        start, end = _weekday(first), _weekday(last if dash else first)
        days.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return frozenset(days)


def _weekday(text: str) -> int:
    name = text.strip()[:3].title()
    if name not in _DAYS:
        raise ValueError(f"{text.strip()!r} is no weekday; write {', '.join(_DAYS)}")
    return _DAYS.index(name)


def _matching(pattern: str, words: str) -> AfterValidator:
    """Refuse text that is not of the pattern, in words."""

    def matching(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(words)
        return text

    return AfterValidator(matching)


class _AsText:
    """Show the type to editors as text of a pattern."""

    @staticmethod
    def schema(description: str, pattern: str | None = None) -> WithJsonSchema:
        found: dict[str, Any] = {"type": "string", "description": description}
        return WithJsonSchema(found | ({"pattern": pattern} if pattern else {}), mode="validation")


Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    _AsText.schema("a number and s, min, h or d: 4h", r"^\d+ *(s|sec|m|min|h|hour|d|day)s?$"),
]
Share = Annotated[Decimal, BeforeValidator(share), _AsText.schema("a share: 1 %", r"^[0-9.]+ *%?$")]
Zone = Annotated[str, BeforeValidator(zone), _AsText.schema("an IANA time zone: Europe/Berlin")]
MailAddress = Annotated[str, BeforeValidator(mail_address), _AsText.schema("a mail address")]
DatabaseUrl = Annotated[str, AfterValidator(database_url)]
Iban = Annotated[str, BeforeValidator(iban), _AsText.schema("an IBAN, blanks allowed")]
Weekly = Annotated[Slot, BeforeValidator(Slot.read), _AsText.schema('a time and days: "05:30 Mon-Fri"')]
Currency = Annotated[str, _matching(r"[A-Z]{3}", "write the ISO code, such as EUR"), _AsText.schema("EUR, USD…")]
Weekday = Annotated[int, AfterValidator(weekday)]
Country = Annotated[str, _matching(r"[A-Z]{2}", "write the ISO code, such as DE"), _AsText.schema("DE, US…")]
Language = Annotated[
    str, _matching(r"[a-z]{2}(-[A-Z]{2})?", "write it as en, de or de-CH"), _AsText.schema("en, de, de-CH…")
]
Days = Annotated[int, Field(ge=0, le=3650)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
