"""What separates real pictures from simulated ones, as random changes."""

import torch
from torch.nn import functional as F

WINDOWS_SEC = torch.tensor([0.5, 1.0, 2.0, 4.0])


def uniform(rng, low, high, *shape):
    return low + (high - low) * torch.rand(*shape, generator=rng)


def augment(grids, rng):
    """uint8 [b, 4, 128, 64] -> energy [b, 4, 128, 64] in 0 ... 1 and mask [b, 4]."""
    b, w, n_frequency, n_time = grids.shape

    # Shift in seconds and stretch in time, the same in all windows; shift in frequency.
    stretch = uniform(rng, 0.8, 1.25, b, 1, 1)
    shift = uniform(rng, -0.03, 0.03, b, 1, 1) / WINDOWS_SEC.reshape(1, w, 1) * n_time
    columns = torch.arange(n_time).reshape(1, 1, n_time) - (n_time - 1) / 2
    columns = columns * stretch + shift + (n_time - 1) / 2
    columns = columns.round().long() % n_time
    rows = torch.arange(n_frequency).reshape(1, n_frequency) + uniform(rng, -3, 3, b, 1)
    rows = rows.round().long().clamp(0, n_frequency - 1)
    x = grids[
        torch.arange(b).reshape(b, 1, 1, 1),
        torch.arange(w).reshape(1, w, 1, 1),
        rows.reshape(b, 1, n_frequency, 1),
        columns.reshape(b, w, 1, n_time),
    ].float() / 255

    # Energy scale: the loudness, and how the median came out.
    x = x * torch.exp(uniform(rng, -0.45, 0.35, b, 1, 1, 1))

    # Blur, on a random half.
    blurred = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
    amount = uniform(rng, 0, 1, b, 1, 1, 1) * (torch.rand(b, 1, 1, 1, generator=rng) < 0.5)
    x = x + amount * (blurred - x)

    # Stripes: a persistent line, or a stretch of excess noise, on one in five each.
    for axis, size in ((2, n_frequency), (3, n_time)):
        centre = uniform(rng, 0, size, b, 1)
        width = uniform(rng, 0.4, 1.5, b, 1)
        height = uniform(rng, 0, 0.12, b, 1) * (torch.rand(b, 1, generator=rng) < 0.2)
        stripe = height * torch.exp(-0.5 * ((torch.arange(size) - centre) / width) ** 2)
        x = x + stripe.reshape((b, 1, size, 1) if axis == 2 else (b, 1, 1, size))
    x = x.clamp(0, 1)

    # Dropped windows: one in three glitches loses some, never all.
    mask = (torch.rand(b, w, generator=rng) < uniform(rng, 0.2, 0.9, b, 1)).float()
    mask[torch.arange(b), torch.randint(0, w, (b,), generator=rng)] = 1
    whole = torch.rand(b, 1, generator=rng) > 0.35
    mask = torch.where(whole, torch.ones_like(mask), mask)
    return x * mask.reshape(b, w, 1, 1), mask
