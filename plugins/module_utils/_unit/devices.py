# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types of devices and disk images, which few units have."""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._unit.context import (  # noqa: E501
    BadValueError,
    Check,
    Context,
    check_each,
    nearest,
    words_of,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.paths import (  # noqa: E501
    check_base64,
    check_path,
    check_shape,
    colon_parts,
    refuse_api,
    take,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.resources import (  # noqa: E501
    check_weight,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.scalars import (  # noqa: E501
    check_time_span,
    parse_size,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.specifiers import (  # noqa: E501
    expand,
    is_open,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.words import (  # noqa: E501
    Splitter,
    WordError,
)

_PARTITIONS = (
    "root", "usr", "home", "srv", "esp", "xbootldr", "swap", "tmp", "var",
    "root-verity", "usr-verity", "root-verity-sig", "usr-verity-sig",
    "root-secondary", "usr-secondary", "root-other", "usr-other",
    "root-secondary-verity", "usr-secondary-verity",
)  # fmt: skip


def check_mount_images(value: str, context: Context) -> None:
    """Check MountImages= (systemd.exec(5)): image:target:options."""

    def check(word: str) -> None:
        parts = colon_parts(word)
        if not parts:
            return
        if len(parts) < 2:
            raise BadValueError(f"{word!r} has no target behind a colon")
        check_path(parts[0][parts[0].startswith("-") :], context)
        check_path(parts[1], context)
        refuse_api(parts[1], context)
        _check_partition_options(parts[2:])

    check_each(take(value, unquote=True, keep_escapes=True), check)


def check_extension_images(value: str, context: Context) -> None:
    """Check ExtensionImages= (systemd.exec(5)): image:options."""

    def check(word: str) -> None:
        parts = colon_parts(word)
        if parts:
            image = parts[0][parts[0].startswith("-") :]
            check_path(image, context)
            refuse_api(image, context)
            _check_partition_options(parts[1:])

    check_each(take(value, unquote=True, keep_escapes=True), check)


def _check_partition_options(parts: list[str]) -> None:
    """Check pairs of partition and options; a last one stands alone."""
    for name, _options in zip(parts[::2], parts[1::2]):
        if name not in _PARTITIONS:
            raise BadValueError(
                f"{name!r} is no partition", nearest(name, _PARTITIONS)
            )


def check_image_options(value: str, context: Context) -> None:
    """Check RootImageOptions= (systemd.exec(5)): partition:options."""

    def check(word: str) -> None:
        parts = take(word, separators=":", unescape=True)
        if len(parts) > 2:
            raise BadValueError(f"{word!r} has more than one colon")
        if len(parts) == 2 and parts[0] not in _PARTITIONS:
            raise BadValueError(
                f"{parts[0]!r} is no partition",
                nearest(parts[0], _PARTITIONS),
            )
        for part in parts[-1:]:
            expand(part, context)

    check_each(take(value, unquote=True, keep_escapes=True), check)


def check_root_hash(value: str, _context: Context) -> None:
    """Check RootHash= (systemd.exec(5)): hexadecimal, or a path."""
    if value.startswith("/"):
        return
    if not re.fullmatch(r"([0-9a-fA-F]{2}){16,}", value):
        raise BadValueError(
            "must be a hash in hexadecimal of 16 bytes or more, or an"
            " absolute path"
        )


def check_root_hash_signature(value: str, context: Context) -> None:
    """Check RootHashSignature= (systemd.exec(5)): base64: or a path."""
    if not value.startswith(("/", "base64:")):
        raise BadValueError("must be an absolute path, or begin with base64:")
    if value.startswith("base64:"):
        check_base64(value[7:], context)


def check_image_policy(value: str, _context: Context) -> None:
    """Check RootImagePolicy= (systemd.image-policy(7))."""
    if value in ("-", "*", "~"):
        return
    flags = words_of(
        "verity signed encrypted encryptedwithintegrity unprotected unused"
        " absent open ignore read-only-on read-only-off growfs-on"
        " growfs-off"
    )
    for part in value.split(":"):
        name, equals, policy = part.partition("=")
        if not equals or (name.strip() and name.strip() not in _PARTITIONS):
            raise BadValueError(
                f"{part!r} must be partition=flags, such as root=verity"
            )
        for flag in policy.split("+"):
            if flag.strip() and flag.strip() not in flags:
                raise BadValueError(
                    f"{flag!r} is no flag of an image policy",
                    nearest(flag, flags),
                )


def _split_device(value: str, what: str, context: Context) -> str:
    """Check the device of ``<device> <value>`` and return the value."""
    splitter = Splitter(value, unquote=True)
    try:
        path = splitter.take() or ""
    except WordError as error:
        raise BadValueError(str(error)) from error
    if not splitter.rest:
        raise BadValueError(f"must be a path and {what}: /dev/sda {what}")
    expand(path, context)
    if ".." in path.split("/"):
        raise BadValueError(f"{path!r} has a '..'")
    return splitter.rest


def check_device_weight(value: str, context: Context) -> None:
    """Check IODeviceWeight= (systemd.resource-control(5))."""
    check_weight(_split_device(value, "a weight", context), context)


def check_device_blkio_weight(value: str, context: Context) -> None:
    """Check BlockIODeviceWeight= (systemd.resource-control(5))."""
    weight = _split_device(value, "a weight", context)
    if not re.fullmatch(r"\d{1,9}", weight) or not 10 <= int(weight) <= 1000:
        raise BadValueError("must have a weight from 10 to 1000")


def check_device_latency(value: str, context: Context) -> None:
    """Check IODeviceLatencyTargetSec= (systemd.resource-control(5))."""
    check_time_span(_split_device(value, "a time span", context), context)


def check_device_limit(value: str, context: Context) -> None:
    """Check IOReadBandwidthMax= (systemd.resource-control(5))."""
    limit = _split_device(value, "a limit", context)
    if limit != "infinity" and not parse_size(limit, 1000):
        raise BadValueError("must have a limit such as 5M, or infinity")


def check_device_bandwidth(value: str, context: Context) -> None:
    """Check BlockIOReadBandwidth= (systemd.resource-control(5))."""
    limit = _split_device(value, "a bandwidth", context)
    if not parse_size(limit, 1000):
        raise BadValueError("must have a bandwidth such as 5M")


def check_device_allow(value: str, context: Context) -> None:
    """Check DeviceAllow= (systemd.resource-control(5)): node and rwm."""
    splitter = Splitter(value, unquote=True)
    try:
        path = splitter.take() or ""
    except WordError as error:
        raise BadValueError(str(error)) from error
    expanded = expand(path, context)
    rights = splitter.rest or ""
    if not is_open(path, context):
        _check_device_node(expanded or "")
    if set(rights) - set("rwm"):
        raise BadValueError(f"{rights!r}: rights are letters of r, w and m")


def _check_device_node(path: str) -> None:
    if path.startswith(("block-", "char-")):
        return
    if not path.startswith(("/dev/", "/run/systemd/inaccessible/")):
        raise BadValueError(
            f"{path!r} is no device below /dev, nor block-... or char-..."
        )
    if path.endswith("/"):
        raise BadValueError(f"{path!r} is a directory")
    check_shape(path)


TYPES: dict[str, Check] = {
    "device-allow": check_device_allow,
    "device-bandwidth": check_device_bandwidth,
    "device-blkio-weight": check_device_blkio_weight,
    "device-latency": check_device_latency,
    "device-limit": check_device_limit,
    "device-weight": check_device_weight,
    "extension-images": check_extension_images,
    "image-options": check_image_options,
    "image-policy": check_image_policy,
    "mount-images": check_mount_images,
    "root-hash": check_root_hash,
    "root-hash-signature": check_root_hash_signature,
}
