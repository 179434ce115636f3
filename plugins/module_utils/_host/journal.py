# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last messages of a unit, and the end of its process in words.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    errors,
    printable,
)

# The properties that `exit_in_words` reads; callers ask for them with
# `systemctl.show`.
EXIT_PROPERTIES = ("Result", "ExecMainCode", "ExecMainStatus")

_SYNC_SECONDS = 5.0
_READ_SECONDS = 10.0
# journalctl also returns lines of the unit's other runs, so that it is
# asked for more lines than are wanted.
_OTHERS = 5
# Characters of one message; the rest is cut off.
_LONGEST = 2000
_INVOCATION = re.compile(r"[0-9a-f]{32}")
# SD_MESSAGE_UNIT_PROCESS_EXIT of sd-messages(3); its fields EXIT_CODE=
# and EXIT_STATUS=: src/core/unit.c, unit_log_process_exit().
_PROCESS_EXIT = "98e322203f7a4ed290d09fe03c09fe15"
# SD_MESSAGE_UNIT_FAILURE_RESULT, with its field UNIT_RESULT=, and
# SD_MESSAGE_UNIT_SUCCESS of sd-messages(3).
_UNIT_FAILURE = "d9b373ed55a64feb8242e02dbe79a49c"
_UNIT_SUCCESS = "7ad2d189f7e94e70a38c781354912448"
# How systemd 247 to 262 log that they kill processes: log_kill() of
# src/core/unit.c, service_dispatch_timer() of src/core/service.c.
_KILL = re.compile(r"Killing process \d+ \((.*)\) with signal SIGKILL")
_LATE = re.compile(r"State '[a-z-]+' timed out\. Killing\.")
_MOST_KILLS = 200
_EXIT_CODES = {"exited": "1", "killed": "2", "dumped": "3"}

# The exit statuses of a process that systemd forked and that failed
# before it became the program: systemd.exec(5), "Process Exit Codes".
# Each line has the number, its name and the failure.
_SETUP_FAILURES = """\
200|CHDIR|WorkingDirectory= does not exist or cannot be entered
201|NICE|Nice= could not be set
202|FDS|the file descriptors could not be arranged
203|EXEC|the program of ExecStart= could not be executed: it or its \
interpreter is missing, not executable, or hidden by the sandbox
204|MEMORY|there was not enough memory to start it
205|LIMITS|a Limit...= setting could not be applied
206|OOM_ADJUST|OOMScoreAdjust= could not be set
207|SIGNAL_MASK|the signal mask could not be set
208|STDIN|StandardInput= could not be set up
209|STDOUT|StandardOutput= could not be set up
210|CHROOT|RootDirectory= could not be entered
211|IOPRIO|IOSchedulingClass= or IOSchedulingPriority= could not be set
212|TIMERSLACK|TimerSlackNSec= could not be set
213|SECUREBITS|SecureBits= could not be set
214|SETSCHEDULER|CPUSchedulingPolicy= or its priority could not be set
215|CPUAFFINITY|CPUAffinity= could not be set
216|GROUP|Group= or SupplementaryGroups= names a group that does not \
exist or cannot be taken
217|USER|User= names a user that does not exist or cannot be taken, or \
PrivateUsers= failed
218|CAPABILITIES|CapabilityBoundingSet= or AmbientCapabilities= could \
not be applied
219|CGROUP|its control group could not be set up
220|SETSID|it could not become a session of its own
221|CONFIRM|its start was declined on the console
222|STDERR|StandardError= could not be set up
224|PAM|PAMName= opened no session
225|NETWORK|PrivateNetwork= or NetworkNamespacePath= could not be set up
226|NAMESPACE|its view of the file system could not be set up: see \
ReadWritePaths=, BindPaths= and other paths that may not exist
227|NO_NEW_PRIVILEGES|NoNewPrivileges= could not be set
228|SECCOMP|SystemCallFilter= or another filter could not be applied
229|SELINUX_CONTEXT|SELinuxContext= could not be applied
230|PERSONALITY|Personality= could not be set
231|APPARMOR_PROFILE|AppArmorProfile= could not be applied
232|ADDRESS_FAMILIES|RestrictAddressFamilies= could not be applied
233|RUNTIME_DIRECTORY|RuntimeDirectory= could not be set up
235|CHOWN|its terminal or socket could not be given to User=
236|SMACK_PROCESS_LABEL|SmackProcessLabel= could not be applied
237|KEYRING|KeyringMode= could not be set up
238|STATE_DIRECTORY|StateDirectory= could not be set up
239|CACHE_DIRECTORY|CacheDirectory= could not be set up
240|LOGS_DIRECTORY|LogsDirectory= could not be set up
241|CONFIGURATION_DIRECTORY|ConfigurationDirectory= could not be set up
242|NUMA_POLICY|NUMAPolicy= could not be set
243|CREDENTIALS|a credential of LoadCredential= or SetCredential= could \
not be provided
245|BPF|a filter by BPF could not be applied"""

