"""What a run may ask of the machine, and of a configuration before there is a run folder."""

import math
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
from jsonargparse import Namespace
from torch import nn

from spiking_lowlevel.data.base import RestorationData
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks.base import Network
from spiking_lowlevel.tasks.base import RestorationTask

_GROUP = Path("/sys/fs/cgroup")
_CLUSTER = ("MASTER_ADDR", "SLURM_JOB_ID", "LSB_JOBID", "KUBERNETES_PORT", "TORCHELASTIC_RUN_ID")


def bound_memory() -> int | None:
    """Let this process take the memory that is free now and no more; how many bytes, if bounded.

    More is an error that can be told, where the system would else end whichever process it likes.
    Without effect but under Linux, and where there is a GPU, whose addresses would count, too.
    """
    free = _free()
    if sys.platform != "linux" or free is None or torch.cuda.is_available():
        return None
    import resource

    data = next(
        int(line.split()[1]) * 2**10
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmData")
    )
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = data + free if hard == resource.RLIM_INFINITY else min(hard, data + free)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    return most


def _free() -> int | None:
    """Bytes of memory that can be had: of the machine, and of the group of this process."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        found = {name: value.split()[0] for name, _, value in (n.partition(":") for n in lines)}
        free = (int(found["MemAvailable"]) + int(found.get("SwapFree", 0))) * 2**10
    except (OSError, KeyError):
        return None
    try:
        most = int((_GROUP / "memory.max").read_text())
        return min(free, most - int((_GROUP / "memory.current").read_text()))
    except (OSError, ValueError):  # no group, or one without a bound
        return free


def require_possible(trainer: Namespace) -> None:
    """Refuse processes and machines that are not there, and what Lightning takes but trips over.

    Raises:
        UserError: naming the key of the trainer.
    """
    group, clip = trainer.get("accumulate_grad_batches"), trainer.get("gradient_clip_val")
    if group is not None and group < 1:
        raise UserError(f"trainer.accumulate_grad_batches: {group} is not at least 1")
    if clip is not None and not 0 <= clip < math.inf:
        raise UserError(f"trainer.gradient_clip_val: {clip} is no finite number of at least 0")
    devices, nodes = trainer.get("devices"), trainer.get("num_nodes") or 1
    most = max(64, os.cpu_count() or 1)
    if isinstance(devices, int) and devices > most:
        raise UserError(
            f"trainer.devices: {devices} are more than this machine has; at most {most}"
        )
    if nodes > 1 and not any(name in os.environ for name in _CLUSTER):
        raise UserError(
            f"trainer.num_nodes: {nodes} machines have to find each other; set MASTER_ADDR, "
            "MASTER_PORT and NODE_RANK, or start slv by the scheduler of the cluster"
        )


def require_seed(seed: int | bool | None) -> None:
    """Refuse a seed that the generators cannot take.

    Raises:
        UserError: it is not between 0 and 2**32 - 1.
    """
    if seed is not None and not 0 <= seed < 2**32:
        raise UserError(f"seed_everything: {seed} is not between 0 and {2**32 - 1:,}")


def is_of_schedule(error: Exception) -> bool:
    """Whether an error was raised by an optimiser of PyTorch, or a schedule."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(frames[-1].filename).parent == Path(torch.optim.__file__).parent


def rehearse(task: pl.LightningModule, data: RestorationData) -> None:
    """Build what the first step needs, while there is no run folder yet.

    Raises:
        UserError: no batch can be drawn, crops do not fit the network, or the optimiser or its
            schedule refuses its settings.
    """
    data.train_dataloader()
    if not isinstance(task, RestorationTask):
        return
    network: nn.Module = task.network
    if isinstance(network, Network):
        network.check_size(torch.empty(1, 3, data.crop, data.crop, device="meta"))
    try:
        made = task.configure_optimizers()
    except Exception as error:  # classes of others, which refuse in their own ways
        what = type(error).__name__
        raise UserError(f"model.optimizer or model.scheduler: {what}: {error}") from error
    parts: dict[str, Any] = dict(made) if isinstance(made, dict) else {"optimizer": made}
    schedule = parts.get("lr_scheduler", {}).get("scheduler")
    if isinstance(schedule, torch.optim.lr_scheduler.ReduceLROnPlateau):
        raise UserError("model.scheduler: ReduceLROnPlateau follows a metric; choose one by steps")
    optimizer = parts["optimizer"]
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise UserError(f"model.optimizer: it made {type(optimizer).__name__}, no optimiser")
