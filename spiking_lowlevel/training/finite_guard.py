"""Numbers that are not finite, caught before the optimiser takes them in, and told by their origin.

The check is one reduction over all gradients and the loss, and one wait for the device a step. Only
where it fails is the forward pass repeated, with a hook on every layer.
"""

import math
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor
from torch.optim import Optimizer

from spiking_lowlevel.callbacks.base import Watcher
from spiking_lowlevel.data.base import Pair
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons.base import Neuron
from spiking_lowlevel.neurons.watch import uncompiled, watch_membranes
from spiking_lowlevel.runs import LAST
from spiking_lowlevel.tasks.base import RestorationTask


@dataclass(frozen=True)
class Pass:
    """One forward pass of a step, with what it takes to repeat it.

    Args:
        batch: what went in.
        seed: of all that was drawn.
        loss: what came out, a scalar.
    """

    batch: Pair
    seed: int
    loss: Tensor


class FiniteGuard(Watcher):
    """Ends a training whose loss or gradient is not finite, and names the layer where it arose.

    A step that is skipped leaves weights, optimiser and buffers (running statistics of a batch
    norm) as they were; it still counts as a step, for the learning rate too. Where a gradient
    scaler looks after half precision, gradients are left to it and the loss alone is checked.

    Args:
        skip: how many such steps in a row are skipped before the training ends.

    Raises:
        UserError: `skip` is negative.
    """

    def __init__(self, skip: int = 0) -> None:
        if skip < 0:
            raise UserError(f"finite.skip is {skip}; give 0 to end at once, or how many to skip")
        self.skip = skip
        self.in_a_row = self.skipped = 0
        self._batch: Any = None
        self._passes: list[Pass] = []  # of this step: several where gradients are accumulated
        self._before: dict[str, Tensor] = {}

    def state_dict(self) -> dict[str, Any]:
        """The steps skipped so far, for a checkpoint."""
        return {"in_a_row": self.in_a_row, "skipped": self.skipped}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from the count of a checkpoint."""
        self.in_a_row, self.skipped = state_dict["in_a_row"], state_dict["skipped"]

    def on_train_batch_start(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        batch: Any,  # noqa: ANN401
        batch_idx: int,
    ) -> None:
        """Note what goes in, and what skipping the step would have to put back."""
        self._batch = batch
        if self.skip and not self._passes:
            self._before = _copies(pl_module)

    def on_before_backward(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, loss: Tensor
    ) -> None:
        """Note what came out."""
        self._passes.append(Pass(self._batch, torch.initial_seed(), loss.detach()))

    def on_before_optimizer_step(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: Optimizer
    ) -> None:
        """Check all numbers; this is after gradients are unscaled and before they are clipped.

        Raises:
            UserError: they are not finite, and no step may be skipped any more.
        """
        passes, self._passes = self._passes, []
        scaled = getattr(trainer.precision_plugin, "scaler", None) is not None
        loss, gradient = _measure(pl_module, passes, scaled)
        mine = not (math.isfinite(loss) and math.isfinite(gradient))
        if not trainer.strategy.reduce_boolean_decision(mine, all=False):
            self.in_a_row = 0
            return
        assert isinstance(pl_module, RestorationTask)
        _put_back(pl_module, self._before)
        fault = _fault(trainer, pl_module, passes, loss, mine)
        self.in_a_row += 1
        if self.in_a_row > self.skip:
            raise UserError(self._message(trainer, pl_module, fault))
        self.skipped += 1
        for parameter in pl_module.parameters():
            parameter.grad = None  # zeros would still decay weights and move by momentum
        count = f"{self.in_a_row} of at most {self.skip} in a row, {self.skipped} in all"
        pl_module.print(f"skipped {fault} ({count})")

    def _message(self, trainer: pl.Trainer, task: RestorationTask, fault: str) -> str:
        row = f"{self.in_a_row} steps in a row are not finite, " if self.skip else ""
        allowed = f"and finite.skip allows {self.skip}; " if self.skip else ""
        half = "16" in str(trainer.precision)
        advice = [
            "a lower learning rate",
            "trainer.gradient_clip_val (1.0, say)",
            *(["--precision 32-true"] if half else []),
            "a threshold or a normalisation that keeps currents near the threshold",
            f"--finite.skip {max(1, 2 * self.skip)}, to pass over rare ones",
        ]
        message = f"{row}{allowed}{fault}. Try {', '.join(advice[:-1])}, or {advice[-1]}."
        place = trainer.log_dir  # all processes have to ask
        kept = place is not None and (Path(place) / LAST).is_file()
        if kept and all(_finite(p) for p in task.parameters()):
            message += (
                f" {LAST} is from before; go on with: slv fit --resume {place}, and the change"
            )
        return message


class ForwardTrace:
    """The layers that a forward pass went through, and where it was not finite first."""

    def __init__(self) -> None:
        self.layers: list[str] = []
        self.fault: str | None = None

    def on_output(self, name: str, layer: nn.Module, output: object) -> None:
        """Look at what a layer gives; innermost layers come first."""
        if self.fault is None and not _finite(output):
            what = "spikes" if isinstance(layer, Neuron) else "output"
            self.fault = f"the {what} of {name} ({type(layer).__name__})"
            own = [k for k, p in layer.named_parameters(recurse=False) if not _finite(p)]
            if own:
                self.fault += f", whose {own[0]} is itself not finite"
        self.layers.append(name)

    def on_membrane(self, name: str, neuron: Neuron, h: Tensor) -> None:
        """Look at a membrane potential, which may be no number where the spikes are still 0."""
        if self.fault is None and not _finite(h):
            self.fault = f"the membrane of {name} ({type(neuron).__name__})"

    def on_batch(self, batch: Pair) -> None:
        """Look at the pictures that go in."""
        for what, images in (("degraded", batch.degraded), ("clean", batch.clean)):
            wrong = [k for k, x in zip(batch.name, images, strict=False) if not _finite(x)]
            if self.fault is None and wrong:
                self.fault = f"the {what} picture {wrong[0]}"


@torch.no_grad()
def trace(task: RestorationTask, one: Pass) -> ForwardTrace:
    """Repeat a forward pass with the same draws; buffers are afterwards as they were before."""
    found = ForwardTrace()
    found.on_batch(one.batch)
    cuda = [task.device] if task.device.type == "cuda" else []
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(cuda))
        stack.enter_context(_kept(task))
        stack.enter_context(task.trainer.precision_plugin.train_step_context())
        stack.enter_context(uncompiled(task))
        stack.enter_context(watch_membranes(task, found.on_membrane))
        for name, layer in task.named_modules():

            def hook(layer: nn.Module, _: object, output: object, name: str = name) -> None:
                found.on_output(name, layer, output)

            stack.callback(layer.register_forward_hook(hook).remove)
        torch.manual_seed(one.seed)
        task.loss(task.network(one.batch.degraded), one.batch.clean)
    return found


def wrong_gradients(task: nn.Module, layers: Iterable[str]) -> list[str]:
    """Names of the parameters whose gradient is not finite, by when their layers ran."""
    modules, known = dict(task.named_modules()), dict(task.named_parameters())
    own = [
        f"{layer}.{name}"
        for layer in dict.fromkeys(layers)
        for name, _ in modules[layer].named_parameters(recurse=False)
    ]
    ordered = [name for name in dict.fromkeys([*own, *known]) if name in known]
    return [name for name in ordered if not _finite(known[name].grad)]


def _measure(task: nn.Module, passes: list[Pass], scaled: bool) -> tuple[float, float]:
    """The sum of the losses and the largest entry of all gradients, at one wait for the device."""
    grads = [_local(p.grad) for p in task.parameters() if p.grad is not None]
    grads = [grad for grad in grads if grad.numel()]
    # The largest entry, not a length: squares of finite numbers overflow.
    largest = nn.utils.get_total_norm([] if scaled else grads, math.inf)
    losses = [one.loss.float() for one in passes]
    if not losses:
        return 0.0, float(largest)
    loss = torch.stack(losses).sum()
    loss, gradient = torch.stack([loss, largest.to(loss)]).tolist()
    return loss, gradient


def _fault(
    trainer: pl.Trainer, task: RestorationTask, passes: list[Pass], loss: float, mine: bool
) -> str:
    """What is not finite at this step, and where it arose."""
    traces = [trace(task, one) for one in passes]  # by every process: a layer may synchronise them
    step = f"step {trainer.global_step}: "
    if not mine:
        return f"{step}the loss or a gradient of another process is not finite"
    what = "the gradient is not finite" if math.isfinite(loss) else f"the loss is {loss}"
    where = next((t.fault for t in traces if t.fault is not None), None)
    if where is not None:
        return f"{step}{what}; the first that is not finite is {where}"
    if not math.isfinite(loss):
        return f"{step}{what}; the same forward pass is finite when repeated"
    wrong = wrong_gradients(task, [name for t in traces for name in t.layers])
    first = f"{step}{what}, though the forward pass is; the first parameter concerned is {wrong[0]}"
    # The backward pass comes from the other end, so the fault lies behind the last one.
    return first + (f" and the last, behind which it arose, {wrong[-1]}" if wrong[1:] else "")


def _tensors(value: object) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _tensors(part)


def _finite(value: object) -> bool:
    return all(bool(_local(t).isfinite().all()) for t in _tensors(value))


def _local(tensor: Tensor) -> Tensor:
    """What of a tensor this process holds, where it is shared out over several."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


@torch.no_grad()
def _copies(module: nn.Module) -> dict[str, Tensor]:
    return {name: buffer.clone() for name, buffer in module.named_buffers()}


@torch.no_grad()
def _put_back(module: nn.Module, copies: dict[str, Tensor]) -> None:
    for name, buffer in module.named_buffers():
        if name in copies:
            buffer.copy_(copies[name])


@contextmanager
def _kept(module: nn.Module) -> Iterator[None]:
    copies = _copies(module)
    try:
        yield
    finally:
        _put_back(module, copies)
