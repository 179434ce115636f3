# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures are told in words, with what the unit said last."""

from __future__ import annotations

import json

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    errors,
    journal,
)

ID = "e648c5b471254895ae46c101f0bd13ca"


@pytest.mark.parametrize(
    ("result", "code", "status", "words"),
    [
        ("exit-code", "1", "7", "exited with status 7"),
        ("success", "1", "0", "exited with status 0"),
        ("signal", "2", "9", "was killed by signal SIGKILL (9)"),
        (
            "core-dump",
            "3",
            "11",
            "was killed by signal SIGSEGV (11) and dumped core",
        ),
        ("signal", "2", "99", "was killed by signal 99"),
        ("exit-code", "1", "203", "203/EXEC: the program of ExecStart="),
        ("exit-code", "1", "217", "217/USER: User= names a user"),
        ("exit-code", "1", "226", "226/NAMESPACE: its view of the file"),
        ("exit-code", "1", "243", "243/CREDENTIALS: a credential of"),
        ("exit-code", "1", "245", "245/BPF"),
        ("exit-code", "1", "234", "exited with status 234"),
        ("exit-code", "0", "0", "beside ExecStart=, such as ExecStartPre="),
        ("exit-code", "1", "0", "beside ExecStart=, such as ExecStartPre="),
        ("timeout", "2", "15", "TimeoutStopSec= allows; was killed by"),
        ("watchdog", "2", "6", "WatchdogSec=; was killed by signal SIGABRT"),
        ("oom-kill", "2", "9", "out of memory, that of MemoryMax="),
        ("start-limit-hit", "1", "1", "at last it exited with status 1"),
        ("protocol", "1", "0", "its Type= promises"),
        ("resources", "0", "0", "EnvironmentFile="),
        ("exec-condition", "0", "0", "skipped"),
        ("novel", "1", "3", "failed with result 'novel'; exited with"),
        ("success", "0", "0", "has no main process that ended"),
    ],
)
def test_words(result: str, code: str, status: str, words: str) -> None:
    properties = {
        "Result": result,
        "ExecMainCode": code,
        "ExecMainStatus": status,
    }
    assert words in journal.exit_in_words(properties)


def test_words_without_properties() -> None:
    assert "has no main process" in journal.exit_in_words({})


