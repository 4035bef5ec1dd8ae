"""The certificate that a client signs in with: read from its files, and proved to belong to its key."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from duehook.core.errors import ConnectorRefused

from .client import EntraClient


def credential(settings: EntraClient) -> dict[str, Any]:
    """Return key and certificate as MSAL takes them; ConnectorRefused where they are none, or not of one pair."""
    key, certificate = _pem(settings.key_file, "key_file"), _pem(settings.certificate_file, "certificate_file")
    word = settings.key_passphrase.get_secret_value() if settings.key_passphrase else None
    _expect_a_pair(settings, key, certificate, word)
    found = {"private_key": key, "public_certificate": certificate}
    return found | ({"passphrase": word} if word else {})


def ends_at(settings: EntraClient) -> datetime | None:
    """Return when the certificate ends; None where the client signs in by its secret."""
    if settings.certificate_file is None:
        return None
    from cryptography import x509

    text = _pem(settings.certificate_file, "certificate_file")
    return x509.load_pem_x509_certificate(text.encode()).not_valid_after_utc


def _pem(file: str | None, setting: str) -> str:
    try:
        text = Path(file or "").read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        told = error.strerror if isinstance(error, OSError) else "it is no PEM text"
        raise ConnectorRefused(f"{file} cannot be read: {told}.", fix=f"correct `{setting}`.") from None
    if "-----BEGIN " not in text:
        raise ConnectorRefused(f"{file} is no PEM file.", fix=f"name a file with -----BEGIN …----- as `{setting}`.")
    return text


def _expect_a_pair(settings: EntraClient, key: str, certificate: str, word: str | None) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    try:
        private = serialization.load_pem_private_key(key.encode(), word.encode() if word else None)
    except (ValueError, TypeError):
        told = f"{settings.key_file} holds no private key that can be read."
        raise ConnectorRefused(told, fix="correct `key_file`, and `key_passphrase` where it has one.") from None
    try:
        public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    except ValueError:
        told = f"{settings.certificate_file} holds no certificate that can be read."
        raise ConnectorRefused(told, fix="correct `certificate_file`.") from None
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if private.public_key().public_bytes(*form) != public.public_bytes(*form):
        told = f"{settings.key_file} is not the key of {settings.certificate_file}."
        raise ConnectorRefused(told, fix="name the files of one pair as `certificate_file` and `key_file`.")
