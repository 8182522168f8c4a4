"""VLIFNet as the authors' code computes it, in plain eager operations: what faster forms answer to.

Nothing is fused, folded, reordered or computed once instead of T times, all tensors lie as
[N, C, H, W], and none of the package's neurons and blocks is used; neurons only declare what spikes
they emit, so that these can be counted. Parameters have the published
names, so that published state dicts load as they are. Chen et al., "Exploring the potentials of
spiking neural networks for image deraining" (AAAI 2026, arXiv 2512.02258), as in the authors' code.

As a plugin: `--plugins tests/plain/plain_vlifnet.py --model.network PlainVLIFNet`. It is not
registered: tests that go through the registry are not to find it.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spiking_lowlevel.errors import UserError
from spiking_lowlevel.networks import Network, VLIFNet
from spiking_lowlevel.neurons import Neuron, Update

THRESHOLD = 0.15
TAU = 2.0
SLOPE = 4.0
DECAY = 0.25
LEVELS = 4
PATCH = 2
STEPS = PATCH**2


class Fire(torch.autograd.Function):
    """The step function, with the derivative of a sigmoid backwards."""

    @staticmethod
    def forward(ctx: Any, u: Tensor) -> Tensor:
        ctx.save_for_backward(u)
        return (u >= 0).to(u)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        (u,) = ctx.saved_tensors
        sigma = torch.sigmoid(SLOPE * u)
        return grads[0] * SLOPE * sigma * (1 - sigma)


class PlainLIF(Neuron):
    """Leaky integrate-and-fire, hard reset to 0 through which gradients flow."""

    update = Update()

    def forward(self, x: Tensor) -> Tensor:
        """Spikes of the shape of x [T, B, C, H, W]; without gradient in evaluation."""
        v = torch.zeros_like(x[0])
        spikes = []
        for current in x:
            h = v * (1 - 1 / TAU) + current
            s = Fire.apply(h - THRESHOLD) if self.training else (h >= THRESHOLD).to(h)
            v = (1 - s) * h
            spikes.append(s)
        return torch.stack(spikes)


class Quantise(torch.autograd.Function):
    """Rounding to the levels 0, 1/4, ..., 1, of slope 1/4 backwards within their range."""

    @staticmethod
    def forward(ctx: Any, m: Tensor) -> Tensor:
        ctx.save_for_backward(m)
        return torch.round(torch.clamp(m, 0, LEVELS)) / LEVELS

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        (m,) = ctx.saved_tensors
        return grads[0] * ((m >= 0) & (m <= LEVELS)) / LEVELS


class PlainNILIF(Neuron):
    """Leaky integrate-and-fire with normalised integer spikes."""

    levels = LEVELS
    update = Update(compare=LEVELS.bit_length())

    def forward(self, x: Tensor) -> Tensor:
        """Spikes in {0, 1/4, ..., 1}, of the shape of x [4T, B, C, H, W]."""
        m = x[0]
        spikes = [Quantise.apply(m)]
        for current in x[1:]:
            m = (m - spikes[-1].detach()) * DECAY + current
            spikes.append(Quantise.apply(m))
        return torch.stack(spikes)


def per_frame(layer: nn.Module, x: Tensor) -> Tensor:
    """A layer for images, on each frame of x [T, B, C, H, W]."""
    return layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])


def space_to_time(x: Tensor) -> Tensor:
    """2x2 patches unrolled over time: [T, B, C, H, W] to [4T, B, C, H/2, W/2]."""
    patches = F.pixel_unshuffle(x.flatten(0, 1), PATCH)
    patches = patches.unflatten(1, (-1, STEPS)).unflatten(0, x.shape[:2])  # [T, B, C, 4, h, w]
    return patches.permute(0, 3, 1, 2, 4, 5).contiguous().flatten(0, 1)


def time_to_channels(z: Tensor) -> Tensor:
    """The four steps of a frame as channels: [4T, B, C, h, w] to [T, B, 4C, h, w]."""
    return z.unflatten(0, (-1, STEPS)).permute(0, 2, 3, 1, 4, 5).contiguous().flatten(2, 3)


def doubled(images: Tensor) -> Tensor:
    """Bilinear interpolation of images [N, C, H, W] to twice the size."""
    return F.interpolate(images, scale_factor=2, mode="bilinear", align_corners=False)


def conv3x3(channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    """A 3x3 convolution without bias, zeros around the image."""
    return nn.Conv2d(channels, out_channels, 3, stride, 1, bias=False)


def norm(channels: int, threshold: float) -> nn.BatchNorm2d:
    """A batch norm whose scale starts at threshold / √2."""
    layer = nn.BatchNorm2d(channels)
    nn.init.constant_(layer.weight, 2**-0.5 * threshold)
    return layer


class VLIF(nn.Module):
    """Visual LIF: spikes over the pixels of each patch, enlarged, then mixed."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.lif = PlainNILIF()
        self.channel_adjust = nn.Conv2d(STEPS * channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Real values of the shape of x [T, B, C, H, W]."""
        z = time_to_channels(self.lif(space_to_time(x)))
        enlarged = doubled(z.flatten(0, 1)).unflatten(0, z.shape[:2])
        return per_frame(self.channel_adjust, enlarged)


class PooledGate(nn.Module):
    """σ(f(mean) + f(max)), f two layers as three-dimensional convolutions."""

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.average = nn.AdaptiveAvgPool3d(1)
        self.maximum = nn.AdaptiveMaxPool3d(1)  # its gradient goes to the first maximum
        self.sharedMLP = nn.Sequential(
            nn.Conv3d(features, hidden, 1, bias=False),
            nn.ReLU(),
            nn.Conv3d(hidden, features, 1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Gates [B, n, 1, 1, 1] for x [B, n, ·, ·, ·]."""
        mean = self.sharedMLP(self.average(x))
        return torch.sigmoid(mean + self.sharedMLP(self.maximum(x)))


class SpaceGate(nn.Module):
    """σ(conv(mean, max)): one map for all steps and channels."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv3x3(2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Gates [B, 1, 1, H, W] for x [B, T, C, H, W]."""
        planes = x.flatten(1, 2)
        both = torch.cat((planes.mean(1, keepdim=True), planes.max(1, keepdim=True).values), dim=1)
        return torch.sigmoid(self.conv(both)).unsqueeze(1)


class MDA(nn.Module):
    """Gates over time, then channels, then space, each of what the one before left; then ReLU."""

    def __init__(self, channels: int, time_steps: int) -> None:
        super().__init__()
        self.ta = PooledGate(time_steps, max(1, time_steps // 4))
        self.ca = PooledGate(channels, max(1, channels // 16))
        self.sa = SpaceGate()
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Gated features of the shape of x [T, B, C, H, W]."""
        x = x.permute(1, 0, 2, 3, 4)  # [B, T, C, H, W]
        x = self.ta(x) * x
        x = self.ca(x.permute(0, 2, 1, 3, 4)).permute(0, 2, 1, 3, 4) * x
        x = self.sa(x) * x
        return self.relu(x).permute(1, 0, 2, 3, 4).contiguous()


class SRB(nn.Module):
    """The residual block that splits features by frequency with spikes, and enhances both parts."""

    def __init__(self, channels: int, time_steps: int, threshold: float) -> None:
        super().__init__()
        self.high_freq_scale_1 = nn.Parameter(torch.ones(1))
        self.low_freq_scale_1 = nn.Parameter(torch.ones(1))
        self.high_freq_scale_2 = nn.Parameter(torch.ones(1))
        self.low_freq_scale_2 = nn.Parameter(torch.ones(1))
        self.lif_1 = PlainLIF()
        self.conv1 = conv3x3(channels, channels)
        self.bn1 = norm(channels, threshold)
        self.lif_2 = VLIF(channels)
        self.conv2 = conv3x3(channels, channels)
        self.bn2 = norm(channels, 0.2 * threshold)
        self.shortcut = nn.Sequential(conv3x3(channels, channels), norm(channels, threshold))
        self.attn = MDA(channels, time_steps)

    def forward(self, x: Tensor) -> Tensor:
        """Features of the shape of x [T, B, C, H, W]."""
        s = self.lif_1(x)
        y = self.high_freq_scale_1 * s + self.low_freq_scale_1 * (x - s) + x * s
        o = per_frame(self.bn1, per_frame(self.conv1, y))
        q = self.lif_2(o)
        y = self.high_freq_scale_2 * q + self.low_freq_scale_2 * (o - q) + o * q
        o = per_frame(self.bn2, per_frame(self.conv2, y))
        return self.attn(o + per_frame(self.shortcut, x)) + x


class SMU(nn.Module):
    """The multi-scale unit: works on the image and on its patches unrolled over time."""

    def __init__(self, channels: int, time_steps: int, threshold: float) -> None:
        super().__init__()
        self.initial_residual = SRB(channels, time_steps, threshold)
        self.patch_lif = PlainNILIF()
        self.time_attention = PooledGate(STEPS * time_steps, max(1, STEPS * time_steps // 4))
        compress = nn.Conv3d(channels, channels, (STEPS, 1, 1), (STEPS, 1, 1), bias=False)
        self.temporal_compress = nn.Sequential(compress, nn.ReLU())
        self.lif_1 = PlainLIF()
        self.conv_1 = conv3x3(channels, channels)
        self.bn_1 = norm(channels, threshold)
        self.attn_1 = MDA(channels, time_steps)
        self.lif_2 = PlainLIF()
        self.conv_2 = conv3x3(channels, channels)
        self.bn_2 = norm(channels, threshold)
        self.attn_2 = MDA(channels, time_steps)
        self.final_attn = MDA(channels, time_steps)

    def forward(self, x: Tensor) -> Tensor:
        """Features of the shape of x [T, B, C, H, W]."""
        u = self.initial_residual(x)
        z = self.patch_lif(space_to_time(u))
        z = z.permute(1, 0, 2, 3, 4).contiguous()  # [B, 4T, C, h, w]
        z = self.time_attention(z) * z
        z = self.temporal_compress(z.permute(0, 2, 1, 3, 4).contiguous())  # [B, C, T, h, w]
        z = z.permute(2, 0, 1, 3, 4).contiguous()
        z = self.attn_1(per_frame(self.bn_1, per_frame(self.conv_1, self.lif_1(z))))
        z = self.attn_2(per_frame(self.bn_2, per_frame(self.conv_2, self.lif_2(z))))
        z = doubled(z.flatten(0, 1)).unflatten(0, z.shape[:2])
        return self.final_attn(z + u)


class Down(nn.Module):
    """Half the size, twice the channels."""

    def __init__(self, channels: int, threshold: float) -> None:
        super().__init__()
        self.lif = PlainLIF()
        self.conv = conv3x3(channels, 2 * channels, stride=2)
        self.bn = norm(2 * channels, threshold)

    def forward(self, x: Tensor) -> Tensor:
        """[T, B, C, H, W] to [T, B, 2C, H/2, W/2]."""
        return per_frame(self.bn, per_frame(self.conv, self.lif(x)))


class Up(nn.Module):
    """Twice the size, half the channels; interpolates before it spikes."""

    def __init__(self, channels: int, threshold: float) -> None:
        super().__init__()
        self.lif = PlainLIF()
        self.conv = conv3x3(channels, channels // 2)
        self.bn = norm(channels // 2, threshold)

    def forward(self, x: Tensor) -> Tensor:
        """[T, B, C, H, W] to [T, B, C/2, 2H, 2W]."""
        T, B, C, H, W = x.shape
        enlarged = x.new_empty(T, B, C, 2 * H, 2 * W)
        for t in range(T):
            enlarged[t] = doubled(x[t])
        return per_frame(self.bn, per_frame(self.conv, self.lif(enlarged)))


class PatchEmbed(nn.Module):
    """The first convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.proj = conv3x3(3, channels)

    def forward(self, x: Tensor) -> Tensor:
        """[T, B, 3, H, W] to [T, B, C, H, W]."""
        return per_frame(self.proj, x)


class PlainVLIFNet(Network):
    """The network of the Visual LIF paper, in plain operations, with the published neurons.

    Args:
        width: channels C at full resolution; 2C and 4C below.
        encoder_depth: blocks on the way down, at level 2 and at level 3.
        decoder_depth: blocks on the way up, at level 2 and at level 3.
        refinement: further blocks at full resolution before the output.
        time_steps: T ≥ 1.
        threshold: sets the initial scale of the norms; that of the neurons is 0.15.
    """

    multiple = 8

    def __init__(
        self,
        width: int = 48,
        encoder_depth: tuple[int, int] = (4, 8),
        decoder_depth: tuple[int, int] = (2, 2),
        refinement: int = 0,
        time_steps: int = 4,
        threshold: float = 0.15,
    ) -> None:
        super().__init__()
        C = width

        def row(channels: int, depth: int) -> nn.Sequential:
            return nn.Sequential(*(SRB(channels, time_steps, threshold) for _ in range(depth)))

        self.time_steps = time_steps
        self.patch_embed = PatchEmbed(C)
        self.encoder_level1 = SMU(C, time_steps, threshold)
        self.down1_2 = Down(C, threshold)
        self.encoder_level2 = row(2 * C, encoder_depth[0])
        self.down2_3 = Down(2 * C, threshold)
        self.encoder_level3 = row(4 * C, encoder_depth[1])
        self.decoder_level3 = row(4 * C, decoder_depth[1])
        self.up3_2 = Up(4 * C, threshold)
        self.reduce_lif_level2 = PlainLIF()
        self.reduce_conv_level2 = nn.Conv2d(4 * C, 2 * C, 1, bias=False)
        self.reduce_bn_level2 = norm(2 * C, threshold)
        self.decoder_level2 = row(2 * C, decoder_depth[0])
        self.up2_1 = Up(2 * C, threshold)
        self.reduce_lif_level1 = PlainLIF()
        self.reduce_conv_level1 = nn.Conv2d(2 * C, C, 1, bias=False)
        self.reduce_bn_level1 = norm(C, threshold)
        self.decoder_level1 = SMU(C, time_steps, threshold)
        self.additional_sunet_level1 = SMU(C, time_steps, threshold)
        self.refinement_blocks = row(C, refinement)
        self.output = nn.Sequential(nn.Conv2d(C, 3, 3, padding=1))

    def forward(self, degraded: Tensor) -> Tensor:
        """The restored images, of the shape of `degraded` [B, 3, H, W]."""
        self.check_size(degraded)
        x = self.patch_embed(degraded.unsqueeze(0).repeat(self.time_steps, 1, 1, 1, 1))
        e1 = self.encoder_level1(x)
        e2 = self.encoder_level2(self.down1_2(e1))
        x = self.decoder_level3(self.encoder_level3(self.down2_3(e2)))
        x = self.reduce_lif_level2(torch.cat((self.up3_2(x), e2), dim=2))
        x = per_frame(self.reduce_bn_level2, per_frame(self.reduce_conv_level2, x))
        x = self.decoder_level2(x)
        x = self.reduce_lif_level1(torch.cat((self.up2_1(x), e1), dim=2))
        x = per_frame(self.reduce_bn_level1, per_frame(self.reduce_conv_level1, x))
        x = self.additional_sunet_level1(self.decoder_level1(x))
        x = self.refinement_blocks(x)
        return self.output(x.mean(0)) + degraded

    def load_like(self, network: Network) -> None:
        """Take the weights and statistics of a `VLIFNet`, so that `slv bench` compares outputs."""
        if not isinstance(network, VLIFNet):
            raise UserError(f"{type(network).__name__} is not VLIFNet, whose plain form this is")
        self.load_state_dict(plain_state(network.state_dict()))


def plain_state(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state dict, or the gradients by name, of a `VLIFNet` under the names and shapes here."""
    from spiking_lowlevel.published import VLIF as PUBLISHED

    def folded(name: str, value: Tensor) -> Tensor:
        if ".sharedMLP." in name:
            return value[..., None, None, None]
        if ".temporal_compress." in name:
            return value.unflatten(1, (-1, STEPS))
        return value

    renamed = {PUBLISHED.published_name(name): value for name, value in state.items()}
    return {name: folded(name, value) for name, value in renamed.items()}
