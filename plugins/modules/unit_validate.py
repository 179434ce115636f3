#!/usr/bin/python
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validate unit files for a systemd, and change nothing."""

from __future__ import annotations

DOCUMENTATION = r"""
module: unit_validate
short_description: Validate systemd unit files for a version of systemd
version_added: 0.1.0
author: The pyfleet.services maintainers (@pyfleet)
description:
  - Tells how a systemd reads a unit file. It finds above all the lines
    that systemd would ignore, drop or misread without a message -
    misspelt directives, unknown values, directives of a later version,
    sections in the wrong place.
  - The module knows every directive of systemd 239 to 262 and of the EL8
    and EL9 backports, so that it can judge a unit for a version that is
    not installed. C(docs/rules.md) lists the rules.
  - The module scores services as C(systemd-analyze security) does.
  - The files that C(EnvironmentFile=) names are judged too, if they are
    on the host and its systemd is the one to judge for. With O(type), the
    module judges an environment file itself.
  - The module works on any unit file, whoever made it. It fails when the
    unit is not valid, with the same values in its result.
extends_documentation_fragment:
  - pyfleet.services.attributes
  - pyfleet.services.unit_file
options:
  type:
    description:
      - Whether the module judges units or environment files, which have
        a language of their own - see EnvironmentFile= in
        systemd.exec(5).
      - With V(environment), give one of O(path), O(content) and O(files).
        The findings never show a value, which may be a secret.
    type: str
    choices: [unit, environment]
    default: unit
  path:
    description:
      - Path of a unit file, or an environment file, on the host. The
        module judges a unit together with its drop-ins in
        C(<path>.d).
      - The path may be that of a drop-in, C(hello.service.d/10-own.conf).
        The module then judges it with its unit and with the other
        drop-ins. It finds them beside the drop-in, or where systemd has
        them if the drop-in is installed. The findings are about the
        drop-in alone. C(service.d) is for every service.
      - The path may be that of a directory. The module then judges all
        unit files below it, each with the drop-ins beside it, as with
        O(files). Links within the directory are further names, and the
        module does not judge them again.
      - A link to C(/dev/null) is a masked unit.
    type: path
  name:
    description:
      - File name of the unit, such as C(hello.service). It decides
        which sections and directives there are.
      - By default the last part of O(path). Several units have their own
        names, so do not set this option for them.
    type: str
  files:
    description:
      - Several units at once, texts by file name; or several environment
        files.
      - A name with its directory, C(hello.service.d/10-own.conf), is a
        drop-in of the unit of that name, which need not be given.
        O(drop_ins) is for a single unit, and the module refuses it here.
    type: dict
    default: {}
  systemd_version:
    description:
      - The systemd to judge for, such as C(257), C(239-el8) or
        C(252-el9); C(v257) and C(systemd 257) will do. By default that of
        the host. A version newer than the validator knows gets a notice.
    type: str
  features:
    description:
      - Words of the build's feature line, such as C(-BPF_FRAMEWORK), or
        the whole line as C(systemctl --version) prints it. By default
        those of the host, and none if O(systemd_version) is given.
    type: list
    elements: str
  verify:
    description:
      - Whether the module also asks the host's own systemd, by
        C(systemd-analyze verify) in a private directory. A finding of the
        validator that the host does not share is then a notice. An
        objection that only the host has is an error.
      - The host's systemd sees only the units that the module is given,
        no other unit and no drop-in of the host.
      - This needs root. The module does not ask the host if
        O(systemd_version) is given.
    type: bool
    default: true
attributes:
  diff_mode:
    support: none
    description: The module changes nothing, so it has no difference to show.
  platform:
    description: If O(systemd_version) is given, systemd need not run.
seealso:
  - module: pyfleet.services.unit
"""

EXAMPLES = r"""
- name: Validate a unit file of the host for the systemd it runs
  pyfleet.services.unit_validate:
    path: /etc/systemd/system/hello.service