# The values of Result= of a service: org.freedesktop.systemd1(5). `{}`
# stands for the end of the main process.
_RESULTS = {
    "exit-code": "{}",
    "signal": "{}",
    "core-dump": "{}",
    "success": "{}",
    "timeout": "took longer to start or stop than TimeoutStartSec= or "
    "TimeoutStopSec= allows; {}",
    "watchdog": "sent no WATCHDOG=1 within WatchdogSec=; {}",
    "oom-kill": "ran out of memory, that of MemoryMax= or the host's; {}",
    "start-limit-hit": "failed so often that systemd starts it no more "
    "(StartLimitBurst=); at last it {}",
    "protocol": "did not do what its Type= promises, such as READY=1 for "
    "notify; {}",
    "resources": "could not be started: a file that the unit names, such "
    "as in EnvironmentFile=, or a resource of the host is missing; see "
    "the journal of the unit",
    "exec-condition": "was skipped by its ExecCondition=",
}


def last_lines(unit: str, invocation_id: str, lines: int = 20) -> list[str]:
    """Read the messages by and about one run of a unit.

    Messages of the unit's processes have _SYSTEMD_INVOCATION_ID=, those
    of systemd about the unit INVOCATION_ID=: systemd.journal-fields(7).
    A process that ends at once may be gone before journald looks up its
    run. Such a message has the unit's name alone, and is taken if it
    follows a message of this run.

    Args:
        unit: Name of the unit.
        invocation_id: The unit's InvocationID property; empty if the
            unit did not run since the boot.
        lines: The number of lines.

    Returns:
        The last messages, oldest first, without time and host. If the
        journal cannot be read, the only line says so: callers put the
        lines into error texts.
    """
    if not _INVOCATION.fullmatch(invocation_id):
        return []
    _sync()
    argv = _query(unit, invocation_id, lines * _OTHERS)
    try:
        text = command.run(argv, timeout=_READ_SECONDS).stdout
    except errors.HostError as error:
        return [f"(the journal of {unit} could not be read: {error})"]
    return list(_read_messages(text, invocation_id))[-lines:]


def _query(unit: str, invocation_id: str, lines: int) -> list[str]:
    """Return the command that prints the newest entries about a run."""
    return [
        "journalctl",
        "--no-pager",
        "--quiet",
        "--output=json",
        "--output-fields=MESSAGE,INVOCATION_ID,_SYSTEMD_INVOCATION_ID",
        "--boot",
        f"--lines={lines}",
        f"_SYSTEMD_INVOCATION_ID={invocation_id}",
        "+",
        f"INVOCATION_ID={invocation_id}",
        "+",
        f"_SYSTEMD_UNIT={unit}",
    ]


