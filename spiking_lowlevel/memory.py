"""Memory that was freed is kept for the next tensor, instead of being asked of the system again.

The C library of Linux hands every block over 32 MB back as soon as it is free. The next tensor of
that size then touches new pages, one by one, which takes longer than what is computed in it.
"""

import ctypes
import platform

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # names of the settings in malloc.h
_NEVER = 2**31 - 1


def keep_freed() -> bool:
    """Have this process keep what it frees; whether that could be arranged.

    A setting of the whole process, for `slv` and for programs of one's own; without effect but
    under Linux with the GNU C library. The peak of memory may grow, by about a fifth.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_MMAP_MAX, 0) and mallopt(_TRIM_THRESHOLD, _NEVER))
