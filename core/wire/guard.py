"""Which addresses may be spoken to: the hosts that settings name, and never a metadata service.

The name is checked before a call, and the address that was really reached is checked after the
connection stands and before a byte is sent, so that a name that changes its address gains nothing.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import SSLError
from urllib3.poolmanager import PoolManager

from duehook.core.errors import ConnectorRefused

_METADATA: Final = frozenset(
    map(ipaddress.ip_address, ("169.254.169.254", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"))
)
_FIX: Final = "correct the address in the connection's settings."
Origin = tuple[str, str, int]


class AddressGuard:
    """Lets through the origins (scheme, host, port) of the URLs it was given."""

    def __init__(self, urls: Iterable[str]) -> None:
        self._origins = frozenset(map(origin_of, urls))
        self._passed: set[Origin] = set()

    def check(self, url: str) -> None:
        """Raise ConnectorRefused for another origin, or a literal address nobody may reach."""
        origin = origin_of(url)
        if origin in self._passed:
            return
        if origin not in self._origins:
            raise ConnectorRefused(f"{origin[1]}:{origin[2]} is not named in the settings; nothing was sent.", fix=_FIX)
        check_address(origin[1].strip("[]"), names_pass=True)
        self._passed.add(origin)


def origin_of(url: str) -> Origin:
    """Return scheme, host and port; raise ConnectorRefused when the URL has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its message may show a password that stands where a port should
        raise ConnectorRefused("The address is no URL that can be read.", fix=_FIX) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ConnectorRefused("The address is not of the form https://host/path.", fix=_FIX)
    return parts.scheme, parts.hostname.lower(), port or {"http": 80, "https": 443}[parts.scheme]


def check_address(host: str, *, names_pass: bool = False) -> None:
    """Raise ConnectorRefused for a link-local, metadata, multicast or nobody's address."""
    try:
        address: Any = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        if names_pass:
            return
        raise ConnectorRefused(f"{host!r} is no address.", fix=_FIX) from None
    address = getattr(address, "ipv4_mapped", None) or address
    if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        raise ConnectorRefused(f"{address} is no address of an ERP; nothing was sent.", fix=_FIX)


class _Checked(HTTPConnection):
    def _new_conn(self) -> Any:
        return _peer_checked(super()._new_conn())


class HandshakeFailed(SSLError):
    """The two sides did not agree on TLS, or the certificate is not trusted; nothing was sent."""


class _CheckedTls(HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except ssl.SSLError as error:
            raise HandshakeFailed(error) from error

    def _new_conn(self) -> Any:
        return _peer_checked(super()._new_conn())


def _peer_checked(socket: Any) -> Any:
    try:
        check_address(str(socket.getpeername()[0]))
    except BaseException:
        socket.close()
        raise
    return socket


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Checked


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _CheckedTls


class GuardedAdapter(HTTPAdapter):
    """Connects only to addresses that `check_address` lets through; never retries by itself."""

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        """Make a pool of checked connections."""
        super().init_poolmanager(*arguments, **named)  # type: ignore[no-untyped-call, unused-ignore]
        pools: PoolManager = self.poolmanager
        pools.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
