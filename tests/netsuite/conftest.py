"""What the tests of the connector are given: a simulated account, and clients of it."""

from __future__ import annotations

from .simulated import client, opened, played
from .suitetalk import talker, talking, wire, wsdl

__all__ = ["client", "opened", "played", "talker", "talking", "wire", "wsdl"]
