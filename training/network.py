"""The embedder's network: message grids in, one L2-normalised vector out."""

import torch
from torch import nn
from torch.nn import functional as F

N_WINDOWS = 4
N_FREQUENCY = 128
N_TIME = 64
Z_DIM = 128
PCA_DIM = 128
POOLED_DIM = 8 * 64 * 2
POOLED_WEIGHT = 0.6
BACKGROUND = 1.2 / 25.5  # mean energy of the noise, as a fraction of the scale


def zoom_matrix():
    """[64, 64]: x @ zoom shows the middle half of the columns at twice the width."""
    m = torch.zeros(N_TIME, N_TIME)
    for column in range(N_TIME):
        m[N_TIME // 4 + column // 2, column] = 1
    return m


def shrink_matrix():
    """[64, 64]: x @ shrink shows all columns in the middle half, pairs averaged."""
    m = torch.zeros(N_TIME, N_TIME)
    for column in range(N_TIME):
        m[column, N_TIME // 4 + column // 2] = 0.5
    return m


class Prepare(nn.Module):
    """Fills missing windows, takes the square root.

    The windows share their centre and each is half as long as the next, so a
    missing one is the middle of the next longer, or else the next shorter in
    the middle of plain background.
    """

    def __init__(self):
        super().__init__()
        self.register_buffer("zoom", zoom_matrix(), persistent=False)
        self.register_buffer("shrink", shrink_matrix(), persistent=False)
        border = torch.full((N_TIME,), BACKGROUND)
        border[N_TIME // 4 : 3 * N_TIME // 4] = 0
        self.register_buffer("border", border, persistent=False)

    def forward(self, energy, mask):
        """energy [b, 4, 128, 64] in 0 ... 1, mask [b, 4] -> [b, 4, 128, 64]"""
        x = [energy[:, i] for i in range(N_WINDOWS)]
        m = [mask[:, i].reshape(-1, 1, 1) for i in range(N_WINDOWS)]
        for i in reversed(range(N_WINDOWS - 1)):
            x[i] = m[i] * x[i] + (1 - m[i]) * m[i + 1] * torch.matmul(x[i + 1], self.zoom)
            m[i] = m[i] + (1 - m[i]) * m[i + 1]
        for i in range(1, N_WINDOWS):
            shrunk = torch.matmul(x[i - 1], self.shrink) + self.border
            x[i] = m[i] * x[i] + (1 - m[i]) * m[i - 1] * shrunk
            m[i] = m[i] + (1 - m[i]) * m[i - 1]
        return torch.sqrt(torch.stack(x, 1).clamp(0, 1))


class Residual(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.one = nn.Conv2d(n_in, n_out, 3, 2, 1, bias=False)
        self.norm_one = nn.BatchNorm2d(n_out)
        self.two = nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False)
        self.norm_two = nn.BatchNorm2d(n_out)
        self.skip = nn.Conv2d(n_in, n_out, 1, 2, bias=False)
        self.norm_skip = nn.BatchNorm2d(n_out)

    def forward(self, x):
        y = F.relu_(self.norm_one(self.one(x)))
        return F.relu_(self.norm_two(self.two(y)) + self.norm_skip(self.skip(x)))


class GlitchNet(nn.Module):
    """0.45 M parameters; pools over time only, so that absolute frequency survives."""

    def __init__(self):
        super().__init__()
        row = torch.linspace(-1, 1, N_FREQUENCY).reshape(1, 1, -1, 1).expand(1, 1, -1, N_TIME)
        self.register_buffer("coordinates", torch.cat([row, row.square()], 1), persistent=False)
        self.prepare = Prepare()
        # One 5x5 convolution over 4 energy and 2 coordinate channels, in two
        # parts: the second does not depend on the input and folds to a constant.
        self.stem = nn.Conv2d(N_WINDOWS, 16, 5, 2, 2, bias=False)
        self.stem_coordinates = nn.Conv2d(2, 16, 5, 2, 2, bias=False)
        self.norm = nn.BatchNorm2d(16)
        self.blocks = nn.Sequential(Residual(16, 32), Residual(32, 64), Residual(64, 128))
        self.squeeze = nn.Conv2d(128, 64, 1, bias=False)
        self.norm_squeeze = nn.BatchNorm2d(64)
        self.project = nn.Linear(POOLED_DIM, Z_DIM)

    def pooled(self, energy, mask):
        """[b, 4, 128, 64], [b, 4] -> [b, 1024], length 1"""
        x = self.prepare(energy, mask)
        x = F.relu_(self.norm(self.stem(x) + self.stem_coordinates(self.coordinates)))
        x = F.relu_(self.norm_squeeze(self.squeeze(self.blocks(x))))
        return F.normalize(torch.cat([x.mean(3), x.amax(3)], 1).flatten(1), dim=1)

    def forward(self, energy, mask):
        """-> z [b, 128] and pooled [b, 1024], each of length 1"""
        pooled = self.pooled(energy, mask)
        return F.normalize(self.project(pooled * POOLED_DIM**0.5), dim=1), pooled


class Embedder(nn.Module):
    """What is exported: L2(concat(z, 0.6 x p)), p the pooled features on 128 axes, length 1."""

    def __init__(self, net, mean, components):
        super().__init__()
        self.net = net
        self.register_buffer("mean", mean)
        self.register_buffer("components", components)

    def forward(self, grids, mask):
        """grids uint8 [b, 4, 128, 128], mask [b, 4] -> [b, 256]"""
        # A window that is masked out must not matter, whatever its bytes are.
        energy = F.avg_pool2d(grids.float() / 255, (1, 2)) * mask.reshape(-1, N_WINDOWS, 1, 1)
        z, pooled = self.net(energy, mask)
        reduced = F.normalize(torch.matmul(pooled - self.mean, self.components), dim=1)
        return F.normalize(torch.cat([z, POOLED_WEIGHT * reduced], 1), dim=1)
