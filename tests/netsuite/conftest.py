"""What the tests of the connector are given: a simulated account, and clients of it."""

from __future__ import annotations

from .simulated import client, opened, played
from .soapy import soapy
from .suitetalk import talker, talking, wire, wsdl

__all__ = ["client", "opened", "played", "soapy", "talker", "talking", "wire", "wsdl"]
