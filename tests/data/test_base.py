"""What all data sets share: how their loaders work."""

import cv2
import pytest
import torch

from spiking_lowlevel.data import Pair, Pairs, Photographs
from spiking_lowlevel.data.sampling import Draw, FixedSampler


class Threads(Pairs):
    """Tells how many threads OpenCV and PyTorch would take where it is loaded."""

    def __len__(self) -> int:
        return 2

    def __getitem__(self, draw: Draw) -> Pair:
        return Pair(torch.tensor(cv2.getNumThreads()), torch.tensor(torch.get_num_threads()), "")


@pytest.mark.parametrize(("workers", "expected"), [(0, 2), (1, 1)])
def test_loader_processes_take_one_thread_and_the_main_process_keeps_its_own(
    workers: int, expected: int
):
    before = cv2.getNumThreads(), torch.get_num_threads()
    cv2.setNumThreads(2)
    torch.set_num_threads(2)
    try:
        loader = Photographs()._loader(Threads(), FixedSampler(2), 1, workers)
        seen = [(int(batch[0]), int(batch[1])) for batch in loader]
    finally:
        cv2.setNumThreads(before[0])
        torch.set_num_threads(before[1])
    assert seen == [(expected, expected)] * 2
