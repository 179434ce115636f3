# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types of devices and disk images; few units have them."""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    splitting,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    paths,
    resources,
    scalars,
    specifiers,
)

_PARTITIONS = contexts.words_of(
    "root usr home srv esp xbootldr swap tmp var root-verity usr-verity"
)
# Source: src/shared/dissect-image.c. Signatures came with
# 250; partitions of other architectures went with 253.
_SIGNATURES = contexts.words_of("root-verity-sig usr-verity-sig")
_SIGNATURES_SINCE = 250
_SECONDARY = contexts.words_of(
    "root-secondary usr-secondary root-secondary-verity usr-secondary-verity"
)
_OTHER = contexts.words_of(
    "root-other usr-other root-other-verity usr-other-verity"
    " root-other-verity-sig usr-other-verity-sig"
    " root-secondary-verity-sig usr-secondary-verity-sig"
)
_SECONDARY_UNTIL = 253


def _check_partition(name: str, context: contexts.Context) -> None:
    version = context.target.version
    known = list(_PARTITIONS)
    if version < _SECONDARY_UNTIL:
        known += _SECONDARY
    if version >= _SIGNATURES_SINCE:
        known += _SIGNATURES
        known += _OTHER if version < _SECONDARY_UNTIL else []
    if name not in known:
        raise contexts.BadValueError(
            f"{name!r} is not a partition: write one of {', '.join(known)}",
            contexts.nearest(name, known),
            _SIGNATURES_SINCE if name in _SIGNATURES else 0,
        )


def check_mount_images(value: str, context: contexts.Context) -> None:
    """Check MountImages= (systemd.exec(5)): image:target:options."""

    def check(word: str) -> None:
        parts = paths.colon_parts(word)
        if not parts:
            return
        if len(parts) < 2:
            raise contexts.BadValueError(
                f"{word!r} must be image:target or image:target:options"
            )
        paths.check_path(parts[0][parts[0].startswith("-") :], context)
        paths.check_path(parts[1], context)
        paths.refuse_api(parts[1], context)
        _check_partition_options(parts[2:], context)

    contexts.check_each(
        paths.take(value, unquote=True, keep_escapes=True), check
    )


def check_extension_images(value: str, context: contexts.Context) -> None:
    """Check ExtensionImages= (systemd.exec(5)): image:options."""

    def check(word: str) -> None:
        parts = paths.colon_parts(word)
        if parts:
            image = parts[0][parts[0].startswith("-") :]
            paths.check_path(image, context)
            paths.refuse_api(image, context)
            _check_partition_options(parts[1:], context)

    contexts.check_each(
        paths.take(value, unquote=True, keep_escapes=True), check
    )


def _check_partition_options(
    parts: list[str], context: contexts.Context
) -> None:
    """Check pairs of partition and options; a last part is options."""
    for index, part in enumerate(parts):
        if index % 2 or index == len(parts) - 1:
            specifiers.expand(part, context)
        else:
            _check_partition(part, context)


def check_image_options(value: str, context: contexts.Context) -> None:
    """Check RootImageOptions= (systemd.exec(5)): partition:options."""

    def check(word: str) -> None:
        parts = paths.colon_parts(word)
        if len(parts) > 2:
            raise contexts.BadValueError(
                f"{word!r} has more than one colon: write partition:options"
            )
        if len(parts) == 2:
            _check_partition(parts[0], context)
        for part in parts[-1:]:
            specifiers.expand(part, context)

    contexts.check_each(
        paths.take(value, unquote=True, keep_escapes=True), check
    )


def check_root_hash(value: str, _context: contexts.Context) -> None:
    """Check RootHash= (systemd.exec(5)): hexadecimal, or a path.

    Blanks may stand among the digits, as in unhexmem().
    """
    if value.startswith("/"):
        return
    digits = re.sub(r"[ \t\n\r]", "", value)
    if not re.fullmatch(r"([0-9a-fA-F]{2}){16,}", digits):
        raise contexts.BadValueError(
            "must be a hash in hexadecimal of 16 bytes or more, or an"
            " absolute path"
        )


def check_root_hash_signature(value: str, context: contexts.Context) -> None:
    """Check RootHashSignature= (systemd.exec(5)): base64: or a path."""
    if not value.startswith(("/", "base64:")):
        raise contexts.BadValueError(
            "must be an absolute path, or base64: and the signature"
        )
    if value.startswith("base64:"):
        paths.check_base64(value[7:], context)


_POLICY_FLAGS = contexts.words_of(
    "verity signed encrypted unprotected unused absent open ignore"
    " read-only-on read-only-off growfs-on growfs-off"
)
# 262 knows this flag, 257 does not. Between the two, systemd also began
# to skip unknown flags, so that an empty flag became harmless.
_POLICY_LENIENT_SINCE = 258


