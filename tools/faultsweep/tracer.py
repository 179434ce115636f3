# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command and interrupt it at its n-th change of the host.

strace has fault injection, too, but counts each thread by itself. Here
all processes of a command are counted together, so that every point of
a run has one number. A seccomp filter stops them at the calls that
change something (seccomp(2), SECCOMP_RET_TRACE) and at no other call,
so that a run takes hardly longer than without it. The tracer runs on
the host, as root, and knows x86-64 alone.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

# x86-64, arch/x86/entry/syscalls/syscall_64.tbl of the kernel. The
# value names the arguments: "p" a path, "d" a directory's descriptor
# and a path, "f" a descriptor, "-" an argument that is not shown.
_CALLS: dict[int, tuple[str, str]] = {
    1: ("write", "f"),
    18: ("pwrite64", "f"),
    20: ("writev", "f"),
    40: ("sendfile", "f"),
    59: ("execve", "p"),
    74: ("fsync", "f"),
    75: ("fdatasync", "f"),
    76: ("truncate", "p"),
    77: ("ftruncate", "f"),
    82: ("rename", "pp"),
    83: ("mkdir", "p"),
    84: ("rmdir", "p"),
    85: ("creat", "p"),
    86: ("link", "pp"),
    87: ("unlink", "p"),
    88: ("symlink", "pp"),
    90: ("chmod", "p"),
    91: ("fchmod", "f"),
    92: ("chown", "p"),
    93: ("fchown", "f"),
    94: ("lchown", "p"),
    133: ("mknod", "p"),
    162: ("sync", ""),
    165: ("mount", "pp"),
    166: ("umount2", "p"),
    188: ("setxattr", "p"),
    231: ("exit_group", ""),
    235: ("utimes", "p"),
    257: ("openat", "d"),
    258: ("mkdirat", "d"),
    259: ("mknodat", "d"),
    260: ("fchownat", "d"),
    263: ("unlinkat", "d"),
    264: ("renameat", "dd"),
    265: ("linkat", "dd"),
    266: ("symlinkat", "pd"),
    268: ("fchmodat", "d"),
    280: ("utimensat", "d"),
    285: ("fallocate", "f"),
    306: ("syncfs", "f"),
    316: ("renameat2", "dd"),
    326: ("copy_file_range", "--f"),
    2: ("open", "p"),
    44: ("sendto", ""),
    46: ("sendmsg", ""),
}
# systemctl sends one message to systemd for each unit.
_MESSAGES = (44, 46)
_OPEN_FLAGS = {2: 1, 257: 2}
_CHANGING_OPEN = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_READING_VERBS = ("show", "is-active", "list-units", "is-system-running")

_PTRACE_TRACEME, _PTRACE_CONT = 0, 7
_PTRACE_GETREGS, _PTRACE_SETREGS = 12, 13
_PTRACE_SETOPTIONS = 0x4200
_EVENT_SECCOMP = 7
# TRACEFORK, TRACEVFORK, TRACECLONE, TRACEEXEC, TRACESECCOMP, EXITKILL.
_OPTIONS = 0x2 | 0x4 | 0x8 | 0x10 | 0x80 | 0x100000
_WALL = 0x40000000
_REGISTERS = 27
_RAX, _RDX, _RSI, _RDI, _ORIG_RAX = 10, 12, 13, 14, 15
_R10 = 7
_AT_FDCWD = -100
_AUDIT_ARCH_X86_64 = 0xC000003E

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long] * 2 + [ctypes.c_void_p] * 2
_libc.ptrace.restype = ctypes.c_long


@dataclass
class Outcome:
    """The course of a run.

    Attributes:
        points: The calls that counted, in their order.
        hit: The point at which the run was interrupted, if any.
        output: Its standard output.
    """

    points: list[str] = field(default_factory=list)
    hit: str | None = None
    output: str = ""


@dataclass(frozen=True)
class Fault:
    """The fault of a run, and the point at which it happens.

    Attributes:
        at: The number of the point, from 1; 0 for none.
        error: Name of the error that the call returns, or None to kill.
        is_alone: Kill the process that makes the call alone, and not
            the whole run.
    """

    at: int = 0
    error: str | None = None
    is_alone: bool = False


