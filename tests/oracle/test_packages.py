# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No error about a unit file that real systemd loads without a message.

The units are those that the distribution ships and those of packages
that are fetched for it: PYFLEET_ORACLE_PACKAGES of them, 12 if it is
not set, all if it is ``all``. What we say of them and what
`systemd-analyze verify` of their own systemd says is compared both
ways.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fleet_hosts import HOSTS, run_python
from verify import is_a_reason, verify

from ansible_collections.pyfleet.services.plugins.module_utils._unit.check import (  # noqa: E501
    check,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.context import (  # noqa: E501
    words_of,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.target import (  # noqa: E501
    Target,
)

# Daemons of all kinds; a suite that has not one of them is fine.
PACKAGES = words_of("""
nginx-common apache2 redis-server memcached haproxy squid varnish lighttpd
bind9 unbound dnsmasq nsd knot pdns-server pdns-recursor chrony ntpsec
openssh-server dropbear-bin fail2ban cron rsyslog syslog-ng-core postfix
dovecot-core exim4-base opendkim opendmarc clamav-daemon clamav-freshclam
mosquitto rabbitmq-server tor i2pd privoxy tinyproxy stunnel4 sslh openvpn
strongswan-starter wireguard-tools samba nfs-kernel-server rpcbind autofs
lvm2 mdadm multipath-tools open-iscsi smartmontools udisks2 upower
accountsservice packagekit fwupd thermald tuned irqbalance acpid
collectd-core monit munin-node nagios-nrpe-server snmpd zabbix-agent
prometheus-node-exporter prometheus-alertmanager puppet-agent uwsgi-core
etcd-server keepalived corosync pacemaker lldpd frr bird2 radvd
kea-dhcp4-server hostapd wpasupplicant iwd transmission-daemon deluged
minidlna mpd avahi-daemon bluez cups-daemon network-manager modemmanager
libvirt-daemon-system docker.io containerd podman lxc lxcfs
postgresql-common mariadb-server-core tomcat10 tomcat9 polkitd rtkit
geoclue-2.0 switcheroo-control power-profiles-daemon bolt iio-sensor-proxy
colord gpsd usbmuxd pcscd saned usbguard auditd sssd-common nscd nslcd
unattended-upgrades anacron at atop sysstat vnstat darkstat nftables ufw
firewalld ebtables-nft isc-dhcp-server radsecproxy freeradius krb5-kdc slapd
certmonger beanstalkd gearman-job-server cockpit-ws netdata-core
systemd-container systemd-resolved systemd-timesyncd systemd-oomd
systemd-homed systemd-cron

""")

SHIPPED = r"""
import os
found = {}
for top in ("/usr/lib/systemd/system", "/lib/systemd/system"):
    if not os.path.isdir(top):
        continue
    for name in sorted(os.listdir(top)):
        path = os.path.join(top, name)
        if os.path.isfile(path) and not os.path.islink(path):
            data = open(path, "rb").read()
            found[name] = data.decode("utf-8", "surrogateescape")
print(json.dumps(found))
"""

# Packages are unpacked, never installed: no code of theirs runs.
FETCH = r"""
import os, shutil, subprocess, tempfile
home = tempfile.mkdtemp()
os.chmod(home, 0o755)
found = {}
def run(*argv):
    return subprocess.run(
        argv, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ).returncode
if given["update"]:
    run("apt-get", "update", "-qq")
for package in given["packages"]:
    if run("apt-get", "download", "-qq", package):
        continue
    for deb in os.listdir(home):
        if not deb.endswith(".deb"):
            continue
        tree = os.path.join(home, "tree")
        run("dpkg-deb", "-x", deb, tree)
        os.unlink(os.path.join(home, deb))
        for folder, _folders, names in os.walk(tree):
            if not folder.endswith("systemd/system"):
                continue
            for name in names:
                path = os.path.join(folder, name)
                if os.path.islink(path):
                    continue
                data = open(path, "rb").read()
                found[name] = data.decode("utf-8", "surrogateescape")
        shutil.rmtree(tree)
shutil.rmtree(home)
print(json.dumps(found))
"""
Report = Callable[[str], None]
SUFFIXES = (
    ".service", ".socket", ".timer", ".path", ".mount", ".automount",
    ".swap", ".slice", ".target",
)  # fmt: skip


def wanted_packages() -> list[str]:
    """Return the packages to fetch."""
    count = os.environ.get("PYFLEET_ORACLE_PACKAGES", "12")
    return PACKAGES if count == "all" else PACKAGES[: int(count)]


def package_units(host: str) -> Iterator[dict[str, str]]:
    """Yield the units of the packages, a few packages at a time."""
    packages = wanted_packages()
    for start in range(0, len(packages), 15):
        yield run_python(
            host,
            FETCH,
            {"packages": packages[start : start + 15], "update": not start},
        )


def compare(host: str, units: dict[str, str]) -> tuple[int, list[str]]:
    """Return how many units were compared, and where we differ."""
    target = Target.parse(HOSTS[host])
    chosen: dict[str, Any] = {
        name: text
        for name, text in units.items()
        # An instance is what systemd can load of a template.
        if name.endswith(SUFFIXES) and "@." not in name and text
    }
    said = verify(host, chosen, batch=60)
    differing = []
    for name, text in chosen.items():
        findings = check(text, name, target)
        errors = [one for one in findings if one.level == "error"]
        told = [one for one in findings if one.level != "notice"]
        reasons = [text for _line, text in said[name] if is_a_reason(text)]
        if errors and not reasons:
            differing += [f"{name}: only we say: {one}" for one in errors]
        if reasons and not told:
            differing += [f"{name}: only systemd: {one}" for one in reasons]
    return len(chosen), differing


@pytest.mark.parametrize("host", HOSTS)
def test_shipped_units(host: str, report: Report) -> None:
    units = run_python(host, SHIPPED, {})
    count, differing = compare(host, units)
    report(f"{host}: {count} shipped units, {len(differing)} differ")
    assert count > 80
    assert not differing, "\n".join(differing)


@pytest.mark.parametrize("host", HOSTS)
def test_units_of_packages(host: str, report: Report) -> None:
    units: dict[str, str] = {}
    for some in package_units(host):
        units.update(some)
    count, differing = compare(host, units)
    report(f"{host}: {count} units of packages, {len(differing)} differ")
    assert count > 10
    assert not differing, "\n".join(differing)