def check_image_policy(value: str, context: contexts.Context) -> None:
    """Check RootImagePolicy= (systemd.image-policy(7)).

    From 258 on systemd skips unknown words without a message. They are
    refused here, since the policy would differ from the written one.
    """
    if value in ("-", "*", "~"):
        return
    seen = set()
    for part in paths.take(value, separators=":", coalesce=False):
        splitter = splitting.Splitter(part, separators="=", coalesce=False)
        try:
            name = (splitter.take() or "").strip(splitting.WHITESPACE)
        except splitting.WordError as error:
            raise contexts.BadValueError(str(error)) from error
        if splitter.rest is None:
            raise contexts.BadValueError(
                f"{part!r} must be partition=flags, such as root=verity"
            )
        if name:
            _check_partition(name, context)
        if name in seen:
            raise contexts.BadValueError(
                f"has two rules for {name or 'the rest'!r}: keep one of them"
            )
        seen.add(name)
        _check_policy_flags(splitter.rest, context)


def _check_policy_flags(text: str, context: contexts.Context) -> None:
    if text in ("", "-"):
        return
    is_lenient = context.target.version >= _POLICY_LENIENT_SINCE
    late = ["encryptedwithintegrity"]
    known = _POLICY_FLAGS + (late if is_lenient else [])
    for word in paths.take(text, separators="+", coalesce=False):
        flag = word.strip(splitting.WHITESPACE)
        if flag not in known and not (is_lenient and not flag):
            raise contexts.BadValueError(
                f"{flag!r} is not a flag of an image policy: write one of"
                f" {', '.join(known)}",
                contexts.nearest(flag, known),
                _POLICY_LENIENT_SINCE if flag in late else 0,
            )


def _split_device(value: str, what: str, context: contexts.Context) -> str:
    """Check the device of ``<device> <value>`` and return the value."""
    splitter = splitting.Splitter(value, unquote=True)
    try:
        path = splitter.take() or ""
    except splitting.WordError as error:
        raise contexts.BadValueError(str(error)) from error
    if not splitter.rest:
        raise contexts.BadValueError(
            f"must be the path of a device, a space and {what}"
        )
    expanded = paths.below_root(specifiers.expand(path, context), context)
    paths.check_shape(expanded)
    # A relative path is accepted if path_simplify() leaves a part.
    is_nothing = not set(expanded.split("/")) - {"", "."}
    if is_nothing and expanded[:1] != "/":
        raise contexts.BadValueError(
            f"{path!r} is not the path of a device, such as /dev/sda"
        )
    return splitter.rest


def check_device_weight(value: str, context: contexts.Context) -> None:
    """Check IODeviceWeight= (systemd.resource-control(5))."""
    resources.check_weight(_split_device(value, "a weight", context), context)


def check_device_blkio_weight(value: str, context: contexts.Context) -> None:
    """Check BlockIODeviceWeight= (systemd.resource-control(5))."""
    scalars.check_range(_split_device(value, "a weight", context), 10, 1000)


def check_device_latency(value: str, context: contexts.Context) -> None:
    """Check IODeviceLatencyTargetSec= (systemd.resource-control(5))."""
    scalars.check_time_span(
        _split_device(value, "a time span", context), context
    )


def check_device_limit(value: str, context: contexts.Context) -> None:
    """Check IOReadBandwidthMax= (systemd.resource-control(5))."""
    limit = _split_device(value, "a limit", context)
    scalars.refuse_too_large(limit, 1000)
    if limit != "infinity" and not scalars.parse_size(limit, 1000):
        raise contexts.BadValueError(
            "must have a limit in bytes per second, such as 5M, or infinity"
        )


def check_device_bandwidth(value: str, context: contexts.Context) -> None:
    """Check BlockIOReadBandwidth= (systemd.resource-control(5))."""
    limit = _split_device(value, "a bandwidth", context)
    scalars.refuse_too_large(limit, 1000)
    if not scalars.parse_size(limit, 1000):
        raise contexts.BadValueError(
            "must have a bandwidth in bytes per second, such as 5M"
        )


def check_device_allow(value: str, context: contexts.Context) -> None:
    """Check DeviceAllow= (systemd.resource-control(5)): node, rwm."""
    splitter = splitting.Splitter(value, unquote=True)
    try:
        path = splitter.take() or ""
    except splitting.WordError as error:
        raise contexts.BadValueError(str(error)) from error
    expanded = specifiers.expand(path, context)
    rights = splitter.rest or ""
    # The instance may be the whole name, such as char-pts.
    if not (path.startswith("%") and specifiers.is_open(path, context)):
        _check_device_node(paths.below_root(expanded or "", context))
    if set(rights) - set("rwm"):
        raise contexts.BadValueError(
            f"{rights!r} are not rights: write letters of r, w and m"
        )


def _check_device_node(path: str) -> None:
    """Check a path of a device, as valid_device_node_path() does.

    That function looks at the beginning of the path alone: it accepts
    a directory, too.
    """
    if path.startswith(("block-", "char-")):
        return
    paths.check_shape(path)
    simple = re.sub("/+(?:[.]?/+)*", "/", f"{path}/")
    if not simple.startswith(("/dev/", "/run/systemd/inaccessible/")):
        raise contexts.BadValueError(
            f"{path!r} is not a device: write a path below /dev, block-NAME"
            " or char-NAME"
        )


def check_swap_priority(value: str, _context: contexts.Context) -> None:
    """Check a swap priority (systemd.swap(5), Priority=)."""
    scalars.check_range(value, -1, 32767)


TYPES: dict[str, contexts.Check] = {
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
    "swap-priority": check_swap_priority,
}
