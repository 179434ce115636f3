# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands that build in a code directory before it is frozen.

They run as a user who owns that directory and nothing else, and owns it
only while they run. systemd ends every process of theirs before root touches
anything there again, so that nobody can exchange a file meanwhile.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    limits,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    code_tree,
    handover,
    venv,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    jobs,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)


def run(
    path: str,
    *,
    prefix: str,
    layout: layouts.Layout,
    builds: Sequence[tuple[str, str]],
    python: str,
    workshop: venv.Workshop,
) -> None:
    """Run the commands of a build, then take the directory back.

    Args:
        path: The code directory, filled and not sealed.
        prefix: How the names of the user's variables begin.
        layout: Paths of the application.
        builds: Commands, each with its unit file.
        python: The interpreter that compiles what was built.
        workshop: Where that is done, as the same user.

    Raises:
        HostError: A command failed, or left a file that may not be in
            a code directory.
    """
    handover.give(path, handover.builder(layout.builder))
    commands, texts = zip(*builds)
    stem = jobs.stem(layout.app, "build", os.getpid())
    try:
        jobs.run(stem, texts, commands, has_needs=False)
        venv.compile_code(path, python, workshop)
        handover.take_back(path, limits.CODE)
        code_tree.check_links(path)
    except errors.HostError as error:
        raise errors.HostError(
            f"the code of {layout.app} was not built.\n"
            f"Step: run the commands of {prefix}build as {layout.builder}.\n"
            f"{error}\nNo unit was changed: what served before serves on."
        ) from error
