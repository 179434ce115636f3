# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources are read, plans are made, and nothing impossible is planned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    errors,
    files,
    systemctl,
    verbs,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    install,
    sources,
    trees,
)

SERVICE = "[Service]\nExecStart=/bin/x\n[Install]\nWantedBy=a.target\n"


class FakeHost:
    """A directory for units and a systemd that does as it is told."""

    def __init__(self) -> None:
        self.enabled = "disabled"
        self.properties = {"ActiveState": "inactive", "LoadState": "loaded"}
        self.asked: list[str] = []

    def run(self, args: list[str], **_options: Any) -> command.Completed:
        if args[0] == "is-enabled":
            return command.Completed(0, f"{self.enabled}\n", "")
        self.asked.append(args[0])
        return command.Completed(0, "", "")

    def show(self, units: list[str], _names: list[str]) -> dict[str, Any]:
        return {units[0]: self.properties}


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeHost:
    """Return a fake host whose unit directory is a temporary one."""
    fake = FakeHost()
    monkeypatch.setattr(install, "DIRECTORY", str(tmp_path))
    monkeypatch.setattr(systemctl, "run", fake.run)
    monkeypatch.setattr(systemctl, "show", fake.show)

    def write(path: str, data: bytes, **_options: Any) -> bool:
        Path(path).write_bytes(data)
        return True

    def ensure(path: str, **_options: Any) -> bool:
        Path(path).mkdir(exist_ok=True)
        return True

    monkeypatch.setattr(files, "write_atomic", write)
    monkeypatch.setattr(files, "ensure_directory", ensure)
    monkeypatch.setattr(
        verbs, "daemon_reload", lambda: fake.asked.append("reload")
    )
    monkeypatch.setattr(
        verbs, "reset_failed", lambda _unused: fake.asked.append("reset")
    )
    return fake


def source(text: str = SERVICE, name: str = "a.service") -> trees.UnitSource:
    return trees.UnitSource(name, text, {})


def test_a_new_unit(host: FakeHost, tmp_path: Path) -> None:
    wish = install.UnitWish("a.service", enabled=True, started=True)
    plan = install.plan_install(wish, source())
    assert plan.actions == (
        f"write {tmp_path}/a.service",
        "daemon-reload",
        "enable",
        "start",
    )
    assert not (tmp_path / "a.service").exists()
    install.apply(plan)
    assert (tmp_path / "a.service").read_text() == SERVICE
    assert host.asked == ["reload", "enable", "reset", "start"]


def test_nothing_to_do(host: FakeHost, tmp_path: Path) -> None:
    (tmp_path / "a.service").write_text(SERVICE)
    host.enabled = "enabled"
    host.properties["ActiveState"] = "active"
    wish = install.UnitWish("a.service", enabled=True, started=True)
    plan = install.plan_install(wish, source())
    assert plan.actions == ()
    install.apply(plan)
    assert host.asked == []


def test_a_changed_unit_is_restarted_if_it_runs(
    host: FakeHost, tmp_path: Path
) -> None:
    (tmp_path / "a.service").write_text("[Service]\n")
    host.properties["ActiveState"] = "active"
    plan = install.plan_install(install.UnitWish("a.service"), source())
    assert plan.verbs == ("restart",)
    assert plan.diff[0]["before"] == "[Service]\n"
    calm = install.UnitWish("a.service", restarted=False)
    assert install.plan_install(calm, source()).verbs == ()
    host.properties["ActiveState"] = "inactive"
    plan = install.plan_install(install.UnitWish("a.service"), source())
    assert plan.verbs == ()


def test_stop_and_disable(host: FakeHost, tmp_path: Path) -> None:
    (tmp_path / "a.service").write_text(SERVICE)
    host.enabled = "enabled"
    host.properties["ActiveState"] = "active"
    wish = install.UnitWish("a.service", enabled=False, started=False)
    assert install.plan_install(wish, source()).verbs == ("disable", "stop")


def test_a_stale_unit_is_reloaded(host: FakeHost, tmp_path: Path) -> None:
    (tmp_path / "a.service").write_text(SERVICE)
    host.properties["NeedDaemonReload"] = "yes"
    plan = install.plan_install(install.UnitWish("a.service"), source())
    assert plan.actions == ("daemon-reload",)


def test_files_are_put_back_if_systemd_refuses(
    host: FakeHost, tmp_path: Path
) -> None:
    (tmp_path / "a.service").write_text("[Service]\nUser=old\n")
    host.properties["LoadState"] = "bad-setting"
    plan = install.plan_install(install.UnitWish("a.service"), source())
    with pytest.raises(errors.HostError, match="bad-setting"):
        install.apply(plan)
    assert "old" in (tmp_path / "a.service").read_text()
    assert host.asked == ["reload", "reload"]


def with_drop_ins(**texts: str) -> trees.UnitSource:
    labels = {f"{name}.conf": text for name, text in texts.items()}
    return trees.UnitSource("a.service", SERVICE, labels)


def test_removal(host: FakeHost, tmp_path: Path) -> None:
    wish = install.UnitWish("a.service")
    install.apply(install.plan_install(wish, with_drop_ins(b="[Service]\n")))
    host.enabled = "enabled"
    host.properties["ActiveState"] = "active"
    plan = install.plan_removal(wish)
    assert plan.verbs_before == ("stop", "disable")
    # systemd no longer has it.
    host.properties["LoadState"] = "not-found"
    install.apply(plan)
    assert list(tmp_path.iterdir()) == []
    assert install.plan_removal(wish).actions == ()


