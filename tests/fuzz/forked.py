"""`slv` in a process of its own that costs no imports: a fork, with bounds on time and memory.

What an example does to its process (plugins, signals, environment, working directory) dies with it,
a loop in C is ended like any other, and memory that runs out takes nothing else down.
"""

import os
import resource
import signal
import sys
import traceback
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import __main__
from spiking_lowlevel import registry
from spiking_lowlevel.cli import main
from spiking_lowlevel.training import command_line as command_line  # what is imported is shared

SECONDS, WAITED = 60, 600
"""Of processor time, and by the clock, which runs on while other processes work."""
MEMORY = 2 * 2**30
"""Bytes of addresses that an example may take beyond what is imported."""
_WRITTEN = 2**28


@dataclass(frozen=True)
class Ended:
    """How a command has ended.

    Args:
        code: its exit code; the negative number of the signal that ended it.
        out: what it printed.
        err: what it printed on standard error.
        grown: how much memory it held at most beyond what was there at its start, in MiB.
        seconds: of processor time.
    """

    code: int
    out: str
    err: str
    grown: float
    seconds: float


def slv(words: list[str], folder: Path, memory: int = MEMORY, stdin: bytes = b"") -> Ended:
    """Run `slv` with these words in a folder; what it prints is kept in files beside the folder."""
    registry.load()
    said = [folder.with_name(f"{folder.name}.{stream}") for stream in ("in", "out", "err")]
    said[0].write_bytes(stdin)
    before = _pages(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # threads of others are not used in the child
        child = os.fork()
    if child == 0:
        _become(words, folder, said, memory)
    _, status, usage = os.wait4(child, 0)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what it may have started
    out, err = (path.read_text(encoding="utf-8", errors="replace") for path in said[1:])
    grown = (usage.ru_maxrss * 2**10 - before) / 2**20
    seconds = usage.ru_utime + usage.ru_stime
    return Ended(os.waitstatus_to_exitcode(status), out, err, grown, seconds)


def _become(words: list[str], folder: Path, said: list[Path], memory: int) -> None:
    code = 1
    try:
        os.setsid()
        os.chdir(folder)
        for stream, path in enumerate(said):
            os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | (os.O_TRUNC if stream else 0)), stream)
        sys.stdin = os.fdopen(0, closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        # Lightning starts a run on several devices by this line.
        __main__.__spec__, sys.argv = None, ["-c", "raise SystemExit('a second process')"]
        warnings.resetwarnings()
        warnings.simplefilter("ignore", DeprecationWarning)
        for kind, most in ((resource.RLIMIT_AS, _pages(0) + memory), (resource.RLIMIT_CORE, 0)):
            resource.setrlimit(kind, (most, most))
        resource.setrlimit(resource.RLIMIT_FSIZE, (_WRITTEN, _WRITTEN))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        signal.alarm(WAITED)
        main(words)
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                code = 1
        os._exit(code)


def _pages(which: int) -> int:
    """Bytes of this process: 0 for its addresses, 1 for what it holds."""
    return int(Path("/proc/self/statm").read_text().split()[which]) * resource.getpagesize()
