# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A package index on loopback that asks for a password."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.server
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    installer,
)

USER = "reader"


def make_wheel(
    folder: Path,
    name: str,
    version: str,
    extra: Mapping[str, str] | None = None,
    *,
    lies: bool = False,
) -> None:
    """Write a wheel that holds one module, and what else is given.

    Args:
        folder: Where to.
        name: Name of the project and of its module.
        version: Its version.
        extra: Further files, by path.
        lies: Whether its RECORD has wrong hashes.
    """
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        ),
        f"{info}/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: test\n"
            "Root-Is-Purelib: true\nTag: py3-none-any\n"
        ),
        **(extra or {}),
    }
    record = [f"{info}/RECORD,,"]
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
            said = "a lie" if lies else text
            digest = hashlib.sha256(said.encode()).digest()
            encoded = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            record.append(f"{file},sha256={encoded},{len(text)}")
        wheel.writestr(f"{info}/RECORD", "\n".join(record) + "\n")


def fetch_pip(folder: Path) -> None:
    """Lay down the installer's wheel: hosts get it from the index."""
    wanted = f"{installer.NAME}=={installer.VERSION}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "-q"]
    subprocess.run([*command, "-d", folder, wanted], check=True)


@contextlib.contextmanager
def serve(folder: Path, password: str) -> Iterator[int]:
    """Serve a directory's wheels to who knows the password.

    Yields:
        The port; the index is `/simple`.
    """
    pair = base64.b64encode(f"{USER}:{password}".encode()).decode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def _answer(self, *, with_body: bool) -> None:
            status, kind, body = 401, "text/plain", b"who are you?"
            if self.headers.get("Authorization") == f"Basic {pair}":
                status, kind, body = _page(folder, self.path)
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="wheels"')
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if with_body:
                self.wfile.write(body)

        def log_request(self, *_args: object) -> None:
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def _page(folder: Path, path: str) -> tuple[int, str, bytes]:
    """Answer as a simple repository does: PEP 503."""
    parts = path.strip("/").split("/")
    if parts[0] == "simple" and len(parts) == 2:
        names = sorted(p.name for p in folder.glob(f"{parts[1]}-*.whl"))
        links = [f'<a href="/wheels/{name}">{name}</a>' for name in names]
        text = f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>"
        return (200 if names else 404), "text/html", text.encode()
    file = folder / parts[-1]
    if parts[0] == "wheels" and file.is_file():
        return 200, "application/octet-stream", file.read_bytes()
    return 404, "text/plain", b"no such page"