def run(
    argv: Sequence[str], fault: Fault, is_counted: Callable[[str], bool]
) -> Outcome:
    """Run a command, and let a fault happen.

    Args:
        argv: The command, an absolute path first.
        fault: The fault, and the point at which it happens.
        is_counted: Whether a point, as text, counts at all. The
            counting starts with the first that does.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _become(argv, writing)
    os.close(writing)
    os.waitpid(child, 0)
    _ptrace(_PTRACE_SETOPTIONS, child, _OPTIONS)
    _ptrace(_PTRACE_CONT, child, 0)
    run_ = _Run(child, fault, is_counted)
    run_.follow()
    with open(reading, encoding="utf-8", errors="replace") as stream:
        run_.outcome.output = stream.read()
    return run_.outcome


class _Run:
    def __init__(
        self, main: int, fault: Fault, is_counted: Callable[[str], bool]
    ) -> None:
        self.outcome = Outcome()
        self._fault = fault
        self._is_counted = is_counted
        self._alive = {main}
        # Processes that run a command which changes the host. Their
        # end is a point, since their change is complete then.
        self._changing: dict[int, str] = {}

    def follow(self) -> None:
        """Handle all stops until no process is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, _WALL)
            except ChildProcessError:
                return
            self._alive.add(pid)
            if os.WIFSTOPPED(status):
                self._stopped(pid, status)
                continue
            self._alive.discard(pid)

    def _stopped(self, pid: int, status: int) -> None:
        number, event = os.WSTOPSIG(status), status >> 16
        if event == _EVENT_SECCOMP and self._is_interrupted(pid):
            return
        quiet = event or number in (signal.SIGSTOP, signal.SIGTRAP)
        _continue(pid, 0 if quiet else number)

    def _is_interrupted(self, pid: int) -> bool:
        """Note a point; let the fault happen if it is its turn."""
        try:
            registers = _registers(pid)
            label = self._label(pid, registers)
        except (OSError, ProcessLookupError):
            # Killed meanwhile.
            return False
        if label is None or not self._is_counted(label):
            return False
        points = self.outcome.points
        points.append(label)
        if len(points) != self._fault.at:
            return False
        self.outcome.hit = label
        return self._interrupt(pid, registers)

    def _interrupt(self, pid: int, registers: list[int]) -> bool:
        if self._fault.error is None:
            victims = [pid] if self._fault.is_alone else list(self._alive)
            for victim in victims:
                _kill(victim)
            return True
        if registers[_ORIG_RAX] in (59, 231, *_MESSAGES):
            return False
        # Without a number the kernel skips the call and returns what
        # is in rax: seccomp(2), "skip the system call".
        registers[_ORIG_RAX] = 2**64 - 1
        registers[_RAX] = 2**64 - getattr(errno, self._fault.error)
        _set_registers(pid, registers)
        return False

    def _label(self, pid: int, registers: list[int]) -> str | None:
        """Name a call and its paths; None if the call changes nothing."""
        number = registers[_ORIG_RAX]
        name, kinds = _CALLS[number]
        if number == 231:
            command = self._changing.pop(pid, None)
            return command and f"end of {command}"
        if number == 59:
            return self._command(pid, registers)
        if number in _MESSAGES:
            command = self._changing.get(pid, "")
            is_asking = command.startswith("systemctl ")
            return f"message of {command}" if is_asking else None
        paths = list(_paths(pid, kinds, registers))
        if any(not path.startswith("/") for path in paths[-1:]):
            # A pipe or socket; or /dev/null and the like, below.
            return None
        if any(path.startswith(("/dev/", "/proc/")) for path in paths):
            return None
        return f"{name} {' '.join(paths)}"

    def _command(self, pid: int, registers: list[int]) -> str | None:
        path = _string(pid, registers[_RDI])
        if not os.access(f"/proc/{pid}/root{path}", os.X_OK):
            return None
        argv = _strings(pid, registers[_RSI])
        words = [word for word in argv[1:] if not word.startswith("-")]
        is_reading = words and words[0] in _READING_VERBS
        if os.path.basename(path) == "journalctl" or is_reading:
            return None
        text = " ".join([os.path.basename(path), *argv[1:]])[:160]
        self._changing[pid] = text
        return f"start of {text}"


