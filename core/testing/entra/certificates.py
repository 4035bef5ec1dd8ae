"""Certificates for loopback, signed by themselves: the servers' own, and one that a client signs in with."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

# What is served is not of today, so the certificate is valid on every day that a book may have.
_FROM: Final = datetime(2000, 1, 1, tzinfo=UTC)
_TO: Final = datetime(2099, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Identity:
    """A certificate and its private key in files, and the certificate's SHA-1 and SHA-256 in hex."""

    certificate: Path
    private_key: Path
    thumbprint: str
    thumbprint_sha256: str

    def context(self) -> ssl.SSLContext:
        """Return what a server on loopback shows itself with."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(self.certificate, self.private_key)
        return made


def of_server(folder: Path) -> Identity:
    """Return the servers' certificate, valid for localhost and 127.0.0.1, made when it is first asked for."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return _identity(folder, "server", lambda: ec.generate_private_key(ec.SECP256R1()))


def of_client(folder: Path) -> Identity:
    """Return the certificate that the client signs its assertions with, made when it is first asked for."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return _identity(folder, "client", lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048))


def _identity(folder: Path, name: str, generate: Callable[[], EllipticCurvePrivateKey | RSAPrivateKey]) -> Identity:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    certificate, key = folder / f"{name}.crt.pem", folder / f"{name}.key.pem"
    if not certificate.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _make(generate(), name, certificate, key)
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    prints = [read.fingerprint(each).hex().upper() for each in (hashes.SHA1(), hashes.SHA256())]
    return Identity(certificate.resolve(), key.resolve(), *prints)


def _make(made: EllipticCurvePrivateKey | RSAPrivateKey, name: str, certificate: Path, key: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"duehook simulated {name}")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(made.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_TO)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(made, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    key.write_bytes(made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
