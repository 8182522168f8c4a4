"""Freed memory that is kept: told by the page faults that the system counts."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys, torch
from spiking_lowlevel.memory import keep_freed
if sys.argv[1] == "keep":
    assert keep_freed()
x = torch.ones(2**24)  # 64 MB
for i in range(24):
    if i == 12:  # the first few find room for blocks of this size
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    (x + 1).sqrt()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of the GNU C library")
def test_memory_that_was_freed_is_not_asked_for_again():
    def faults(how: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True
        )
        return int(done.stdout)

    assert faults("keep") < 0.2 * faults("default")
