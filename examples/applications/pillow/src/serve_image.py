# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compute a picture, compress it, and tell what came of it."""

from __future__ import annotations

import io
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy
from PIL import Image


def describe() -> str:
    """Return the format, the size and the brightness of a picture."""
    ramp = numpy.linspace(0, 1, 64).reshape(64, 1)
    # A product of matrices: OpenBLAS does it.
    pixels = numpy.rint(ramp @ ramp.T * 255).astype(numpy.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG")
    with Image.open(file) as image:
        mean = int(numpy.asarray(image).mean())
        return f"{image.format} {image.width}x{image.height}, mean {mean}\n"


class Pictures(BaseHTTPRequestHandler):
    """Answers every GET with the description of the picture."""

    def do_GET(self) -> None:
        """Compute the picture and answer."""
        body = describe().encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until stopped."""
    ThreadingHTTPServer(("127.0.0.1", 8204), Pictures).serve_forever()


if __name__ == "__main__":
    main()