class Journal:
    """A journal whose entries a test lists."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.output = ""

    def run(self, argv: list[str], *, timeout: float) -> command.Completed:
        self.calls.append(argv)
        return command.Completed(0, self.output, "")


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> Journal:
    fake = Journal()
    monkeypatch.setattr(command, "run", fake.run)
    return fake


def told(code: str, status: str, result: str) -> dict[str, str]:
    return {
        "ExecMainCode": code,
        "ExecMainStatus": status,
        "Result": result,
    }


ENDED = '{"EXIT_CODE": "killed", "EXIT_STATUS": "15"}'


@pytest.mark.parametrize(
    ("output", "record"),
    [
        ('{"EXIT_CODE": "exited", "EXIT_STATUS": "226"}\n'
         '{"UNIT_RESULT": "exit-code"}', told("1", "226", "exit-code")),
        (f'{ENDED}\n{{"UNIT_RESULT": "timeout"}}',
         told("2", "15", "timeout")),
        ('{"EXIT_CODE": "exited", "EXIT_STATUS": "0"}\n'
         '{"UNIT_RESULT": "protocol"}', told("1", "0", "protocol")),
        # No process was started.
        ('{"UNIT_RESULT": "resources"}', {"Result": "resources"}),
        # The record of the failure is missing.
        (ENDED, told("2", "15", "signal")),
        ('{"EXIT_CODE": "dumped", "EXIT_STATUS": "11"}',
         told("3", "11", "core-dump")),
        ('{"EXIT_CODE": "exited", "EXIT_STATUS": "4"}',
         told("1", "4", "exit-code")),
        ('{"EXIT_CODE": "exited", "EXIT_STATUS": "0"}',
         told("1", "0", "success")),
        (f"no JSON\n{ENDED}", told("2", "15", "signal")),
        ("", {}),
        ("no JSON", {}),
    ],
)  # fmt: skip
def test_the_end_of_a_run_before(
    entries: Journal, output: str, record: dict[str, str]
) -> None:
    entries.output = output
    assert journal.exit_record(ID) == record
    (call,) = entries.calls
    assert call.count(f"INVOCATION_ID={ID}") == 2


def test_no_end_of_an_unknown_run(entries: Journal) -> None:
    assert journal.exit_record("none") == {}
    assert entries.calls == []


def test_the_run_that_ended_last(entries: Journal) -> None:
    assert journal.last_ended("a.service") == ""
    entries.output = f'{{"INVOCATION_ID": "x"}}\n{{"INVOCATION_ID": "{ID}"}}'
    assert journal.last_ended("a.service") == ID
    assert entries.calls[0].count("UNIT=a.service") == 2


KILL = "a.service: Killing process 7 ({}) with signal SIGKILL."
LATE = "a.service: State 'stop-sigterm' timed out. Killing."


@pytest.mark.parametrize(
    ("messages", "found"),
    [
        ([], journal.Kills(False, [])),
        (["Stopping a.service - A..."], journal.Kills(False, [])),
        (
            [KILL.format("python3"), KILL.format("sd (x)")],
            journal.Kills(False, ["python3", "sd (x)"]),
        ),
        ([LATE, KILL.format("sh")], journal.Kills(True, ["sh"])),
        (
            ["a.service: State 'final-sigterm' timed out. Killing."],
            journal.Kills(True, []),
        ),
        # Not systemd's last resort.
        (
            ["a.service: Killing process 7 (sh) with signal SIGABRT."],
            journal.Kills(False, []),
        ),
    ],
)
def test_kills(
    entries: Journal, messages: list[str], found: journal.Kills
) -> None:
    entries.output = "\n".join(entry(text) for text in messages)
    assert journal.kills(ID) == found
    assert entries.calls[0] == ["journalctl", "--sync"]
    assert entries.calls[1][-2:] == [f"INVOCATION_ID={ID}", "_PID=1"]


def test_no_kills_of_an_unknown_run(entries: Journal) -> None:
    assert journal.kills("") == journal.Kills(False, ())
    assert entries.calls == []


@pytest.mark.parametrize(
    ("output", "run"),
    [(json.dumps({"INVOCATION_ID": ID}), ID), ("", ""), ("no JSON", "")],
)
def test_the_last_run_that_failed(
    monkeypatch: pytest.MonkeyPatch, output: str, run: str
) -> None:
    calls: list[list[str]] = []

    def answer(argv: list[str], *, timeout: float) -> command.Completed:
        calls.append(argv)
        return command.Completed(0, output, "")

    monkeypatch.setattr(command, "run", answer)
    assert journal.last_failed_run("a.service") == run
    assert "UNIT=a.service" in calls[0]


def entry(message: object, **fields: str) -> str:
    """Return an entry of the journal in JSON."""
    return json.dumps({"MESSAGE": message, **fields})


ENTRIES = [
    entry("of an earlier run", _SYSTEMD_INVOCATION_ID="0" * 32),
    entry("of who knows which run"),
    entry("Started a.", INVOCATION_ID=ID, _SYSTEMD_INVOCATION_ID="1" * 32),
    entry("one", _SYSTEMD_INVOCATION_ID=ID),
    entry("gone at once\ntwo"),
    entry([98, 255], _SYSTEMD_INVOCATION_ID=ID),
    entry(None, _SYSTEMD_INVOCATION_ID=ID),
    "no JSON",
    entry("of another run", _SYSTEMD_INVOCATION_ID="2" * 32),
    entry("Failed.", INVOCATION_ID=ID),
]


class TestLines:
    @pytest.fixture
    def calls(self, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
        calls: list[list[str]] = []

        def run(argv: list[str], *, timeout: float) -> command.Completed:
            calls.append(argv)
            if argv[1] == "--sync":
                raise errors.DeadlineError("journald hangs")
            return command.Completed(0, "\n".join(ENTRIES), "")

        monkeypatch.setattr(command, "run", run)
        return calls

    def test_of_this_run_alone(self, calls: list[list[str]]) -> None:
        assert journal.last_lines("a.service", ID) == [
            "Started a.", "one", "gone at once", "two", "b\ufffd", "Failed.",
        ]  # fmt: skip
        assert journal.last_lines("a.service", ID, 2) == ["b\ufffd", "Failed."]
        assert calls[-1][-5:] == [
            f"_SYSTEMD_INVOCATION_ID={ID}",
            "+",
            f"INVOCATION_ID={ID}",
            "+",
            "_SYSTEMD_UNIT=a.service",
        ]

    @pytest.mark.parametrize("odd", ["", "x", ID + "\n", "--all"])
    def test_never_ran(self, calls: list[list[str]], odd: str) -> None:
        assert (journal.last_lines("a.service", odd), calls) == ([], [])

    def test_unreadable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def run(argv: list[str], *, timeout: float) -> command.Completed:
            raise errors.HostError("no such command")

        monkeypatch.setattr(command, "run", run)
        (line,) = journal.last_lines("a.service", ID)
        assert "journal of a.service could not be read: no such" in line


def test_audit_lines_of_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(
        argv: list[str], *, timeout: float, check: bool
    ) -> command.Completed:
        text = "type=1326 pid=7 sig=31\ntype=1326 pid=77 sig=31\n"
        return command.Completed(0, text, "")

    monkeypatch.setattr(command, "run", run)
    assert journal.audit_lines(7) == ["type=1326 pid=7 sig=31"]


def test_no_audit_lines_without_a_journal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run(
        argv: list[str], *, timeout: float, check: bool
    ) -> command.Completed:
        raise errors.HostError("no such command")

    monkeypatch.setattr(command, "run", run)
    assert journal.audit_lines(7) == []
