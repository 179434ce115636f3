# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No raw line takes what a word of `allow` guards."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    liberties,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    table,
)

# Directive of [Service] or "Section.Directive", value, and the word.
REFUSED = [
    ("User", "root", "account"),
    ("User", "0", "account"),
    ("User", "", "account"),
    ("User", "postgres", "account"),
    ("User", "aa-worker", "account"),
    ("User", "%i", "account"),
    ("Group", "shadow", "account"),
    ("Group", "", "account"),
    ("SupplementaryGroups", "shadow", "account"),
    ("SupplementaryGroups", "docker disk", "account"),
    ("DynamicUser", "yes", "account"),
    ("DynamicUser", True, "account"),
    ("PAMName", "login", "account"),
    ("AppArmorProfile", "unconfined", "account"),
    ("SELinuxContext", "system_u:system_r:init_t:s0", "account"),
    ("AmbientCapabilities", "CAP_DAC_READ_SEARCH", "privileges"),
    ("CapabilityBoundingSet", "~CAP_CHOWN", "privileges"),
    ("CapabilityBoundingSet", "CAP_SYS_ADMIN", "privileges"),
    ("SecureBits", "keep-caps", "privileges"),
    ("NoNewPrivileges", "no", "privileges"),
    ("NoNewPrivileges", False, "privileges"),
    ("NoNewPrivileges", "0", "privileges"),
    ("ExecStartPre", "+/bin/sh -c id", "exec-prefix"),
    ("ExecStartPre", "!/bin/sh", "exec-prefix"),
    ("ExecStartPre", "!!/bin/sh", "exec-prefix"),
    ("ExecStartPre", "-+/bin/sh", "exec-prefix"),
    ("ExecStartPre", "+-/bin/sh", "exec-prefix"),
    ("ExecStartPre", "@-+/bin/sh sh", "exec-prefix"),
    ("ExecStartPre", ":+/bin/sh", "exec-prefix"),
    ("ExecStartPre", '"+/bin/sh" -c id', "exec-prefix"),
    ("ExecStartPre", "'+/bin/sh' -c id", "exec-prefix"),
    ("ExecStartPre", "/bin/true ; +/bin/sh", "exec-prefix"),
    ("ExecStartPost", "+/bin/sh", "exec-prefix"),
    ("ExecStop", "+/bin/sh", "exec-prefix"),
    ("ExecStopPost", "!/bin/sh", "exec-prefix"),
    ("ExecReload", "+/bin/kill -HUP 1", "exec-prefix"),
    ("ExecCondition", "+/bin/sh", "exec-prefix"),
    ("ExecStart", ["", "+/bin/sh"], "exec-prefix"),
    ("PermissionsStartOnly", "yes", "exec-prefix"),
    ("StateDirectory", "dpkg", "directories"),
    ("StateDirectory", "hello dpkg", "directories"),
    ("StateDirectory", "hello-other", "directories"),
    ("StateDirectory", "helloworld", "directories"),
    ("StateDirectory", "hello/../dpkg", "directories"),
    ("StateDirectory", "%i", "directories"),
    ("StateDirectory", "hello:dpkg", "directories"),
    ("StateDirectory", '"dpkg"', "directories"),
    ("CacheDirectory", "apt", "directories"),
    ("LogsDirectory", "journal", "directories"),
    ("RuntimeDirectory", "systemd", "directories"),
    ("ConfigurationDirectory", "ssh", "directories"),
    ("EnvironmentFile", "/etc/shadow", "host-files"),
    ("EnvironmentFile", "-/etc/shadow", "host-files"),
    ("EnvironmentFile", "/var/lib/hello/env", "host-files"),
    ("EnvironmentFile", "/opt/hello/../../etc/shadow", "host-files"),
    ("EnvironmentFile", "/opt/hello/%i", "host-files"),
    ("LoadCredential", "x:/etc/shadow", "host-files"),
    ("LoadCredential", "x:/var/lib/hello/link", "host-files"),
    ("LoadCredential", "x", "host-files"),
    ("LoadCredentialEncrypted", "x:/etc/shadow", "host-files"),
    ("ImportCredential", "*", "host-files"),
    ("BindPaths", "/root", "host-files"),
    ("BindPaths", "/root:/mnt", "host-files"),
    ("BindPaths", "-/root", "host-files"),
    ("BindPaths", "/opt/hello/x /root", "host-files"),
    ("BindReadOnlyPaths", "/etc/shadow", "host-files"),
    ("BindReadOnlyPaths", "/var/lib/hello/link:/mnt", "host-files"),
    ("OpenFile", "/etc/shadow:shadow", "host-files"),
    ("RootDirectory", "/", "host-files"),
    ("RootImage", "/var/lib/hello/image", "host-files"),
    ("MountImages", "/x:/y", "host-files"),
    ("ExtensionDirectories", "/x", "host-files"),
    ("BPFProgram", "egress:/x", "host-files"),
    ("NetworkNamespacePath", "/proc/1/ns/net", "host-files"),
    ("StandardOutput", "truncate:/root/x", "host-files"),
    ("StandardOutput", "append:/var/log/hello/x", "host-files"),
    ("StandardError", "file:/etc/passwd", "host-files"),
    ("StandardInput", "file:/etc/shadow", "host-files"),
    ("StandardInput", "tty-force", "host-files"),
    ("TTYPath", "/dev/tty1", "host-files"),
    ("PIDFile", "/run/sshd.pid", "host-files"),
    ("PIDFile", "/run/hello/../sshd.pid", "host-files"),
    ("Install.Alias", "ssh.service", "units"),
    ("Install.Alias", "hello-b.service", "units"),
    ("Install.Also", "ssh.service", "units"),
    ("Install.WantedBy", "ssh.service", "units"),
    ("Install.RequiredBy", "sysinit.target", "units"),
    ("Install.UpheldBy", "hello.target ssh.service", "units"),
    ("Unit.Conflicts", "ssh.service", "units"),
    ("Unit.PropagatesStopTo", "ssh.service", "units"),
    ("Unit.Upholds", "ssh.service", "units"),
    ("Unit.JoinsNamespaceOf", "postgresql.service", "units"),
    ("Unit.RefuseManualStop", "yes", "units"),
    ("Sockets", "ssh.socket", "units"),
    ("BusName", "org.freedesktop.systemd1", "units"),
    ("Unit.FailureAction", "reboot-force", "power"),
    ("Unit.SuccessAction", "poweroff", "power"),
    ("Unit.StartLimitAction", "reboot", "power"),
    ("Unit.JobTimeoutAction", "halt", "power"),
    ("FailureAction", "reboot", "power"),
    ("Environment", "LD_PRELOAD=/x.so", "ld-preload"),
    ("Environment", '"LD_AUDIT=/x.so"', "ld-preload"),
    ("Environment", "A=1 LD_LIBRARY_PATH=/x", "ld-preload"),
    ("Environment", "'GCONV_PATH=/x'", "ld-preload"),
    ("Environment", "PYTHONPATH=/x", "pythonpath"),
    ("Environment", "PYTHONSAFEPATH=", "pythonpath"),
    ("Environment", "PYTHONHOME=/x", "pythonhome"),
    ("Environment", ["A=1", "LD_PRELOAD=/x"], "ld-preload"),
    ("Environment", "DB_PASSWORD=hunter2", "plain-secret"),
    ("Environment", "URL=postgres://u:hunter2@h/d", "plain-secret"),
    ("PassEnvironment", "LD_PRELOAD", "ld-preload"),
    ("UnsetEnvironment", "PYTHONSAFEPATH", "pythonpath"),
    ("SetCredential", "x:hunter2", "plain-secret"),
    ("Environment", "LD_PRE%iLOAD=/x.so", "ld-preload"),
    ("PassEnvironment", "LD_AU%iDIT", "ld-preload"),
    ("UnsetEnvironment", "PYTHON%iHOME", "ld-preload"),
    ("UnsetEnvironment", "PYTHONSAFEPATH=1", "pythonpath"),
    ("Environment", "NODE_OPTIONS=--require=/x", "ld-preload"),
    ("Environment", "DB_PASS=hunter2", "plain-secret"),
    ("Environment", "MYSQL_PWD=hunter2", "plain-secret"),
    ("Environment", "FERNET_KEY=hunter2", "plain-secret"),
    ("Environment", "SECRET_KEY=/8sdf+x=", "plain-secret"),
    ("Environment", "TOKEN=123456", "plain-secret"),
    ("Unit.Wants", "poweroff.target", "power"),
    ("Unit.Requires", "shutdown.target", "power"),
    ("Unit.BindsTo", "debug-shell.service", "power"),
    ("Unit.OnFailure", "a.service reboot.target", "power"),
    ("Unit.OnSuccess", "systemd-poweroff.service", "power"),
    ("Unit.OnFailure", "emergency.target", "power"),
    ("Unit.OnFailureJobMode", "isolate", "power"),
    ("Unit.OnFailureIsolate", "yes", "power"),
    ("StateDirectory", "ro", "directories"),
    ("StateDirectory", "hello:ro", "directories"),
    ("Install.WantedBy", "hello-b.service", "units"),
    ("Install.RequiredBy", "multi-user.target", "units"),
    ("KillMode", "none", "units"),
    ("SendSIGKILL", "no", "units"),
    ("WorkingDirectory", "/var/lib/hello", "working-directory"),
    ("WorkingDirectory", "~", "working-directory"),
    ("WorkingDirectory", "-/srv", "working-directory"),
    ("WorkingDirectory", "/opt/hello/../x", "working-directory"),
    ("WorkingDirectory", "%S/hello", "working-directory"),
]

