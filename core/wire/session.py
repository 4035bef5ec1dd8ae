"""The HTTP session that every client of a plugin speaks through.

It always has time-outs, follows no redirect to another host, retries reads and never writes, keeps
within a rate budget, reads no more than a cap, and knows the faults of core/errors.py. A write whose
answer is missing or senseless raises ReplyLost: the caller answers `unknown` and verifies.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache, partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
import structlog
from urllib3.exceptions import HTTPError, InvalidHeader, NameResolutionError, NewConnectionError

from duehook.core.errors import ConnectorDown, ConnectorError, ConnectorGarbled, ConnectorRefused

from .budget import RateBudget
from .exact_json import exact_json
from .guard import AddressGuard, GuardedAdapter, HandshakeFailed, origin_of
from .reasons import reason
from .reply import Reply
from .reply_lost import ReplyLost
from .retry import PASSING, RetryPolicy, rest
from .tapes import Sent, exchanged

READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
REDIRECTS: Final = 3
_NEVER_STOOD: Final = (requests.exceptions.ConnectTimeout, NewConnectionError, NameResolutionError)
_UNHEADED: Final = (requests.exceptions.InvalidHeader, UnicodeEncodeError)  # the first also of an answer's header
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class WireOptions:
    """What a client may tune; clock, sleep and chance are here so that tests need neither time nor luck."""

    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    largest: int = 32 * 1024 * 1024
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    budget: RateBudget | None = None
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    verify: bool | str = True
    cookies: bool = True  # False where a session's cookies would tie all calls to one server of many
    address_in: str = "the address in the connection's settings"  # where a person corrects the address


@dataclass(frozen=True)
class Call:
    """One request: `reads` marks a POST that only reads and may be sent again, `writes` a GET that changes something.

    `json`, whose Decimals are written to the last digit, or `data` is the body. Statuses in `accept` come
    back as replies instead of faults. `signed` gives headers anew for each try, where a signature holds for one alone;
    `data` may be what makes the body anew, where the signature stands in there.
    """

    method: str
    url: str
    json: Any = None
    data: bytes | Callable[[], bytes] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    reads: bool = False
    writes: bool = False
    accept: Collection[int] = ()
    signed: Callable[[], Mapping[str, str]] = dict

    @property
    def is_read(self) -> bool:
        """Say whether sending it twice changes nothing."""
        return not self.writes and (self.reads or self.method.upper() in READS)


@dataclass(frozen=True)
class _Failed:
    fault: ConnectorError
    passing: bool
    headers: Mapping[str, str] = field(default_factory=dict)


class WireSession:
    """Sends calls to the origins of the URLs it was made for."""

    def __init__(self, urls: Collection[str], options: WireOptions | None = None) -> None:
        self._options = options or WireOptions()
        self._guard = AddressGuard(urls)
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, no .netrc: only what the settings say
        self._session.verify = self._options.verify
        if not self._options.cookies:
            self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, GuardedAdapter(max_retries=0))

    def send(self, call: Call) -> Reply:
        """Return the reply; raise a ConnectorError otherwise, ReplyLost when a write may have happened."""
        self._guard.check(call.url)
        tried = 1
        while True:
            answer = self._tried(call)
            if isinstance(answer, Reply):
                return answer
            wait = self._wait(call, tried, answer.headers) if answer.passing else None
            if wait is None:
                raise answer.fault
            rest(wait, self._options.sleep)
            tried += 1

    def json(self, call: Call) -> Any:
        """Return the reply's JSON; a write that is answered by something else raises ReplyLost."""
        reply = self.send(call)
        try:
            return reply.json()
        except ConnectorGarbled as error:
            if call.is_read:
                raise
            raise ReplyLost(f"{error.message} The write was sent and may have taken effect.") from error

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def _wait(self, call: Call, tried: int, headers: Mapping[str, str]) -> float | None:
        if not call.is_read:
            return None
        options = self._options
        return options.retry.wait(tried, headers, now=options.now, chance=options.chance())

    def _tried(self, call: Call) -> Reply | _Failed:
        """Send once; a write that the other side broke over may have happened."""
        try:
            reply = self._once(call)
        except ConnectorDown as error:
            return _Failed(error, passing=True)
        fault = None if reply.status in call.accept else reply.fault()
        if fault is None:
            return reply
        if reply.status >= 500 and not call.is_read:
            fault = ReplyLost(f"{fault.message} The write was sent and may have taken effect.")
        return _Failed(fault, reply.status in PASSING, reply.headers)

    def _once(self, call: Call) -> Reply:
        options, url = self._options, call.url
        budget: AbstractContextManager[None] = options.budget.call() if options.budget else nullcontext()
        with budget:
            for _ in range(REDIRECTS + 1):
                reply = exchanged(Sent(call, url), partial(self._exchange, call, url))
                target = self._redirected(call, reply)
                if target is None:
                    return reply
                url = target
        raise ConnectorRefused(f"{call.url} redirects in circles.", fix="correct the address in the settings.")

    def _redirected(self, call: Call, reply: Reply) -> str | None:
        """Return where a read is redirected to on the same origin; refuse any other origin."""
        location = reply.headers.get("Location")
        if not 300 <= reply.status < 400 or reply.status == 304 or not location:
            return None
        if call.writes or call.method.upper() not in READS:
            return None
        target = urljoin(reply.url, location)
        if origin_of(target) != origin_of(call.url):
            raise ConnectorRefused(
                f"{_bare(call.url)} redirects to {urlsplit(target).hostname}, which the settings do not name.",
                fix="write the final address into the settings.",
            )
        return target

    def _exchange(self, call: Call, url: str) -> Reply:
        options = self._options
        try:
            with self._session.send(
                self._prepared(call, url),
                timeout=(options.connect_seconds, options.read_seconds),
                proxies={},
                allow_redirects=False,
                stream=True,
            ) as response:
                body = self._body(response, call)
                reply = Reply(response.status_code, response.headers, body, _bare(url))
        except (requests.RequestException, HTTPError, OSError, UnicodeEncodeError) as error:
            raise self._broken(call, error) from error
        _log.debug("http", method=call.method, url=reply.url, status=reply.status, bytes=len(body))
        return reply

    def _prepared(self, call: Call, url: str) -> requests.PreparedRequest:
        """Return the request as it goes out; `Session.request` would look for settings to merge in at every call."""
        told = {} if call.json is None else {"Content-Type": "application/json"}
        prepared = requests.PreparedRequest()
        prepared.prepare_method(call.method.upper())
        prepared.url = _address(url, tuple(call.params.items()))
        prepared.prepare_headers({**self._session.headers, **told, **call.headers, **call.signed()})
        prepared.prepare_cookies(self._session.cookies)
        prepared.prepare_body(_body_of(call), None)
        return prepared

    def _body(self, response: requests.Response, call: Call) -> bytes:
        parts, size = [], 0
        for part in response.iter_content(256 * 1024):
            size += len(part)
            if size > self._options.largest:
                told = f"{_bare(call.url)} answered more than {self._options.largest} bytes; nothing of it was kept."
                raise ConnectorGarbled(told) if call.is_read else ReplyLost(told)
            parts.append(part)
        return b"".join(parts)

    def _broken(self, call: Call, error: Exception) -> ConnectorError:
        host, causes = _host(call.url), _causes(error)
        if any(isinstance(cause, HandshakeFailed) for cause in causes):
            told = f"{host} and this machine do not agree on TLS: {reason(error)}."
            return ConnectorRefused(told, fix="let the other side show a certificate that this machine trusts.")
        if isinstance(error, _UNHEADED) and not any(isinstance(cause, InvalidHeader) for cause in causes):
            told = f"Nothing can be sent to {host}: a token has a sign in it that no header may have."  # never shown
            return ConnectorRefused(told, fix="look at what the other side gives as its token.")
        if isinstance(error, requests.exceptions.InvalidURL):
            told = f"Nothing can be sent to {host}: {reason(error)}."
            return ConnectorRefused(told, fix=f"correct {self._options.address_in}.")
        if any(isinstance(cause, _NEVER_STOOD) for cause in causes):
            fix = f"see that it runs and that no firewall stands in between, or correct {self._options.address_in}."
            return ConnectorDown(f"{host} cannot be reached: {reason(error)}.", fix=fix)
        told = f"{host} failed at {urlsplit(call.url).path or '/'}: {reason(error)}."
        if call.is_read:
            return ConnectorDown(told, fix="let the other side's admin look why; it is asked again by the next run.")
        return ReplyLost(f"{told} The write was sent and may have taken effect.")


@lru_cache(maxsize=64)
def _address(url: str, params: tuple[tuple[str, str], ...]) -> str:
    """Return a URL as it goes out; the same may be asked thousands of times."""
    prepared = requests.PreparedRequest()
    prepared.prepare_url(url, params)
    return str(prepared.url)


def _body_of(call: Call) -> bytes | None:
    if call.json is not None:
        return exact_json(call.json).encode()
    return call.data() if callable(call.data) else call.data


def _causes(error: Exception) -> list[Any]:
    """Return the fault and what it wraps: only by that can one say whether a byte went out."""
    return [error, *error.args, *(getattr(cause, "reason", None) for cause in error.args)]


def _host(url: str) -> str:
    _, host, port = origin_of(url)
    return f"{host}:{port}"


def _bare(url: str) -> str:
    """Return a URL without user, query and fragment, for messages."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
