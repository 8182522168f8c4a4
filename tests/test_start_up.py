"""What a command imports before it answers: counted, since seconds depend on the machine."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from spiking_lowlevel.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print("imported:", *sys.modules)
"""


def imported(*words: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("imported:")[2].split())


HEAVY = {"lightning", "matplotlib", "snntorch", "torch._dynamo", "torch._inductor", "cv2"}


@pytest.mark.parametrize(
    ("words", "most", "absent"),
    [
        (["--version"], 250, HEAVY | {"torch", "numpy"}),
        (["--help"], 250, HEAVY | {"torch", "numpy"}),
        (["list"], 1500, HEAVY),
        (["bench", "--help"], 250, HEAVY | {"torch", "numpy"}),
        (["energy", "--help"], 250, HEAVY | {"torch", "numpy"}),
        (["restore", "--help"], 250, HEAVY | {"torch", "numpy"}),
        (["report", "--help"], 250, HEAVY | {"torch", "numpy"}),
        (["demo", "--help"], 250, HEAVY | {"torch", "numpy", "gradio"}),
        (["export", "--help"], 250, HEAVY | {"torch", "numpy"}),
        (["sweep", "--help"], 250, HEAVY | {"torch", "numpy"}),
        (["fit", "--help"], 4500, {"snntorch"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_imports_no_more_than_it_needs(words, most, absent):
    found = imported(*words)
    assert "spiking_lowlevel.cli" in found
    assert not found & absent
    assert len(found) < most
