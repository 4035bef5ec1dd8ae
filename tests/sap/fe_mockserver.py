"""SAP's own mock server (fe-mockserver-core, from npm) over SAP's own metadata, with rows written here.

What it has not, so that it is not tested here: CSRF and ETag are not asked for, a PATCH answers 200 with the row,
`__count` is a number, nothing is ever paged. A date that a row leaves out becomes the present moment, so every
row says all its dates. It serves two services: credit management has no metadata to serve.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.rigs.npm import installed

from . import edmx

VERSION = "1.7.16"
PACKAGES = {"@sap-ux/fe-mockserver-core": VERSION, "express": "^4"}
SERVICES = ("API_BUSINESS_PARTNER", "API_OPLACCTGDOCITEMCUBE_SRV")
SERVER = """
const express = require('express');
const Mock = require('@sap-ux/fe-mockserver-core').default;
const [services, metadata, rows] = process.argv.slice(2);
(async () => {
  const app = express();
  const mock = new Mock({ services: services.split(',').map((name) => ({
    urlPath: `/sap/opu/odata/sap/${name}`, metadataPath: `${metadata}/${name}.edmx`, mockdataPath: `${rows}/${name}`,
    generateMockData: false,
  })) });
  await mock.isReady;
  app.use(mock.getRouter());
  const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
})();
"""
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@contextmanager
def running(folder: Path, rows: Mapping[str, Rows]) -> Iterator[str]:
    """Serve rows by service and set; give the server's address. It is ended by its id."""
    metadata, home = (
        edmx.file(SERVICES[0]).parent,
        installed(f"fe-mockserver-{VERSION}", PACKAGES),
    )
    for service in SERVICES:
        edmx.file(service)
        (folder / service).mkdir()
        for name, held in rows.get(service, {}).items():
            (folder / service / f"{name}.json").write_text(json.dumps(list(held)))
    (folder / "server.js").write_text(SERVER)
    command = ["node", str(folder / "server.js"), ",".join(SERVICES), str(metadata), str(folder)]
    env = {**os.environ, "NODE_PATH": str(home / "node_modules")}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
