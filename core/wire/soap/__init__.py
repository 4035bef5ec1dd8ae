"""SOAP: what a WSDL says of messages, the envelopes made by it, and services that take them."""

from __future__ import annotations

from .description import SoapDescription
from .service import SoapService

__all__ = ["SoapDescription", "SoapService"]
