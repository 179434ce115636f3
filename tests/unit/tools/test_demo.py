# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration shows each service by the name of its unit."""

from __future__ import annotations

import demo


def test_a_service_by_its_unit() -> None:
    app = {
        "pyapp_name": "hello",
        "pyapp_services": {"main": {"exec": "a"}, "worker": {"exec": "b"}},
    }
    assert list(demo.units(app)) == [
        ("hello.service", {"exec": "a"}),
        ("hello-worker.service", {"exec": "b"}),
    ]


def test_the_recap_of_the_host_alone() -> None:
    output = "sid : ok=1\ntrixie      : ok=7  changed=0\nother"
    found = demo.RECAP.search(output)
    assert found is not None
    assert found.group() == "trixie      : ok=7  changed=0"
