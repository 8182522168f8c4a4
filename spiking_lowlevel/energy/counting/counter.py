"""The counter: entered and left by hooks on the network that it watches."""

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.parameter import is_lazy
from torch.utils._python_dispatch import _disable_current_modes
from torch.utils.hooks import RemovableHandle

from spiking_lowlevel.encoders.base import Encoder
from spiking_lowlevel.energy.counting.call import Rule, tensors
from spiking_lowlevel.energy.counting.complete import require_complete
from spiking_lowlevel.energy.counting.ledger import Ledger
from spiking_lowlevel.energy.counting.mode import CountingMode
from spiking_lowlevel.energy.counting.origin import DATA, Origin, Origins, Rank
from spiking_lowlevel.energy.counting.recording import Recording, Uncounted
from spiking_lowlevel.energy.counting.rules import RULES
from spiking_lowlevel.energy.counting.sight import Inference, holds
from spiking_lowlevel.energy.counting.units import Unit, fired, outermost, spikes_of, units
from spiking_lowlevel.errors import UserError
from spiking_lowlevel.neurons.watch import uncompiled

Inputs = tuple[object, ...]


class OpCounter:
    """Counts what a network does, operation by operation, while it is entered as a context.

    It sees what PyTorch dispatches inside the network's `forward`: subclassed modules, functional
    calls and matrix products alike, with and without gradients, under inference_mode and autocast.
    What others compute, such as metrics, is not seen. No hook is left behind.

        with OpCounter(network) as counter:
            network(image)
        counter.recording()

    Args:
        network: any module; images are counted by the first dimension of its first argument.
        images: the number of images in a call, from its arguments; None for that dimension.
        rules: further rules by the name of an operation ("mylib::blur"), see `counting.rules`.
        inference: how levels are found that no neuron declares.
        repeat_frames: whether equal frames that direct coding makes are all run and counted, as
            published code runs them; by default they are run once where the network knows it.
    """

    def __init__(
        self,
        network: nn.Module,
        images: Callable[[Inputs], int] | None = None,
        rules: Mapping[str, Rule] | None = None,
        inference: Inference = Inference(),
        repeat_frames: bool = False,
    ) -> None:
        self.network = network
        self.repeat_frames = repeat_frames
        self._images_of = images or _first_dimension
        self._ledger = Ledger(inference)
        self._mode = CountingMode(self._ledger, {**RULES, **(rules or {})})
        self._units = units(network)
        self._outermost = outermost(network)
        self._images = self._pixels = self._depth = 0
        self._time_steps: int | None = None
        self._calls: dict[nn.Module, int] = {}  # of every neuron, in this pass
        self._seen: dict[str, int] = {}  # time steps of every outermost neuron, in this pass
        self._carried: set[str] = set()  # buffers that hold data from one pass to the next
        self._entered = False
        self._watching = ExitStack()
        self._running = ExitStack()

    def __enter__(self) -> Self:
        """Put hooks on the network.

        Raises:
            UserError: this counter is watching already, or the network does not know its shapes.
        """
        if self._entered:
            raise UserError("OpCounter: it is watching already; enter it once at a time")
        if any(is_lazy(p) for p in self.network.parameters()):
            raise UserError("OpCounter: the network has lazy parameters; run it once before")
        self._entered = True
        self._watching.enter_context(uncompiled(self.network))
        for name, module in self.network.named_modules():
            self._hook(module, self._enter(name, module), self._leave(name, module))
        # Later than its own: what is put in front starts first, and what is put behind ends last.
        starting = self.network.register_forward_pre_hook(
            self._start, prepend=True, with_kwargs=True
        )
        self._watching.callback(starting.remove)
        stopping = self.network.register_forward_hook(self._stop, always_call=True)
        self._watching.callback(stopping.remove)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take them away again."""
        self._entered = False
        self._watching.close()

    def recording(
        self, images: int | None = None, pixels: int | None = None, complete: bool = True
    ) -> Recording:
        """What was seen so far, as a value.

        Args:
            images: number of images, where it is not that of the calls: those of tiles, say.
            pixels: of these images.
            complete: whether parameters that were never counted are an error.

        Raises:
            UserError: nothing ran, or parameters were never counted.
        """
        names = [name for name, _ in self.network.named_parameters()]
        recording = Recording(
            network=type(self.network).__name__,
            images=self._images if images is None else images,
            pixels=self._pixels if pixels is None else pixels,
            time_steps=self._time_steps or 1,
            layers=tuple(row.layer() for row in self._ledger.rows.values()),
            uncounted=tuple(
                Uncounted(op, module, *seen)
                for (op, module), seen in self._ledger.uncounted.items()
            ),
            counted_calls=self._ledger.calls,
            missed_parameters=tuple(n for n in names if n not in self._ledger.used),
            parameters=sum(p.numel() for p in self.network.parameters()),
        )
        if complete:
            require_complete(recording)
        return recording

    def _hook(
        self,
        module: nn.Module,
        before: Callable[[nn.Module, Inputs], None],
        after: Callable[[nn.Module, Inputs, object], Any],
    ) -> None:
        handles: list[RemovableHandle] = [
            module.register_forward_pre_hook(before, prepend=True),
            module.register_forward_hook(after, always_call=True),
        ]
        for handle in handles:
            self._watching.callback(handle.remove)

    def _start(self, _: nn.Module, inputs: Inputs, named: dict[str, object]) -> None:
        self._depth += 1
        if self._depth > 1:
            return
        ledger = self._ledger
        ledger.origins = Origins()
        for name, weight in (*self.network.named_buffers(), *self.network.named_parameters()):
            # Several may be views of one tensor.
            others = ledger.origins[weight].parameters
            ledger.origins[weight] = Origin(Rank.WEIGHT, parameters=others | {name})
        for name, buffer in self.network.named_buffers():
            if name in self._carried:
                ledger.origins[buffer] = DATA
        inputs = (*inputs, *named.values())
        given = list(tensors(inputs))
        for x in given:
            ledger.origins[x] = DATA
        self._calls.clear()
        self._seen.clear()
        ledger.batch = self._images_of(inputs)
        self._images += ledger.batch
        if given and given[0].dim() > 1:
            self._pixels += ledger.batch * given[0].shape[-1] * given[0].shape[-2]
        torch.clear_autocast_cache()  # copies of weights from before would not be known as such
        if "torch._dynamo" in sys.modules:  # the inside of compiled code could not be seen
            self._running.enter_context(torch.compiler.set_stance("force_eager"))
        # Fused attention would be one operation that nobody can look into.
        self._running.enter_context(sdpa_kernel(SDPBackend.MATH))
        self._running.callback(
            torch.backends.mha.set_fastpath_enabled, torch.backends.mha.get_fastpath_enabled()
        )
        torch.backends.mha.set_fastpath_enabled(False)
        self._running.enter_context(self._mode)

    def _stop(self, _: nn.Module, inputs: Inputs, output: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._running.close()
            self._note_time_steps()
            ledger = self._ledger
            self._carried |= {
                name
                for name, buffer in self.network.named_buffers()
                if ledger.origins[buffer].rank == Rank.DATA
            }
            ledger.origins = Origins()
            for stack in (ledger.modules, ledger.literal, ledger.entered):
                stack.clear()

    def _note_time_steps(self) -> None:
        """T is what the neurons are called with, whatever goes through patches inside of them."""
        self._time_steps = max(min(self._seen.values(), default=1), self._time_steps or 1)

    def _enter(self, name: str, module: nn.Module) -> Callable[[nn.Module, Inputs], None]:
        unit = self._units.get(module)

        def enter(_: nn.Module, inputs: Inputs) -> None:
            if not self._depth:
                return
            self._ledger.modules.append(name)
            first = next(tensors(inputs), None)
            self._ledger.entered.append(() if first is None else tuple(first.shape))
            if unit is not None and unit.innermost:
                if unit.update is None:
                    self._ledger.literal.append(name)
                else:  # what its simulation computes is not even looked at
                    self._mode.__exit__(None, None, None)

        return enter

    def _leave(self, name: str, module: nn.Module) -> Callable[[nn.Module, Inputs, object], Any]:
        unit = self._units.get(module)

        def leave(_: nn.Module, inputs: Inputs, output: object) -> Tensor | None:
            if not self._depth:
                return None
            self._ledger.modules.pop()
            self._ledger.entered.pop()
            if module in self._outermost:
                self._timed(name, unit, spikes_of(output))
            if unit is not None:
                if unit.innermost and unit.update is None:
                    self._ledger.literal.pop()
                elif unit.innermost:
                    self._mode.__enter__()
                self._fired(name, module, unit, spikes_of(output))
            if self.repeat_frames and isinstance(module, Encoder) and isinstance(output, Tensor):
                return output.contiguous()  # no longer one frame seen T times
            return None

        return leave

    def _timed(self, name: str, unit: Unit | None, output: Tensor | None) -> None:
        """Note the time steps of a neuron: those of its output, or one a call."""
        if unit is not None and unit.stepwise:
            self._seen[name] = self._seen.get(name, 0) + 1
        elif output is not None and output.dim():
            self._seen[name] = max(self._seen.get(name, 0), output.shape[0])

    def _fired(self, name: str, module: nn.Module, unit: Unit, spikes: Tensor | None) -> None:
        if spikes is None:
            return
        call = self._calls[module] = self._calls.get(module, 0) + 1
        # To look at spikes is not what the network does.
        with torch.no_grad(), _disable_current_modes():
            honest = holds(spikes, unit.levels)
            self._ledger.origins[spikes] = DATA._replace(levels=unit.levels if honest else None)
            if unit.innermost:
                row = self._ledger.row("neuron", name)
                fired(row, unit, spikes, call - 1)
                row.declared = row.declared and honest
        if unit.innermost:
            self._ledger.used.update(
                f"{name}.{own}".lstrip(".") for own, _ in module.named_parameters()
            )


def _first_dimension(inputs: Inputs) -> int:
    first = next(tensors(inputs), None)
    return 1 if first is None or not first.dim() else first.shape[0]