TAKEN = [
    ("LimitNOFILE", "65536"),
    ("Nice", 5),
    ("UMask", "0027"),
    ("IPAddressAllow", "10.0.0.0/8"),
    ("ReadWritePaths", "/srv/data"),
    ("ReadOnlyPaths", "/etc"),
    ("InaccessiblePaths", "/srv"),
    ("TemporaryFileSystem", "/var:ro"),
    ("ExecStartPre", "/bin/true"),
    ("ExecStartPre", "-/bin/false"),
    ("ExecStartPre", "/bin/sh -c 'a | b'"),
    ("ExecStartPre", "/bin/echo +x !y"),
    ("ExecStartPre", ":/bin/echo $HOME"),
    ("ExecStart", ""),
    ("ExecReload", "/bin/kill -HUP $MAINPID"),
    ("NoNewPrivileges", "yes"),
    ("NoNewPrivileges", True),
    ("DynamicUser", "no"),
    ("AmbientCapabilities", ""),
    ("CapabilityBoundingSet", ""),
    ("SupplementaryGroups", ""),
    ("StateDirectory", "hello"),
    ("StateDirectory", "hello/sub hello"),
    ("StateDirectory", "hello:hello/link"),
    ("StateDirectory", "hello::ro"),
    ("Environment", "PWD=/srv/data"),
    ("Environment", "TOKEN_TTL=300"),
    ("Environment", "BYPASS=1"),
    ("Unit.OnFailureJobMode", "replace"),
    ("SendSIGKILL", "yes"),
    ("StateDirectory", ""),
    ("StateDirectoryMode", "0750"),
    ("CacheDirectory", "hello/x"),
    ("RuntimeDirectory", "hello/web"),
    ("RuntimeDirectoryPreserve", "yes"),
    ("EnvironmentFile", "/etc/pyfleet/hello/environment/x.env"),
    ("EnvironmentFile", ""),
    ("LoadCredential", "x:/etc/pyfleet/hello/credentials/main/x"),
    ("BindReadOnlyPaths", "/opt/hello/code/x:/srv/x"),
    ("BindPaths", ""),
    ("StandardOutput", "journal"),
    ("StandardOutput", "null"),
    ("StandardInput", "null"),
    ("PIDFile", "/run/hello/x.pid"),
    ("PIDFile", "hello/x.pid"),
    ("Slice", "apps.slice"),
    ("Type", "notify"),
    ("KillMode", "mixed"),
    ("Restart", "always"),
    ("MemoryMax", "1G"),
    ("DeviceAllow", "/dev/null rw"),
    ("ProtectHome", "read-only"),
    ("Environment", "A=1 B=2"),
    ("Environment", "DB_PASSWORD_FILE=/run/credentials/x"),
    ("Environment", "TOKEN_URL=https://idp.example/token"),
    ("Environment", "MAX_TOKENS=4096"),
    ("Environment", "TOKENIZERS_PARALLELISM=false"),
    ("Environment", "PYTHONWARNINGS=ignore"),
    ("Environment", "PYTHONUNBUFFERED=1"),
    ("Environment", "ENV=production"),
    ("WorkingDirectory", "/"),
    ("WorkingDirectory", ""),
    ("WorkingDirectory", "/opt/hello/code/x/sub"),
    ("Unit.After", "postgresql.service redis.service"),
    ("Unit.Wants", "redis.service"),
    ("Unit.Requires", "postgresql.service"),
    ("Unit.PartOf", "postgresql.service"),
    ("Unit.BindsTo", "srv.mount"),
    ("Unit.OnFailure", "alert@%n.service"),
    ("Unit.ConditionPathExists", "/srv/data"),
    ("Unit.RequiresMountsFor", "/srv"),
    ("Unit.FailureAction", "none"),
    ("Unit.RefuseManualStop", "no"),
    ("Install.WantedBy", "multi-user.target"),
    ("Install.WantedBy", "graphical.target hello.target"),
    ("Install.WantedBy", ""),
]


