"""A folder on an SFTP server, over paramiko: its files listed, fetched and written, on a host whose key is known."""

from __future__ import annotations

import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from duehook.core.errors import ConnectorDown, ConnectorRefused, DuehookError
from duehook.plugins.files.forms.table import Stamp
from duehook.plugins.files.settings import SftpSettings

if TYPE_CHECKING:
    from paramiko import PKey, SFTPClient, SSHClient

_SECOND: Final = 1_000_000_000


class SftpFolder:
    """The folder that the settings name. Opened by `reached`, for as long as that lasts."""

    def __init__(self, settings: SftpSettings, base: Path) -> None:
        """Take the settings, and the folder that their files count from."""
        self._settings, self._base = settings, base
        self.name = f"{settings.host}:{settings.folder}"
        self._session: SFTPClient | None = None

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Sign in, and hang up at the end. Raises ConnectorRefused and ConnectorDown."""
        client = _paramiko().SSHClient()
        try:
            with self._told("cannot be reached"):
                self._session = self._signed_in(client)
            yield
        finally:
            self._session = None
            client.close()

    def listed(self) -> dict[str, Stamp]:
        """Return the plain files of the folder by name, with size and time in whole seconds."""
        with self._told(f"cannot list {self._settings.folder}"):
            found = self._open.listdir_attr(".")
        return {
            each.filename: Stamp(each.st_size or 0, (each.st_mtime or 0) * _SECOND)
            for each in found
            if stat.S_ISREG(each.st_mode or 0) and Path(each.filename).name == each.filename
        }

    def fetch(self, name: str, into: IO[bytes]) -> Stamp:
        """Copy a file; return what tells it afterwards. Raises ConnectorDown when it broke off."""
        with self._told(f"broke off while {name} was fetched"):
            self._open.getfo(name, into)
            now = self._open.stat(name)
        return Stamp(now.st_size or 0, (now.st_mtime or 0) * _SECOND)

    def has(self, name: str) -> bool:
        """Say whether a file is there."""
        with self._told(f"cannot say whether {name} is there"):
            try:
                self._open.stat(name)
            except FileNotFoundError:
                return False
            return True

    def put(self, name: str, content: bytes) -> None:
        """Write a file, also over one of that name. Raises ConnectorDown when it broke off or came short."""
        with self._told(f"broke off while {name} was written"):
            self._open.putfo(io.BytesIO(content), name)

    def rename(self, old: str, new: str) -> None:
        """Rename a file, never over another. Raises ConnectorDown where nobody knows whether that happened."""
        with self._told(f"broke off while {new} was renamed"):
            self._open.rename(old, new)

    def make(self, name: str) -> None:
        """Make a folder, unless it is there."""
        with self._told(f"cannot make {name}"):
            if not self.has(name):
                self._open.mkdir(name)

    @property
    def _open(self) -> SFTPClient:
        assert self._session is not None
        return self._session

    def _signed_in(self, client: SSHClient) -> SFTPClient:
        asked = self._settings
        hosts = self._base / asked.known_hosts
        try:
            client.load_host_keys(str(hosts))
        except OSError as error:
            told = f"the known hosts {hosts} cannot be read: {error.strerror}."
            raise ConnectorRefused(told, fix="correct `sftp.known_hosts`; ssh-keyscan makes its lines.") from error
        client.set_missing_host_key_policy(_Refusing(hosts))  # type: ignore[arg-type]  # any object will do
        client.connect(
            asked.host, asked.port, asked.user,
            password=asked.password.get_secret_value() if asked.password else None, pkey=self._key(),
            timeout=asked.connect_seconds, banner_timeout=asked.connect_seconds, auth_timeout=asked.connect_seconds,
            allow_agent=False, look_for_keys=False,
        )  # fmt: skip
        session = client.open_sftp()
        channel = session.get_channel()
        if channel is not None:
            channel.settimeout(asked.read_seconds)
        with self._told(f"has no folder {asked.folder} that may be opened"):
            session.chdir(asked.folder)
        return session

    def _key(self) -> PKey | None:
        asked = self._settings
        if asked.key_file is None:
            return None
        phrase = asked.key_passphrase.get_secret_value().encode() if asked.key_passphrase else None
        try:
            return _paramiko().PKey.from_path(self._base / asked.key_file, phrase)  # type: ignore[no-any-return]
        except (OSError, ValueError, TypeError, _paramiko().SSHException) as error:
            raise ConnectorRefused(
                f"the key {asked.key_file} cannot be read: {error}.", fix="correct `sftp.key_file` or `key_passphrase`."
            ) from error

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Turn what paramiko raises into our errors."""
        driver, host = _paramiko(), self._settings.host
        try:
            yield
        except DuehookError:
            raise
        except driver.BadHostKeyException as error:
            raise ConnectorRefused(
                f"{host} shows another host key than {self._settings.known_hosts} has: it may be another server. "
                "Nothing was sent.",
                fix="ask its operator for the fingerprint, and correct `sftp.known_hosts`.",
            ) from error
        except driver.AuthenticationException as error:
            raise ConnectorRefused(
                f"{host} does not let {self._settings.user} in: {error}.",
                fix="correct user, password or key of `sftp`.",
            ) from error
        except (FileNotFoundError, PermissionError) as error:
            raise ConnectorRefused(
                f"{host} {what}: {error.strerror or error}.", fix="correct `sftp` in duehook.yaml, or the rights there."
            ) from error
        except (OSError, EOFError, driver.SSHException) as error:
            raise ConnectorDown(f"{host} {what}: {error or type(error).__name__}; nothing is lost.") from error


class _Refusing:
    """Lets no host in whose key is not known."""

    def __init__(self, hosts: Path) -> None:
        self._hosts = hosts

    def missing_host_key(self, client: SSHClient, hostname: str, key: PKey) -> None:
        """Refuse, and tell the fingerprint."""
        raise ConnectorRefused(
            f"the host key of {hostname} is not in {self._hosts.name}: {key.get_name()} {key.fingerprint}. "
            "Nothing was sent.",
            fix=f"compare it with what its operator says, then add the line that ssh-keyscan gives to {self._hosts}.",
        )


def _paramiko() -> Any:
    try:
        import paramiko
    except ImportError:
        told = "paramiko, which speaks SFTP, is not installed."
        raise ConnectorRefused(told, fix="pip install 'duehook[sftp]'.") from None
    return paramiko
