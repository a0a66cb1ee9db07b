"""Sandboxes the parsing process before it reads the file; no privilege is needed.

Resource limits, nice value and exit with the parent: on any Linux, and (except the last) on any Unix. Seccomp filter
(no socket, program, process or writable file): Linux on x86-64 or ARM64, as root or not, inside containers too.
Landlock (no file is readable except Python's own): Linux 5.13 and later, where it is enabled. A network namespace: only
with CAP_SYS_ADMIN.
"""

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from rag_service.adapters.parsing.system_calls import FORBIDDEN, HIDING, MACHINES, OPENING

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SECCOMP_MODE_FILTER = 2
CLONE_NEWNET = 0x40000000
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
EACCES, ENOSYS = 13, 38
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
LOAD, EQUAL, ANY_BIT, AT_LEAST, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
AT_NUMBER, AT_MACHINE, AT_ARGUMENTS = 0, 4, 16
X32 = 0x40000000
"""System calls from here on are in x86-64's second table, which would bypass the first."""

LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
LANDLOCK_FILES = {1: 13, 2: 14, 3: 15}
"""Rights over files by Landlock's version; from the fourth on there are rights over TCP and more."""
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
EXECUTE, READ_FILE, READ_FOLDER = 1 << 0, 1 << 2, 1 << 3


def enter_sandbox(seconds: int, memory_mb: int, parent: int) -> list[str]:
    """Apply every protection that this system has, and return their names. Exits if the parent process is gone."""
    libc = ctypes.CDLL(None, use_errno=True)
    linux = sys.platform == "linux"
    with contextlib.suppress(OSError):
        # If memory runs out, for example in a container, the kernel must kill this process and not the service. This
        # comes first, because the file belongs to root once the process is not dumpable.
        Path("/proc/self/oom_score_adj").write_text("1000")
    if linux:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    with contextlib.suppress(OSError):
        os.nice(5)
    standing = ["limits"]
    if linux and libc.unshare(CLONE_NEWNET) == 0:
        standing.append("namespace")
    _limit(seconds, memory_mb)
    if linux and libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        standing += ["landlock"] * _landlock(libc, [sys.prefix, sys.base_prefix, *filter(None, sys.path), *LIBRARIES])
        standing += ["seccomp"] * _seccomp(libc)
    return standing


def _limit(seconds: int, memory_mb: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory_mb << 20),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


def _landlock(libc: ctypes.CDLL, readable: Iterable[str]) -> bool:
    """Restrict reading to these folders, for the life of the process."""
    version = libc.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    files = (1 << LANDLOCK_FILES.get(version, 15)) - 1
    tcp = 3 if version >= 4 else 0
    signals = 3 if version >= 6 else 0
    wanted = struct.pack("QQQ", files, tcp, signals)[: 24 if signals else 16 if tcp else 8]
    rules = libc.syscall(LANDLOCK_CREATE, wanted, ctypes.c_size_t(len(wanted)), 0)
    if rules < 0:
        return False
    for folder in readable:
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            continue
        rule = struct.pack("=Qi", EXECUTE | READ_FILE | READ_FOLDER, handle)
        libc.syscall(LANDLOCK_ADD, rules, 1, rule, 0)
        os.close(handle)
    done = bool(libc.syscall(LANDLOCK_RESTRICT, rules, 0) == 0)
    os.close(rules)
    return done


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def _seccomp(libc: ctypes.CDLL) -> bool:
    """Make the kernel refuse system calls that parsing does not need and an attacker does."""
    machine = platform.machine()
    if machine not in MACHINES:
        return False
    column, audit = MACHINES[machine]
    steps = [(LOAD, 0, 0, AT_MACHINE), (EQUAL, 1, 0, audit), (RETURN, 0, 0, KILL), (LOAD, 0, 0, AT_NUMBER)]
    if machine == "x86_64":
        steps += [(AT_LEAST, 0, 1, X32), (RETURN, 0, 0, KILL)]
    for answer, calls in ((EACCES, FORBIDDEN), (ENOSYS, HIDING)):
        for numbers in calls.values():
            if (number := numbers[column]) is not None:
                steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | answer)]
    for argument, *opening in OPENING.values():
        if (number := opening[column]) is not None:
            steps += [
                (EQUAL, 0, 4, number), (LOAD, 0, 0, AT_ARGUMENTS + 8 * argument), (ANY_BIT, 0, 1, WRITING),
                (RETURN, 0, 0, REFUSE | EACCES), (RETURN, 0, 0, ALLOW),
            ]  # fmt: skip
    steps.append((RETURN, 0, 0, ALLOW))
    packed = b"".join(struct.pack("HBBI", *step) for step in steps)
    program = _Program(len(steps), packed)
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)