- name: Validate a file of the controller for RHEL 8
  pyfleet.services.unit_validate:
    content: "{{ lookup('ansible.builtin.file', 'files/hello.service') }}"
    name: hello.service
    systemd_version: 239-el8
    strict: true
  delegate_to: localhost

- name: Find the lines that systemd would drop of an environment file
  pyfleet.services.unit_validate:
    type: environment
    path: /etc/default/hello

- name: Validate an environment file of the controller for another systemd
  pyfleet.services.unit_validate:
    type: environment
    name: hello.env
    content: "{{ lookup('ansible.builtin.file', 'files/hello.env') }}"
    systemd_version: "252"
  delegate_to: localhost
  no_log: true

- name: Refuse a service that is too exposed
  pyfleet.services.unit_validate:
    name: hello.service
    options:
      Service:
        ExecStart: /usr/bin/hello
        ProtectSystem: strict
    exposure_max: 5.0

# Run by CI on the controller, where no systemd is needed:
# ansible-playbook -i localhost, -c local lint.yml
- name: Validate all units of a repository for the systemd of the fleet
  pyfleet.services.unit_validate:
    path: "{{ playbook_dir }}/files/systemd"
    systemd_version: "{{ item }}"
    features: "+SECCOMP +APPARMOR -BPF_FRAMEWORK"
    strict: true
  loop: ["252", "257", 239-el8]
  delegate_to: localhost

- name: Validate units from templates, one of them with a drop-in
  pyfleet.services.unit_validate:
    files:
      hello.service: "{{ lookup('template', 'hello.service.j2') }}"
      hello.service.d/10-limits.conf: |
        [Service]
        MemoryMax=200M
      hello.timer: "{{ lookup('file', 'hello.timer') }}"
    systemd_version: "257"
  delegate_to: localhost
"""

RETURN = r"""
valid:
  description: Whether the unit passes.
  returned: always
  type: bool
findings:
  description:
    - The findings, by line. C(since), C(removed), C(replacement) and
      C(file) stand where they apply.
    - C(replacement) is the text to write instead of the directive or
      word that the finding is about. For a directive, it is the name of
      another directive, V(ProtectSystem), or a directive with the start
      of its value, V(ExecStartPre=+), or the directive with its right
      section, V([Unit] StartLimitBurst=). For a value, it is the word
      that was probably meant, V(strict), which replaces the bad word and
      not the whole value.
    - C(file) is the drop-in, or the path of an environment file, whose
      line C(line) then is. With several units, it is the path of the
      unit file or drop-in, as it was given or below the directory.
    - Bytes that are not UTF-8 are shown as C(\xff). A text of more than
      800 characters lacks its middle.
    - At most 1000 findings, the errors first, then the warnings. Several
      units have equal shares of these, and at least 20 each.
      RV(findings_left_out) counts the others.
  returned: always
  type: list
  elements: dict
  sample:
    - code: unknown-directive
      level: error
      section: Service
      option: ProtectSytem
      value: strict
      line: 7
      message: >-
        ProtectSytem= is not a directive of [Service], systemd ignores
        it; did you mean ProtectSystem=?
      replacement: ProtectSystem
findings_left_out:
  description:
    - How many findings RV(findings) leaves out, by their level. They
      count for RV(valid) all the same.
  returned: when there are more findings than RV(findings) has
  type: dict
  sample: {error: 4200, notice: 12}
exposure:
  description:
    - The score of a service from 0 to 10, its level, and the checks with
      their weights, as C(systemd-analyze security) counts them.
  returned: when a single service is validated, and it is neither a mask nor
    a drop-in without its unit
  type: dict
  sample: {score: 9.6, level: UNSAFE, checks: []}
units:
  description:
    - The values C(valid), C(findings), C(findings_left_out) and
      C(exposure) of each unit or environment file, by its name in O(files)
      or its path below O(path).
  returned: when O(files) is given, or O(path) is a directory
  type: dict
systemd_version:
  description: The systemd that was judged for.
  returned: always
  type: str
  sample: "257"
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    verdict,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    environment_files,
    sources,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._verify import (
    consult,
)