def _become(argv: Sequence[str], writing: int) -> None:
    """Be the command: traced, filtered, its output kept."""
    try:
        os.dup2(writing, 1)
        os.setsid()
        _ptrace(_PTRACE_TRACEME, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        _install_filter()
        os.execv(argv[0], list(argv))
    finally:
        os._exit(127)


def _install_filter() -> None:
    """Stop at the calls of the table: seccomp(2), bpf of classic kind."""
    trace, allow = 0x7FF00000, 0x7FFF0000
    code = [_ins(0x20, 0, 0, 4), _ins(0x15, 1, 0, _AUDIT_ARCH_X86_64)]
    code += [_ins(0x06, 0, 0, allow), _ins(0x20, 0, 0, 0)]
    for number in _CALLS:
        if number in _OPEN_FLAGS:
            # Low word of the argument that holds the flags.
            offset = 16 + 8 * _OPEN_FLAGS[number]
            code += [_ins(0x15, 0, 4, number), _ins(0x20, 0, 0, offset)]
            code += [_ins(0x45, 0, 1, _CHANGING_OPEN)]
            code += [_ins(0x06, 0, 0, trace), _ins(0x06, 0, 0, allow)]
        else:
            code += [_ins(0x15, 0, 1, number), _ins(0x06, 0, 0, trace)]
    code.append(_ins(0x06, 0, 0, allow))
    program = ctypes.create_string_buffer(b"".join(code))
    header = struct.pack("HxxxxxxP", len(code), ctypes.addressof(program))
    set_seccomp, mode_filter = 22, 2
    if _libc.prctl(set_seccomp, mode_filter, header, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _ins(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _ptrace(request: int, pid: int, data: int, address: int = 0) -> None:
    if _libc.ptrace(request, pid, address, data) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _continue(pid: int, number: int) -> None:
    # Killed meanwhile: its end is reported by waitpid.
    with contextlib.suppress(ProcessLookupError):
        _ptrace(_PTRACE_CONT, pid, number)


def _registers(pid: int) -> list[int]:
    buffer = (ctypes.c_ulonglong * _REGISTERS)()
    _ptrace(_PTRACE_GETREGS, pid, ctypes.addressof(buffer))
    return list(buffer)


def _set_registers(pid: int, registers: list[int]) -> None:
    buffer = (ctypes.c_ulonglong * _REGISTERS)(*registers)
    _ptrace(_PTRACE_SETREGS, pid, ctypes.addressof(buffer))


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _paths(pid: int, kinds: str, registers: list[int]) -> list[str]:
    arguments = [registers[index] for index in (_RDI, _RSI, _RDX, _R10)]
    paths = []
    for kind in kinds:
        first = arguments.pop(0)
        if kind == "f":
            paths.append(_descriptor(pid, first))
        elif kind == "p":
            paths.append(_string(pid, first))
        elif kind == "d":
            paths.append(_path_below(pid, first, arguments.pop(0)))
    if paths and not paths[-1].startswith("/") and "p" in kinds:
        paths[-1] = os.path.join(os.readlink(f"/proc/{pid}/cwd"), paths[-1])
    return paths


def _path_below(pid: int, descriptor: int, address: int) -> str:
    path = _string(pid, address)
    folder = ctypes.c_int(descriptor & 0xFFFFFFFF).value
    if path.startswith("/") or folder == _AT_FDCWD:
        return path
    return f"{_descriptor(pid, folder)}/{path}"


def _descriptor(pid: int, number: int) -> str:
    return os.readlink(f"/proc/{pid}/fd/{number}")


def _string(pid: int, address: int) -> str:
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        found = b""
        while b"\0" not in found and len(found) < 8192:
            memory.seek(address + len(found))
            # A read stops at the end of a page: the next page may be
            # missing.
            room = 4096 - (address + len(found)) % 4096
            found += memory.read(min(room, 256))
    return os.fsdecode(found.partition(b"\0")[0])


def _strings(pid: int, address: int) -> list[str]:
    found: list[str] = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        while len(found) < 64:
            memory.seek(address + 8 * len(found))
            pointer = struct.unpack("P", memory.read(8))[0]
            if not pointer:
                break
            found.append(_string(pid, pointer))
    return found
