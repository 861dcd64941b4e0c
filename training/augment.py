"""What separates real pictures from simulated ones, as random changes."""

import torch
from torch.nn import functional as F

WINDOWS_SEC = (0.5, 1.0, 2.0, 4.0)
# The share of glitches with windows missing, and how many of them have the two shortest only.
GAPS = 0.5
SHORT_ONLY = 0.3


def augment(grids, rng):
    """uint8 [b, 4, 128, 64] -> energy [b, 4, 128, 64] in 0 ... 1 and mask [b, 4].

    `rng` is a torch.Generator on the device of `grids`.
    """
    b, w, n_frequency, n_time = grids.shape
    device = grids.device

    def uniform(low, high, *shape):
        return low + (high - low) * torch.rand(*shape, generator=rng, device=device)

    def happens(probability, *shape):
        return uniform(0, 1, *shape) < probability

    # Shift in seconds and stretch in time, the same in all windows; shift in frequency.
    seconds = torch.tensor(WINDOWS_SEC, device=device).reshape(1, w, 1)
    stretch = torch.exp(uniform(-0.22, 0.22, b, 1, 1))
    shift = uniform(-0.03, 0.03, b, 1, 1) / seconds * n_time
    columns = torch.arange(n_time, device=device).reshape(1, 1, n_time) - (n_time - 1) / 2
    columns = (columns * stretch + shift + (n_time - 1) / 2).round().long() % n_time
    rows = torch.arange(n_frequency, device=device).reshape(1, n_frequency) + uniform(-3, 3, b, 1)
    rows = rows.round().long().clamp(0, n_frequency - 1)
    x = grids[
        torch.arange(b, device=device).reshape(b, 1, 1, 1),
        torch.arange(w, device=device).reshape(1, w, 1, 1),
        rows.reshape(b, 1, n_frequency, 1),
        columns.reshape(b, w, 1, n_time),
    ].float() / 255

    # Energy scale: the loudness, and how the median came out.
    x = x * torch.exp(uniform(-0.45, 0.35, b, 1, 1, 1))

    # Blur, on a random half.
    weight = uniform(0, 1, b, 1, 1, 1) * happens(0.5, b, 1, 1, 1)
    on = weight.flatten().nonzero().flatten()
    x[on] = torch.lerp(x[on], F.avg_pool2d(x[on], 3, 1, 1, count_include_pad=False), weight[on])

    # Stripes: a persistent line, or a stretch of excess noise, on one in five each.
    for axis, size in ((2, n_frequency), (3, n_time)):
        centre = uniform(0, size, b, 1)
        width = uniform(0.4, 1.5, b, 1)
        height = uniform(0, 0.12, b, 1) * happens(0.2, b, 1)
        stripe = height * torch.exp(-0.5 * ((torch.arange(size, device=device) - centre) / width) ** 2)
        x = x + stripe.reshape((b, 1, size, 1) if axis == 2 else (b, 1, 1, size))

    # Darkened low frequencies, as high-passed strain has them; another contrast.
    edge = uniform(95, 135, b, 1, 1, 1)
    depth = uniform(0.2, 1, b, 1, 1, 1)
    row = torch.arange(n_frequency, device=device).reshape(1, 1, n_frequency, 1)
    x = (x * torch.where(happens(0.3, b, 1, 1, 1) & (row > edge), depth, 1)).clamp_(0, 1)
    gamma = torch.exp(uniform(-0.25, 0.25, b, 1, 1, 1))
    on = happens(0.3, b, 1, 1, 1).flatten().nonzero().flatten()
    x[on] = x[on] ** gamma[on]

    mask = torch.where(happens(GAPS, b, 1), missing_windows(b, rng, device), torch.ones(b, w, device=device))
    return x * mask.reshape(b, w, 1, 1), mask


def missing_windows(b, rng, device):
    """mask [b, 4] of glitches that lack windows: at random, or all but the two shortest; never all."""
    share = 0.2 + 0.7 * torch.rand(b, 1, generator=rng, device=device)
    mask = (torch.rand(b, 4, generator=rng, device=device) < share).float()
    short = torch.rand(b, 1, generator=rng, device=device) < SHORT_ONLY
    mask = torch.where(short, torch.tensor([1.0, 1, 0, 0], device=device), mask)
    kept = torch.randint(0, 4, (b, 1), generator=rng, device=device)
    one = torch.zeros_like(mask).scatter(1, kept, 1)
    return torch.where(mask.sum(1, keepdim=True) == 0, one, mask)