def judged(name: str, value: object, *allow: str) -> list[str]:
    section, _dot, directive = name.rpartition(".")
    options = {section or "Service": {directive: value}}
    return list(liberties.of_options(options, "hello", allow))


@pytest.mark.parametrize(("name", "value", "word"), REFUSED)
def test_what_needs_a_word(name: str, value: object, word: str) -> None:
    (said, *more) = judged(name, value)
    assert more == []
    assert f"allow: [{word}]" in said
    section, _dot, directive = name.rpartition(".")
    assert said.startswith(f"{section or 'Service'}.{directive}: ")
    assert judged(name, value, word) == []
    others = [one for one in liberties.WORDS if one != word]
    assert judged(name, value, *others) == [said]


@pytest.mark.parametrize(("name", "value"), TAKEN)
def test_what_needs_none(name: str, value: object) -> None:
    assert judged(name, value) == []


def test_every_directive_that_is_judged_exists() -> None:
    for name in liberties._BY_NAME:
        sections = table.sections_with(name)
        assert {"Unit", "Service", "Install"} & set(sections), name


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("A=1\nLD_PRELOAD=/x\n", 1),
        ("  export PYTHONPATH=/x\n", 1),
        # systemd takes blanks around a name away, and ends a line at a
        # carriage return.
        ("LD_PRELOAD =/x\n", 1),
        ("A=1\rLD_PRELOAD=/x\r", 1),
        ("A='b'\n\t LD_PRELOAD\t= /x", 1),
        # Version 254 and later read the second line.
        ("# A=1 \\\nLD_PRELOAD=/x\n", 1),
        ("A='\nLD_PRELOAD=/x\n'\n", 0),
        ("# LD_PRELOAD=/x\nB=LD_PRELOAD=/x\n", 0),
        ("PASSWORD=hunter2\n", 0),
    ],
)
def test_environment_files(text: str, count: int) -> None:
    """They may hold secrets, which is what they are for."""
    assert len(list(liberties.of_environment_file(text, ()))) == count
    allow = ("ld-preload", "pythonpath")
    assert list(liberties.of_environment_file(text, allow)) == []


@pytest.mark.parametrize("unit", ["poweroff.target", "reboot.target"])
def test_dependencies_of_a_services_own_options(unit: str) -> None:
    units = ["redis.service", unit]
    (said,) = liberties.of_dependencies(units, ())
    assert unit in said
    assert "allow: [power]" in said
    assert list(liberties.of_dependencies(units, ("power",))) == []
