# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The surroundings in which ansible-test runs."""

from __future__ import annotations

import sanity


def test_pip_version_is_read_from_ansible_test() -> None:
    source = "default = dict(\n    pip='25.2',\n)\nold = dict(pip='21.3.1')"
    assert sanity.pip_versions(source) == ["25.2", "21.3.1"]


def test_pip_settings_keep_the_users_own() -> None:
    own = "[global]\ncert = /own.pem\ntimeout = 9\n"
    text = sanity.pip_settings(own, {}, "/machine.pem")
    assert "cert = /own.pem" in text
    assert "timeout = 9" in text


def test_pip_settings_take_the_environment_and_the_machine() -> None:
    environ = {"PIP_INDEX_URL": "file:///index"}
    text = sanity.pip_settings("", environ, "/machine.pem")
    assert "cert = /machine.pem" in text
    assert "index-url = file:///index" in text
    environ = {"PIP_CERT": "/env.pem"}
    text = sanity.pip_settings("", environ, "/machine.pem")
    assert "cert = /env.pem" in text


def test_search_path_has_no_shims() -> None:
    path = ("/usr/bin", "/home/x/.pyenv/shims", "/bin")
    found = sanity.search_path(path, ["/py/3.13/bin"])
    assert found == "/usr/bin:/bin:/py/3.13/bin"