ARGUMENTS = {
    "type": {
        "type": "str",
        "choices": ["unit", "environment"],
        "default": "unit",
    },
    "path": {"type": "path"},
    "content": {"type": "str"},
    "options": {"type": "dict"},
    "files": {"type": "dict", "default": {}},
    "drop_ins": {"type": "dict", "default": {}},
    "name": {"type": "str"},
    "systemd_version": {"type": "str"},
    "features": {"type": "list", "elements": "str"},
    "verify": {"type": "bool", "default": True},
    "exposure_max": {"type": "float"},
    "strict": {"type": "bool", "default": False},
}


def _verdicts(
    params: dict[str, Any], target: targets.Target
) -> list[verdict.Verdict]:
    policy = sources.read_policy(params)
    is_host = not params["systemd_version"]
    return [
        verdict.judge(
            source.name,
            source.document,
            source.drop_in_documents,
            target,
            policy,
            consult=consult.consult if is_host and params["verify"] else None,
            look=environment_files.look if is_host else None,
            title=source.title,
            asked=source.asked,
        )
        for source in sources.read_sources(params)
    ]


def _judge(params: dict[str, Any]) -> dict[str, Any]:
    target = sources.read_target(params["systemd_version"], params["features"])
    if params["type"] == "environment":
        return _judge_environment(params, target)
    judged = _verdicts(params, target)
    result = {
        "valid": all(verdict.is_valid for verdict in judged),
        "problems": [text for one in judged for text in one.problems],
        "systemd_version": str(target),
    }
    if not sources.are_several(params):
        return {**judged[0].as_dict(), **result}
    limit = report.share_of_each(len(judged))
    units = {one.name: one.as_dict(limit=limit) for one in judged}
    result["units"] = units
    result["findings"] = [
        finding
        for name, unit in units.items()
        for finding in _with_paths(name, unit["findings"])
    ]
    return {**result, **_left_out(units)}


def _left_out(units: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Count the findings that the units have no room for."""
    counts: Counter[str] = Counter()
    for unit in units.values():
        counts.update(unit.get("findings_left_out", {}))
    return {"findings_left_out": dict(counts)} if counts else {}


def _judge_environment(
    params: dict[str, Any], target: targets.Target
) -> dict[str, Any]:
    judged = environment_files.judge(
        params, target, sources.read_policy(params)
    )
    every = [finding for one in judged for finding in one.findings]
    findings, left_out = report.worst(every, report.FINDINGS_MAX)
    result: dict[str, Any] = {
        "valid": all(one.is_valid for one in judged),
        "findings": [finding.as_dict() for finding in findings],
        "problems": [text for one in judged for text in one.problems],
        "systemd_version": str(target),
    }
    if params["files"]:
        result["units"] = {one.name: one.as_dict() for one in judged}
    if left_out:
        result["findings_left_out"] = left_out
    return result


def _with_paths(
    name: str, findings: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield findings, each with the file of the unit it is about."""
    for finding in findings:
        label = finding.get("file")
        file = f"{name}.d/{label}" if label else name
        if label and label.startswith("/"):
            # An environment file, and not a drop-in.
            file = label
        yield {**finding, "file": file}


def _first(problems: list[str]) -> list[str]:
    """Return so many problems as somebody may read, and a last line."""
    more = len(problems) - report.FINDINGS_MAX
    if more <= 0:
        return problems
    last = f"there are {more} further lines; see the findings of each unit"
    return [*problems[: report.FINDINGS_MAX], last]


def main() -> None:
    """Read the units, judge, report."""
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        mutually_exclusive=[("path", "content", "options", "files")],
        required_one_of=[("path", "content", "options", "files")],
        supports_check_mode=True,
    )
    try:
        result = _judge(module.params)
    except (errors.HostError, ValueError) as error:
        module.fail_json(msg=report.printable(str(error)))
    problems = result.pop("problems")
    if problems:
        message = "\n".join(_first(problems))
        module.fail_json(msg=message, changed=False, **result)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
