"""A real SFTP server on loopback, which serves a folder of the test."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko
from paramiko import (
    ECDSAKey,
    PKey,
    ServerInterface,
    SFTPAttributes,
    SFTPHandle,
    SFTPServer,
    SFTPServerInterface,
    Transport,
)
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)
from paramiko.sftp import SFTP_FAILURE, SFTP_OK

USER, PASSWORD = "tims", "open sesame"


class Door(ServerInterface):
    """Lets one user in, by password or key."""

    def __init__(self, key: PKey) -> None:
        self.key = key

    def check_auth_password(self, username: str, password: str) -> int:
        return AUTH_SUCCESSFUL if (username, password) == (USER, PASSWORD) else AUTH_FAILED

    def check_auth_publickey(self, username: str, key: PKey) -> int:
        return AUTH_SUCCESSFUL if username == USER and key == self.key else AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED


def shelf_of(server: Server) -> type[SFTPServerInterface]:
    """Return the view that a session has of the server's folder."""

    class Shelf(SFTPServerInterface):
        def list_folder(self, path: str) -> Any:
            server.asked.append(f"list {path}")
            try:
                names = sorted(os.listdir(server.local(path)))
                found = [SFTPAttributes.from_stat(os.lstat(server.local(f"{path}/{name}")), name) for name in names]
            except OSError as error:
                return SFTPServer.convert_errno(error.errno or 0)
            server.between()
            return found

        def stat(self, path: str) -> Any:
            try:
                return SFTPAttributes.from_stat(server.local(path).stat())
            except OSError as error:
                return SFTPServer.convert_errno(error.errno or 0)

        def open(self, path: str, flags: int, attr: SFTPAttributes) -> Any:
            if flags & (os.O_WRONLY | os.O_RDWR):
                return written(server, path, flags)
            server.asked.append(f"fetch {path.rpartition('/')[2]}")
            server.between()
            handle = SFTPHandle(flags)
            handle.readfile = server.local(path).open("rb")  # type: ignore[attr-defined]
            if server.cut is not None:
                cut = server.cut
                handle.read = lambda offset, length: cut()  # type: ignore[method-assign]
            return handle

        def mkdir(self, path: str, attr: SFTPAttributes) -> Any:
            server.local(path).mkdir()
            return SFTP_OK

        def rename(self, oldpath: str, newpath: str) -> Any:
            server.asked.append(f"rename {newpath.rpartition('/')[2]}")
            server.before("rename", newpath)
            if server.local(newpath).exists():
                return SFTP_FAILURE
            server.local(oldpath).rename(server.local(newpath))
            server.after("rename", newpath)
            return SFTP_OK

    return Shelf


def written(server: Server, path: str, flags: int) -> Any:
    """Open a file that a session writes."""
    server.asked.append(f"write {path.rpartition('/')[2]}")
    server.before("write", path)
    handle = SFTPHandle(flags)
    try:
        handle.writefile = server.local(path).open("wb")  # type: ignore[attr-defined]
    except OSError as error:
        return SFTPServer.convert_errno(error.errno or 0)
    return handle


class Server:
    """The server; `between` is called in the middle of listing and opening, `cut` in the place of reading.

    `before` and `after` are told what is done to a file, `write` or `rename`, and to which.
    """

    def __init__(self, folder: Path, host_key: PKey, user_key: PKey) -> None:
        self.folder, self.host_key, self.door = folder, host_key, Door(user_key)
        self.asked: list[str] = []
        self.between: Any = lambda: None
        self.cut: Any = None
        self.before: Any = lambda done, path: None
        self.after: Any = lambda done, path: None
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.signed_in = 0
        self._transports: list[Transport] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def local(self, path: str) -> Path:
        return self.folder / path.lstrip("/")

    def known(self, name: str = "127.0.0.1") -> str:
        """Return the line of known_hosts."""
        return f"[{name}]:{self.port} {self.host_key.get_name()} {self.host_key.get_base64()}\n"

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                transport = Transport(client)
                transport.add_server_key(self.host_key)
                transport.set_subsystem_handler("sftp", SFTPServer, shelf_of(self))
                self._transports.append(transport)
                self.signed_in += 1
                with contextlib.suppress(paramiko.SSHException, EOFError):
                    transport.start_server(server=self.door)

    def hang_up(self) -> None:
        for transport in self._transports:
            transport.close()

    def stop(self) -> None:
        if self._socket.fileno() < 0:
            return
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.hang_up()
        self._thread.join(5)
        for transport in self._transports:
            transport.join(5)


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Serve a folder under a host key of its own."""
    server = Server(folder, ECDSAKey.generate(), ECDSAKey.generate())
    try:
        yield server
    finally:
        server.stop()
