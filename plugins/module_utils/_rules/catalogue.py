# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules: an id, a level, a title, the reason and its source.

docs/rules.md is made from here by tools/rules.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
)


class Rule(NamedTuple):
    """One rule of the validator.

    Attributes:
        code: Its id, as findings carry it.
        level: ``error`` for what keeps the unit from starting, and for
            a line that systemd drops or misreads; ``warning`` or
            ``notice`` for what works. tests/oracle/test_levels.py asks
            PID 1 about each.
        title: The mistake that it finds, in a few words.
        text: The effect in systemd and the remedy, with the source.
    """

    code: str
    level: str
    title: str
    text: str


_LEVELS = {"E": "error", "W": "warning", "N": "notice"}

# code|level|title|, and the text on the lines below.
_RULES = """\
invalid-header|E|A section header with text behind it|
  A line that begins with a bracket must end with one. Otherwise systemd
  refuses the whole file (src/shared/conf-parser.c); a comment needs a line of
  its own.
invalid-utf8|E|Bytes that are not UTF-8|
  systemd refuses a file whose lines are not UTF-8 (src/shared/conf-parser.c).
line-too-long|E|A line of 1 MiB or more|
  systemd refuses the file (LONG_LINE_MAX in src/basic/fileio.h): a line of
  1 MiB, a comment too, and lines joined by backslashes of more than 1 MiB. The
  validator does not judge the line.
too-many-errors|E|10,000 errors in one file|
  The validator looks for no more errors in the lines of the file, which is
  rarely a unit file.
line-separator|W|A line ended by a carriage return or a NUL byte|
  systemd ends a line at a bare carriage return and at a NUL byte, but editors
  and Python do not. The text behind it looks like part of a value, and systemd
  reads it as a line of its own (read_line() in src/basic/fileio.c).
outside-section|E|An assignment before the first section|
  systemd ignores the assignment (systemd.syntax(7)).
not-an-assignment|E|A line that is not an assignment|
  systemd ignores a line without an equals sign or a key (systemd.syntax(7)).
unknown-unit-type|E|A file name without the suffix of a unit|
  systemd loads a file only if its name is the name of a unit
  (systemd.unit(5)).
invalid-unit-name|E|A name that no unit can have|
  Letters, digits and :-_.\\ make up a name, at most 255 of them
  (systemd.unit(5)). The name of a mount, automount or swap is an escaped path,
  that of a slice its place in the tree, and neither can have instances
  (systemd.mount(5), systemd.slice(5)).
unknown-section|E|A section that this type of unit does not have|
  systemd ignores the whole section. The name of a section of your own begins
  with X- (systemd.unit(5)).
unknown-directive|E|A directive that no version has|
  systemd ignores the directive with a message in the journal. The name of a
  directive of your own begins with X- (systemd.unit(5)).
misplaced-directive|E|A directive in the wrong section|
  systemd ignores the directive there. StartLimitIntervalSec=, for instance,
  belongs in [Unit] (systemd.unit(5)).
directive-too-new|E|A directive that this version does not have yet|
  The target's systemd ignores the directive. If it belongs to the sandbox,
  that part of the sandbox stays open.
directive-removed|E|A directive that this version no longer has|
  systemd takes the directive and does nothing (config_parse_warn_compat in
  load-fragment-gperf.gperf).
deprecated-directive|W|A directive that is deprecated|
  The directive works in this version; a later version drops it.
feature-missing|E|A directive that this build does not support|
  systemd was built without the feature, takes the directive and does nothing
  (systemctl --version prints the features).
blank-behind-backslash|E|A blank behind the backslash at a line's end|
  systemd joins the next line only if the backslash is the very last character
  (systemd.syntax(7)). With a blank behind it the backslash is a part of the
  value, and systemd ignores the lines that were meant to follow.
backslash-at-end|W|A backslash and a blank at the end of a value|
  systemd joins no line to this one, since a blank is behind the backslash, and
  takes the backslash for a part of the value (systemd.syntax(7)).
swallowed-line|E|A line that a backslash joins to the line before|
  A line that ends in a backslash goes on in the next one (systemd.syntax(7)).
  If that is the next directive, systemd reads it as a part of the value; if it
  is the header of a section, the lines below it stay in the section above.
invalid-value|E|A value that systemd does not take|
  systemd ignores or drops the value and keeps the default. For some directives
  systemd refuses the unit.
value-too-new|E|A value that this version does not know yet|
  systemd ignores the assignment and keeps the default.
empty-keeps|E|An empty assignment that resets nothing|
  For this directive an empty value is an error or has no effect, so that the
  earlier value stays (src/core/load-fragment.c).
masked|N|An empty unit file|
  systemd takes an empty file, as a link to /dev/null, for a mask: the unit
  cannot be started (systemd.unit(5)).
duplicate-directive|N|A directive that is assigned twice|
  Only the last assignment counts, but a reader may see only the first one.
comment-in-value|E|A comment in a path or a name|
  systemd knows comments only on lines of their own: the path or name has the
  comment in it, and nothing of that name exists. The service fails at its
  start, or systemd passes over the line (systemd.syntax(7)).
trailing-comment|W|A comment behind a value|
  systemd knows comments only on lines of their own: this comment is part of
  the value, or an argument of the command (systemd.syntax(7)).
comma-list|E|A comma between the words of a list|
  systemd splits this list at blanks, and the comma is a part of the word: a
  path, group or name that does not exist. With such a path in ReadWritePaths=
  the unit fails at its start with 226/NAMESPACE, with such a group with
  216/GROUP.
comma-in-word|W|A comma that is a part of a word|
  systemd splits the list at blanks. A comma behind a word is a part of the
  value of a variable, or of the name of a directory.
exec-no-program|E|A command that is a shell's word|
  systemd does not expand variables in a command's path and knows neither
  NAME=value nor a ; without space before it. It loads the unit and fails when
  the command is run, with status 203 (systemd.service(5), "Command lines").
unknown-escape|W|A backslash in a command that begins no escape|
  In Exec lines systemd keeps a backslash that begins no escape, with a
  message, and passes it to the program. A doubled one reaches the program as
  one backslash, too (extract_first_word_and_warn() in
  src/basic/extract-word.c).
condition-never-true|E|A condition that is never true|
  systemd takes any text here. With a word that systemd does not know, the
  condition is never true, and systemd skips the unit in silence
  (systemd.unit(5)).
environment-line-dropped|E|A line of an environment file that is dropped|
  systemd drops a line without an equals sign, or whose name is not that of a
  variable, in most cases without a message. The file is not a shell script: it
  has no export (systemd.exec(5), EnvironmentFile=; src/basic/env-file.c).
environment-not-utf8|E|An environment file that is not UTF-8|
  systemd reads nothing of the file, and the service does not start
  (check_utf8ness_and_warn() in src/basic/env-file.c).
environment-open-quote|E|Quotes in an environment file that are not closed|
  All lines up to the end of the file become a part of the value
  (src/basic/env-file.c).
environment-reference|W|A reference to a variable in Environment=|
  systemd replaces variables in the arguments of Exec lines and nowhere else: a
  PATH of /opt/x:$PATH has a directory with the name $PATH (systemd.exec(5),
  Environment=).
kill-mode-none|W|KillMode=none|
  Processes stay when the unit stops; deprecated since 246 (systemd.kill(5)).
obsolete-output|W|StandardOutput=syslog|
  The value is obsolete since 246, and systemd reads it as journal
  (systemd.exec(5)).
obsolete-target|W|A target that is gone|
  The target neither starts nor orders a unit: syslog.target, dbus.target,
  http-daemon.target and rtc-set.target are gone for long, runlevel0.target to
  runlevel6.target from 258 on (systemd.special(7)).
required-target-gone|E|A required target that is gone|
  The unit cannot be started: no unit file has the target that Requires=,
  Requisite= or BindsTo= names (systemd.unit(5)); see obsolete-target.
deprecated-specifier|W|A specifier that is deprecated|
  systemd still replaces %c, %r and %R, but with other texts than before
  control groups became one tree, and with a message (src/core/unit-printf.c).
user-specifier|N|A specifier of root in a unit of another user|
  %h, %s, %u, %U, %g and %G are those of the manager's own user, which is root
  in a unit of the system. User= does not change them (systemd.unit(5)). Many
  programs have a %h or %u of their own, which a unit must double.
var-run|W|A path below /var/run|
  /var/run is the former name of /run (file-hierarchy(7)). For PIDFile=, the
  sockets and ListenFIFO= systemd uses the path below /run, with a message
  (patch_var_run() in src/core/load-fragment.c).
blank-path|N|Two blanks between paths|
  Before 258 systemd reads an empty path between two blanks of BindPaths= and
  BindReadOnlyPaths=. systemd complains about it and takes the other paths
  (config_parse_bind_paths() in src/core/load-fragment.c).
self-dependency|E|A dependency of a unit on itself|
  systemd drops the dependency, for some types without a message
  (src/core/unit.c).
exec-prefix-gone|W|A prefix of Exec lines that is ignored|
  The prefix !! was for kernels without ambient capabilities, and systemd
  ignores it now (systemd.service(5) of 262).
other-personality|W|Personality= of another architecture|
  The kernel has personalities only of the machine's own architecture, which
  systemd was built for; systemd ignores others (personality_from_string() in
  src/shared/parse-helpers.c).
user-nobody|W|User=nobody|
  The user nobody owns the files that have no other owner (systemd.exec(5),
  systemd.io/UIDS-GIDS).
odd-user-name|W|A name of a user with unusual characters|
  systemd takes the name, but other tools may refuse it
  (systemd.io/USER_NAMES).
shell-substitution|W|A shell's substitution without a shell|
  No shell runs Exec lines: `$(...)` and backquotes are passed to the program
  as they are (systemd.service(5), "Command lines").
shell-syntax|E|A shell's syntax without a shell|
  No shell runs Exec lines: a redirect, a pipe or && is passed to the program
  (systemd.service(5), "Command lines").
no-exec|E|A service that runs nothing|
  A service needs ExecStart=; only Type=oneshot with RemainAfterExit=yes and
  ExecStop=, or SuccessAction=, does without (service_verify() in
  src/core/service.c).
exec-multiple|E|Several ExecStart= lines|
  systemd refuses several in a service that is not of Type=oneshot
  (systemd.service(5)).
oneshot-restart|E|Type=oneshot that is restarted after success|
  systemd refuses Restart=always and Restart=on-success for Type=oneshot
  (systemd.service(5)).
oneshot-exit-type|E|Type=oneshot with ExitType=cgroup|
  systemd refuses the unit (service_verify()).
oneshot-force-restart|E|Type=oneshot with RestartForceExitStatus=|
  systemd 255 and older refuses the unit (service_verify()).
oneshot-runtime|E|RuntimeMaxSec= with Type=oneshot|
  RuntimeMaxSec= has no effect; TimeoutStartSec= limits a oneshot service
  (systemd.service(5)).
dbus-without-name|E|Type=dbus without BusName=|
  systemd refuses the unit (systemd.service(5)). systemd 247 aborts on such a
  unit and, as PID 1, takes the host down: never load such a unit there.
forking-pids|E|Type=forking with PrivatePIDs=|
  systemd refuses the unit, since the namespace dies with its first process
  (systemd.exec(5)).
notify-access-none|E|NotifyAccess=none where messages are needed|
  Type=notify and notify-reload, WatchdogSec= and FileDescriptorStoreMax= need
  messages, so that systemd sets NotifyAccess=main by itself, and none does
  nothing (service_add_extras() in src/core/service.c).
watchdog-without-notify|W|WatchdogSec= with a type that need not notify|
  systemd kills the service if it does not send WATCHDOG=1 in time, and a
  service of Type=simple or exec need not send messages. 0 switches the
  watchdog off (systemd.service(5)).
forking-without-pidfile|N|Type=forking without PIDFile=|
  systemd guesses the main process (systemd.service(5)). A service that stays
  in the foreground is better.
restart-no-limit|E|RestartSteps= or RestartMaxDelaySec= alone|
  Each of the two has no effect without the other (systemd.service(5)).
restart-delay|E|RestartMaxDelaySec= below RestartSec=|
  The delay begins with RestartSec= and grows to RestartMaxDelaySec=: systemd
  forgets RestartSec= and takes RestartMaxDelaySec= for both (service_verify()
  in src/core/service.c).
needs-companion|E|A directive that needs another one|
  systemd ignores the directive without the other one, with a message
  (service_verify() in src/core/service.c).
unsupported-directive|E|A directive that this type of unit cannot have|
  systemd takes the directive for all unit types with control groups, but some
  types do not support it (UnitVTable in src/core).
pam-kill-mode|E|PAMName= with a KillMode= that leaves processes|
  systemd refuses the unit: the PAM session must die with the unit, by
  control-group or mixed. For units other than services, 256 and older takes
  control-group alone (unit_verify_contexts() in src/core/unit.c).
pam-private-pids|E|PAMName= with PrivatePIDs=|
  systemd 262 refuses the unit (unit_verify_contexts() in src/core/unit.c).
user-namespace-twice|E|PrivateUsers= with UserNamespacePath=|
  systemd refuses the unit: the user namespace is either a new one or that of
  the path (unit_verify_contexts() in src/core/unit.c).
managed-users|E|PrivateUsers=managed with a user of its own|
  systemd refuses PrivateUsers=managed together with User=, Group=,
  DynamicUser= and PAMName=, since systemd-nsresourced hands out the users
  (unit_verify_contexts() in src/core/unit.c).
dynamic-user-home|E|WorkingDirectory=~ with DynamicUser=|
  systemd refuses the unit from 257 on (unit_verify_contexts() in
  src/core/unit.c). Before 257, the service fails at its start with 200/CHDIR,
  since its user has no home.
dynamic-user-overrides|E|DynamicUser= against an explicit no|
  DynamicUser=yes implies NoNewPrivileges, RestrictSUIDSGID, RemoveIPC,
  PrivateTmp, ProtectSystem and ProtectHome and overrides a no
  (systemd.exec(5)).
protect-home-exec|E|A command in a directory that is shut|
  ProtectHome=yes makes /home, /root and /run/user inaccessible, and
  InaccessiblePaths= its own paths: systemd mounts nothing below them, whatever
  BindPaths= says (drop_inaccessible() in src/core/namespace.c). With
  ProtectHome=tmpfs, TemporaryFileSystem=, PrivateTmp= and PrivateDevices= a
  directory has only what is mounted there, by BindPaths= for instance. A
  command that is hidden there cannot start: 203/EXEC (systemd.exec(5)).
working-directory-hidden|E|A working directory in a directory that is shut|
  The service fails with 200/CHDIR, unless the directory is bound there; see
  protect-home-exec.
hidden-path|E|A path that is opened in a directory that is shut|
  In an inaccessible directory systemd drops ReadWritePaths=, BindPaths=,
  StateDirectory= and the like without a message: the service starts and does
  not see the path. In a directory that is empty for the service, a path of
  ReadWritePaths= is missing, and the start fails with 226/NAMESPACE; see
  protect-home-exec.
hidden-path-unused|W|A path without effect in a directory that is shut|
  systemd drops the path without a message; see hidden-path.
hidden-pid-file|E|A PID file in a directory that is shut|
  The service writes the file where systemd does not see it, or cannot write
  it. systemd waits for the file of a service of Type=forking, and the start
  fails (service_load_pid_file() in src/core/service.c).
private-socket|W|A socket or PID file in a private /tmp|
  With PrivateTmp= a service has a /tmp and /var/tmp of its own: other services
  do not find what it makes there, and it does not find theirs
  (systemd.exec(5)). Units of JoinsNamespaceOf= share the directories.
path-overruled|E|Two directives for one path, of which one counts|
  systemd makes one mount of two for the same path (drop_duplicates() in
  src/core/namespace.c): ReadWritePaths= opens nothing that ReadOnlyPaths=,
  ProtectSystem= or ProtectHome= makes read-only by the same path, and with
  ReadWritePaths= or ReadOnlyPaths= TemporaryFileSystem= does not empty it.
api-working-directory|E|WorkingDirectory= below an API file system|
  From 256 on systemd refuses such a directory together with a mount namespace,
  which many directives of the sandbox need (unit_verify_contexts() in
  src/core/unit.c, exec_needs_mount_namespace() in src/core/execute.c).
set-reset|W|A "~" that stands alone|
  As a set of capabilities it is the full set, and earlier lines are forgotten
  (systemd.exec(5), CapabilityBoundingSet=). RestrictNamespaces=,
  RestrictAddressFamilies=, SystemCallFilter= and others then deny nothing, and
  so restrict nothing.
wants-without-after|N|Wants= or Requires= without After=|
  Both units start at the same time; a unit that needs the other one ready also
  has After= (systemd.unit(5)). systemd by itself orders a target after the
  units that it pulls in (systemd.target(5)), and some other units too
  ("Automatic Dependencies" in the manual page of each type).
isolate-several|E|Several units are isolated on failure or success|
  Only one unit can be isolated, so that systemd refuses
  OnFailureJobMode=isolate with more than one unit in OnFailure=, and
  OnSuccessJobMode= likewise (unit_load() in src/core/unit.c).
job-timeout|E|JobRunningTimeoutSec= above JobTimeoutSec=|
  The job times out earlier by JobTimeoutSec=, so that the longer time does
  nothing (unit_load() in src/core/unit.c).
priority-without-policy|E|CPUSchedulingPriority= that does not fit its policy|
  Before 252 systemd ignores a priority that does not fit the policy of an
  earlier line; the default policy has 0 alone (systemd.exec(5)).
environment-secret|N|A variable that looks like a secret|
  Every user of the host can read Environment= by systemctl show; secrets
  belong in credentials (systemd.exec(5), "Environment").
ambient-not-bounded|W|An ambient capability outside of the bounding set|
  The kernel grants no capability that is not in the bounding set
  (capabilities(7)).
timer-never-starts|W|A timer that only repeats|
  OnUnitActiveSec= and OnUnitInactiveSec= count from the unit's last start or
  end, so the timer never elapses without another line (systemd.timer(5)).
timer-persistent|W|Persistent= without OnCalendar=|
  Persistent= only has an effect on timers with OnCalendar= (systemd.timer(5)).
socket-no-listen|E|A socket that listens on nothing|
  systemd refuses the unit (socket_verify() in src/core/socket.c).
socket-accept-service|E|Service= with Accept=yes|
  systemd refuses the unit: such a socket starts an instance of its own
  template (systemd.socket(5)).
socket-accept-listen|E|Accept=yes on a socket that accepts no connection|
  systemd refuses Accept=yes for all but ListenStream= and
  ListenSequentialPacket= (socket_verify() in src/core/socket.c).
socket-accept-defer|E|DeferTrigger= with Accept=yes|
  systemd refuses the unit (socket_verify()).
socket-symlinks|E|Symlinks= without the one path to link to|
  systemd refuses the unit unless exactly one of the sockets and FIFOs has a
  path (socket_verify()).
socket-max-connections|E|MaxConnections=0|
  systemd refuses the unit (socket_verify()).
trigger-twice|E|Unit= twice in a timer or path unit|
  The first line counts. systemd ignores the others with a message, also the
  line of a drop-in (config_parse_trigger_unit()).
trigger-device|W|A timer or path unit that triggers a device|
  systemd cannot delay a device and drops the ordering (unit_add_dependency()
  in src/core/unit.c).
timer-no-time|E|A timer without a time|
  systemd refuses the unit (systemd.timer(5)).
path-no-path|E|A path unit without a path|
  systemd refuses the unit (systemd.path(5)).
mount-name|E|Where= that is not the unit's name|
  The file name must be the escaped path, or systemd refuses the unit
  (systemd.mount(5)).
mount-api|E|A mount unit for a directory that systemd mounts itself|
  systemd refuses the unit: systemd mounts /proc, /sys, /dev, /run and some
  directories below them before it reads a unit (mount_verify() in
  src/core/mount.c, src/shared/mount-setup.c).
automount-root|E|An automount unit for /|
  systemd refuses the unit (automount_verify() in src/core/automount.c).
automount-options|E|ExtraOptions= with an option of systemd's own|
  systemd refuses the unit: systemd sets fd, pgrp, minproto, maxproto, direct
  and indirect itself (automount_verify()).
mount-no-what|E|A mount without What=|
  systemd refuses the unit. Where= may be missing: the file name then tells the
  path (mount_verify() and mount_add_extras() in src/core/mount.c).
swap-name|E|What= that is not the unit's name|
  The file name must be the escaped path, or systemd refuses the unit. A tag
  such as UUID= counts as the path of its node below /dev/disk
  (systemd.swap(5)).
version-unknown|N|A systemd newer than the table|
  The validator knows what systemd takes up to version 262. It judges a unit
  for a later one as for that version, and cannot tell what came or went since.
host-accepts|N|Unknown to the table, known to the host|
  The host's own systemd has the last word: a name or value that it accepts is
  not an error.
host-refuses|E|A unit that the host's own systemd refuses|
  systemd-analyze verify on the host has a message about this unit.
host-remarks|N|A line that the host's own systemd takes with a message|
  systemd-analyze verify on the host has a message about the line, and systemd
  uses the line all the same.
host-differs|W|A value that the host did not take over|
  After loading, systemctl show has another value than the unit file.
"""


def _load() -> dict[str, Rule]:
    rules = {}
    for line in _RULES.replace("\n  ", " ").splitlines():
        code, level, title, text = line.split("|", 3)
        rules[code] = Rule(code, _LEVELS[level], title, text.strip())
    return rules


RULES = _load()


def finding(
    code: str, item: syntax.Assignment | None, message: str
) -> report.Finding:
    """Return what a rule found, at an assignment if there is one."""
    if item is None:
        item = syntax.Assignment("", "", "", 0, 0)
    return report.Finding(
        code,
        RULES[code].level,
        item.section,
        item.name,
        item.value,
        item.line,
        # A message with a whole line of 1 MiB helps nobody.
        report.brief(message),
        file=item.file or None,
    )


def retold(code: str, found: report.Finding, message: str) -> report.Finding:
    """Return a finding as one of another rule, at the same place."""
    return replace(
        found,
        code=code,
        level=RULES[code].level,
        message=message,
        replacement=None,
    )