def test_drop_ins_of_others_stay(host: FakeHost, tmp_path: Path) -> None:
    """An administrator's file is kept, whatever becomes of the unit."""
    folder = tmp_path / "a.service.d"
    folder.mkdir()
    theirs = folder / "override.conf"
    theirs.write_text("[Service]\nNice=5\n")
    (folder / "mask.conf").symlink_to("/dev/null")
    ours = tmp_path / "ours"
    ours.write_bytes(install._MARK)
    (folder / "link.conf").symlink_to(ours)
    (folder / "notes.txt").write_text("not read by systemd")
    labels = ("link.conf", "mask.conf", "override.conf")
    kept = tuple(f"{folder}/{label}" for label in labels)
    wish = install.UnitWish("a.service")
    plan = install.plan_install(wish, with_drop_ins(b="[Unit]\n"))
    assert plan.kept == kept
    install.apply(plan)
    plan = install.plan_removal(wish)
    assert plan.kept == kept
    assert plan.removals == (f"{tmp_path}/a.service", f"{folder}/b.conf")
    install.apply(plan)
    assert theirs.read_text() == "[Service]\nNice=5\n"
    plan = install.plan_removal(wish)
    assert (plan.actions, plan.kept) == ((), kept)


def test_a_drop_in_that_is_no_longer_named(
    host: FakeHost, tmp_path: Path
) -> None:
    wish = install.UnitWish("a.service")
    both = with_drop_ins(b="[Service]\nNice=5\n", c="[Unit]\n")
    install.apply(install.plan_install(wish, both))
    assert install.plan_install(wish, both).actions == ()
    host.properties["ActiveState"] = "active"
    one = with_drop_ins(c="[Unit]\n")
    plan = install.plan_install(wish, one)
    gone = tmp_path / "a.service.d" / "b.conf"
    assert plan.actions == (f"remove {gone}", "daemon-reload", "restart")
    assert "Nice=5" in plan.diff[0]["before"]
    assert plan.diff[0]["after"] == ""
    host.properties["LoadState"] = "bad-setting"
    with pytest.raises(errors.HostError, match="bad-setting"):
        install.apply(plan)
    assert "Nice=5" in gone.read_text()
    host.properties["LoadState"] = "loaded"
    install.apply(plan)
    assert not gone.exists()
    host.properties["ActiveState"] = "inactive"
    assert install.plan_install(wish, one).actions == ()


def test_a_drop_in_of_that_name_is_taken_over(
    host: FakeHost, tmp_path: Path
) -> None:
    folder = tmp_path / "a.service.d"
    folder.mkdir()
    (folder / "b.conf").write_text("[Service]\nNice=5\n")
    wish = install.UnitWish("a.service")
    plan = install.plan_install(wish, with_drop_ins(b="[Unit]\n"))
    assert plan.kept == ()
    assert f"write {folder}/b.conf" in plan.actions


@pytest.mark.parametrize(
    "name",
    [
        "../victim.service", "../../../etc/passwd", "/etc/passwd", "..", "",
        "a/b.service", "a.service/", "a.service\n", "a\n.service", "a.conf",
        "a.service.d", "a b.service", "%n.service", "a" * 300 + ".service",
    ],
)  # fmt: skip
def test_a_name_leads_nowhere_else(
    host: FakeHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It would show, or remove, a file that is not a unit of ours."""
    (tmp_path / "units").mkdir()
    (tmp_path / "victim.service").write_text("keep")
    monkeypatch.setattr(install, "DIRECTORY", str(tmp_path / "units"))
    monkeypatch.setattr(install, "_read", pytest.fail)
    with pytest.raises(errors.HostError, match="not the name of a unit file"):
        install.plan_removal(install.UnitWish(name))
    with pytest.raises(errors.HostError, match="not the name of a unit file"):
        install.plan_install(install.UnitWish(name), source(name=name))


@pytest.mark.parametrize("label", ["../x.conf", "a/b.conf", "..", "x.conf\n"])
def test_a_drop_in_leads_nowhere_else(host: FakeHost, label: str) -> None:
    found = trees.UnitSource("a.service", SERVICE, {label: "[Unit]\n"})
    with pytest.raises(errors.HostError, match="not the name of a drop-in"):
        install.plan_install(install.UnitWish("a.service"), found)


def test_what_cannot_be(host: FakeHost) -> None:
    enabled = install.UnitWish("a.service", enabled=True)
    with pytest.raises(errors.HostError, match="Install"):
        install.plan_install(enabled, source("[Service]\nExecStart=/x\n"))
    started = install.UnitWish("a@.service", started=True)
    with pytest.raises(errors.HostError, match="template"):
        install.plan_install(started, source(name="a@.service"))
    bad = trees.UnitSource("a.service", SERVICE, {"../x.conf": ""})
    with pytest.raises(errors.HostError, match="drop-in"):
        install.plan_install(install.UnitWish("a.service"), bad)


def test_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = systemctl.parse_manager("252-51.el9", "+PAM -BPF_FRAMEWORK")
    monkeypatch.setattr(systemctl, "manager", lambda: manager)
    target = sources.read_target(None, None)
    assert (target.version, target.variant) == (252, "el9")
    assert not target.has_feature("BPF_FRAMEWORK")
    assert sources.read_target(None, []).has_feature("BPF_FRAMEWORK")
    assert str(sources.read_target("239-el8", None)) == "239-el8"
