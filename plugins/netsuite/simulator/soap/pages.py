"""A page of a search made shorter, as a server that loses rows would give it."""

from __future__ import annotations

from xml.etree.ElementTree import ParseError, fromstring, tostring

from .names import CORE, tag

_LISTS = tuple(tag(CORE, name) for name in ("recordList", "searchRowList", "deletedRecordList"))


def shrunk(body: bytes) -> bytes:
    """Return a page with half of its rows, as if it were the last; any other answer as it is."""
    try:
        document = fromstring(body)
    except ParseError:
        return body
    result = next(document.iter(tag(CORE, "searchResult")), None)
    listed = None if result is None else next((child for child in result if child.tag in _LISTS), None)
    if result is None or listed is None:
        return body
    for child in list(listed)[len(listed) // 2 :]:
        listed.remove(child)
    index, size = (int(result.findtext(tag(CORE, name), "1")) for name in ("pageIndex", "pageSize"))
    counts = {"totalRecords": (index - 1) * size + len(listed), "totalPages": index}
    for name, count in counts.items():
        found = result.find(tag(CORE, name))
        if found is not None:
            found.text = str(count)
    shorter: bytes = tostring(document, "utf-8", xml_declaration=True)
    return shorter