def _read_messages(text: str, invocation_id: str) -> Iterator[str]:
    """Yield the lines of one run from a journal in JSON."""
    has_begun = False
    for line in text.splitlines():
        with suppress(ValueError):
            entry = json.loads(line)
            run = _read_field(entry, "INVOCATION_ID") or _read_field(
                entry, "_SYSTEMD_INVOCATION_ID"
            )
            has_begun = has_begun or run == invocation_id
            if run == invocation_id or (has_begun and not run):
                message = _read_field(entry, "MESSAGE")[:_LONGEST]
                yield from map(printable.line, message.splitlines())


def _read_field(entry: object, name: str) -> str:
    """Return a field as text.

    journalctl shows a field that is not plain text as a list of
    numbers, a field that an entry has several times as a list of
    fields, and a field that is too long as null.
    """
    value = entry.get(name) if isinstance(entry, dict) else None
    if isinstance(value, list) and all(isinstance(v, int) for v in value):
        return bytes(v & 0xFF for v in value).decode(errors="replace")
    if isinstance(value, list):
        return "\n".join(_read_field({name: part}, name) for part in value)
    return value if isinstance(value, str) else ""


def audit_lines(process: int) -> list[str]:
    """Read which system calls the kernel refused to a process.

    Args:
        process: The process's number in the host's PID namespace.

    Returns:
        Messages of type 1326, SECCOMP; none if the kernel's log cannot
        be read.
    """
    argv = [
        "journalctl",
        "--no-pager",
        "--quiet",
        "--output=cat",
        "--dmesg",
        "--lines=50",
        "--grep=type=1326",
    ]
    with suppress(errors.HostError):
        found = command.run(argv, timeout=_READ_SECONDS, check=False).stdout
        return [
            printable.line(line)
            for line in found.splitlines()
            if f" pid={process} " in line
        ]
    return []


def last_failed_run(unit: str) -> str:
    """Return the run of a unit whose main process failed last.

    systemd notes the end of a process that did not fail at the level
    `debug`, which it does not write by default.

    Returns:
        The run's InvocationID; empty if the journal has no record.
    """
    argv = [
        "journalctl",
        "--no-pager",
        "--quiet",
        "--output=json",
        "--boot",
        "--lines=1",
        f"UNIT={unit}",
        f"MESSAGE_ID={_PROCESS_EXIT}",
        "COMMAND=ExecStart",
    ]
    try:
        found = json.loads(command.run(argv, timeout=_READ_SECONDS).stdout)
    except (errors.HostError, ValueError):
        return ""
    return _read_field(found, "INVOCATION_ID")


def exit_record(invocation_id: str) -> Mapping[str, str]:
    """Read how an earlier run of a service ended.

    systemd itself shows the last run alone.

    Returns:
        `EXIT_PROPERTIES` as `systemctl show` prints them; empty if the
        journal has no record.
    """
    if not _INVOCATION.fullmatch(invocation_id):
        return {}
    run = f"INVOCATION_ID={invocation_id}"
    entries = _entries(
        [run, f"MESSAGE_ID={_PROCESS_EXIT}", "COMMAND=ExecStart"],
        [run, f"MESSAGE_ID={_UNIT_FAILURE}"],
    )
    found: dict[str, str] = {}
    for entry in entries:
        code = _EXIT_CODES.get(_read_field(entry, "EXIT_CODE"), "")
        if code:
            found["ExecMainCode"] = code
            found["ExecMainStatus"] = _read_field(entry, "EXIT_STATUS")
        result = _read_field(entry, "UNIT_RESULT")
        if result:
            found["Result"] = result
    if "ExecMainCode" in found:
        found.setdefault("Result", _result_of(found))
    return found


def last_ended(unit: str) -> str:
    """Return the InvocationID of the run of a unit that ended last.

    Returns:
        The id; empty if the journal has none.
    """
    name = f"UNIT={unit}"
    entries = _entries(
        [name, f"MESSAGE_ID={_UNIT_FAILURE}"],
        [name, f"MESSAGE_ID={_UNIT_SUCCESS}"],
    )
    return _read_field(entries[-1], "INVOCATION_ID") if entries else ""


