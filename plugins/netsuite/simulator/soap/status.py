"""The status that every answer bears."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from .faults import Failed
from .names import CORE, tag


def status(failed: Failed | None = None) -> Element:
    """Return the status of success, or of what failed."""
    made = Element(tag(CORE, "status"), {"isSuccess": "false" if failed else "true"})
    if failed:
        detail = SubElement(made, tag(CORE, "statusDetail"), {"type": "ERROR"})
        SubElement(detail, tag(CORE, "code")).text = failed.code
        SubElement(detail, tag(CORE, "message")).text = failed.message
    return made
