"""Fully sharded data parallel training, block by block."""

from lightning.pytorch.strategies import ModelParallelStrategy
from torch.distributed.fsdp import FSDPModule

from spiking_lowlevel.networks.modes import shard_blocks
from spiking_lowlevel.tasks.base import RestorationTask


class ShardedBlocks(ModelParallelStrategy):
    """PyTorch's FSDP2: weights, gradients and moments are shared out over the processes.

    In training the weights of a block come together only while it runs; for validation and tests,
    every process holds them all. Checkpoints are one file, as without it.
    Zhao et al., "PyTorch FSDP" (VLDB 2023).
    """

    def __init__(self) -> None:
        super().__init__(tensor_parallel_size=1, save_distributed_checkpoint=False)

    def setup_environment(self) -> None:
        """Share everything out over all processes, on one machine or several."""
        self._data_parallel_size = self.num_nodes * self.num_processes
        super().setup_environment()
        # Not a method of the task: Lightning would take every run for a sharded one.
        self._task().configure_model = self._shard

    def teardown(self) -> None:
        """Leave the task as it was found."""
        vars(self._task()).pop("configure_model", None)
        super().teardown()

    def _task(self) -> RestorationTask:
        task = self.lightning_module
        assert isinstance(task, RestorationTask)
        return task

    def _shard(self) -> None:
        shard_blocks(self._task().network, self.device_mesh["data_parallel"])

    def _gather(self) -> None:
        """Hold all weights everywhere, since processes evaluate as many pictures as they have."""
        for part in self._parts():
            part.unshard()
            part.set_reshard_after_forward(False, recurse=False)

    def _share_out(self) -> None:
        for part in self._parts():
            part.set_reshard_after_forward(True, recurse=False)
            part.reshard()

    def _parts(self) -> list[FSDPModule]:
        assert self.model is not None
        return [part for part in self.model.modules() if isinstance(part, FSDPModule)]

    on_validation_start = on_test_start = on_predict_start = _gather
    on_validation_end = on_test_end = on_predict_end = _share_out