class Kills(NamedTuple):
    """The processes of a run that systemd had to kill.

    Args:
        is_late: Whether they outlived TimeoutStopSec=.
        names: The names of the processes.
    """

    is_late: bool
    names: Sequence[str]


def kills(invocation_id: str) -> Kills:
    """Read which processes systemd killed when a run was to end.

    Returns:
        The kills; none if the journal has no record of them.
    """
    if not _INVOCATION.fullmatch(invocation_id):
        return Kills(False, ())
    _sync()
    entries = _entries(
        [f"INVOCATION_ID={invocation_id}", "_PID=1"], lines=_MOST_KILLS
    )
    texts = [_read_field(entry, "MESSAGE") for entry in entries]
    found = [match[1] for text in texts for match in _KILL.finditer(text)]
    return Kills(any(_LATE.search(text) for text in texts), found)


def _sync() -> None:
    """Wait for the newest messages, which may still be missing."""
    with suppress(errors.HostError):
        command.run(["journalctl", "--sync"], timeout=_SYNC_SECONDS)


def _entries(*matches: Sequence[str], lines: int = 5) -> list[object]:
    """Read the newest entries of this boot that match any of these.

    Args:
        matches: The fields of an entry, all of which must match.
        lines: The number of entries.
    """
    argv = ["journalctl", "--no-pager", "--quiet", "--output=json"]
    argv += ["--boot", f"--lines={lines}"]
    for number, fields in enumerate(matches):
        argv += [*(["+"] if number else []), *fields]
    found: list[object] = []
    with suppress(errors.HostError):
        text = command.run(argv, timeout=_READ_SECONDS).stdout
        for line in text.splitlines():
            with suppress(ValueError):
                found.append(json.loads(line))
    return found


def _result_of(found: Mapping[str, str]) -> str:
    """Infer the Result of a run whose failure is not on record."""
    if found["ExecMainCode"] == "1":
        return "success" if found["ExecMainStatus"] == "0" else "exit-code"
    return "signal" if found["ExecMainCode"] == "2" else "core-dump"


def exit_in_words(properties: Mapping[str, str]) -> str:
    """Tell how a service ended.

    Args:
        properties: `EXIT_PROPERTIES`, from `systemctl.show`.

    Returns:
        A phrase whose subject is the service, such as "exited with
        status 1".
    """
    result = properties.get("Result", "")
    code = properties.get("ExecMainCode", "0")
    status = _parse_number(properties.get("ExecMainStatus", "0"))
    ending = _describe_main_ending(code, status)
    if result == "exit-code" and (code == "0" or (code, status) == ("1", 0)):
        # The main process did not fail.
        ending = "failed in a command beside ExecStart=, such as ExecStartPre="
    text = _RESULTS.get(result, f"failed with result {result!r}; {{}}")
    return text.format(ending)


def _describe_main_ending(code: str, status: int) -> str:
    """Name the end of the main process.

    Args:
        code: The si_code of waitid(2): 1 exited, 2 killed, 3 dumped.
        status: An exit status or a signal.
    """
    if code == "1":
        reason = _find_setup_failure(status)
        return reason or f"exited with status {status}"
    if code in ("2", "3"):
        core = " and dumped core" if code == "3" else ""
        return f"was killed by signal {_name_signal(status)}{core}"
    return "has no main process that ended"


def _find_setup_failure(status: int) -> str | None:
    for line in _SETUP_FAILURES.splitlines():
        number, name, meaning = line.split("|")
        if number == str(status):
            return f"exited with status {number}/{name}: {meaning}"
    return None


def _name_signal(number: int) -> str:
    try:
        return f"{signal.Signals(number).name} ({number})"
    except ValueError:
        return str(number)


def _parse_number(text: str) -> int:
    return int(text) if text.isdigit() else 0
