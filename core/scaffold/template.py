"""The files of a new connector's package, with the template's name for its ERP replaced by the connector's own."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

SAMPLE: Final = "acme"
ENDING: Final = ".template"
PACKAGE: Final = "src/duehook_{}"
CODE: Final = ("__init__.py", "settings.py", "client.py", "mapping.py", "sources.py", "simulator.py", "py.typed")
AROUND: Final = {
    "pyproject.toml": "pyproject.toml",
    "CHANGELOG.md": "CHANGELOG.md",
    "gitignore": ".gitignore",
    "ci.yml": ".github/workflows/ci.yml",
    "README.md": f"{PACKAGE}/README.md",  # beside the code, so that it is installed with it
}


def package(name: str) -> dict[str, str]:
    """Return the text of each file by its place in the package of the connector `name`."""
    home = files("duehook.core.scaffold")
    found = {f"{PACKAGE}/{each}": home / "connector" / each for each in CODE}
    found |= {place: home / f"{each}{ENDING}" for each, place in AROUND.items()}
    return {place.format(name): _renamed(source, name) for place, source in sorted(found.items())}


def _renamed(source: Traversable, name: str) -> str:
    text = source.read_text(encoding="utf-8")
    return text.replace(SAMPLE, name).replace(SAMPLE.upper(), name.upper()).replace(SAMPLE.title(), title(name))


def title(name: str) -> str:
    """Return a name as classes begin with it: lawson_s3 is LawsonS3."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
