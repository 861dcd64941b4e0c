"""Trains the embedder on simulated glitches and writes model.onnx + model.json.

    python training/train.py DATA_DIR OUT_DIR [--steps 3000] [--seed 0] [--device cpu]

OUT_DIR holds a model.json, whose version and sha256 are brought up to date.
DATA_DIR comes from write-dataset.mjs. No real picture is read.
"""

import argparse
import hashlib
import json
import math
import os
import re
import time

import numpy as np
import onnx
import torch
from torch.nn import functional as F

from augment import augment, missing_windows
from network import PCA_DIM, Z_DIM, Embedder, GlitchNet

BATCH = 64  # glitches, each in two views
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-2
LOGIT_SCALE = 14.0
SMOOTHING = 0.05
CONTRASTIVE_WEIGHT = 0.5
TEMPERATURE = 0.1
# How much more the other view of the same glitch counts than another of its class.
PAIR_WEIGHT = 3.0
HELD_OUT = 960  # not trained on, of all classes
PCA_GLITCHES = 6000


def supervised_contrastive(z, labels):
    """Khosla et al. 2020, eq. 2, over one batch whose second half shows the first's glitches again."""
    n = len(labels)
    own = torch.eye(n, dtype=torch.bool, device=z.device)
    logits = (z @ z.T / TEMPERATURE).masked_fill(own, -1e9)
    log_p = logits - logits.logsumexp(1, keepdim=True)
    positive = ((labels[:, None] == labels[None, :]) & ~own).float()
    first = torch.arange(n, device=z.device)
    positive[first, (first + n // 2) % n] += PAIR_WEIGHT
    return -((log_p * positive).sum(1) / positive.sum(1)).mean()


def train(grids, labels, rows, n_classes, steps, seed, out):
    device = grids.device
    torch.manual_seed(seed)
    rng = torch.Generator(device=device).manual_seed(seed)
    net = GlitchNet().to(device, memory_format=torch.channels_last)  # a fifth faster on a CPU
    prototypes = torch.nn.Parameter(torch.randn(n_classes, Z_DIM, device=device))
    parameters = [*net.parameters(), prototypes]
    optimiser = torch.optim.AdamW(parameters, LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    warm = min(40, steps // 5)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda s: (s + 1) / warm
        if s < warm
        else 0.5 * (1 + math.cos(math.pi * (s - warm) / (steps - warm))),
    )
    net.train()
    started = time.time()
    order = rows[torch.randperm(len(rows), generator=rng, device=device)]
    at = 0
    for step in range(steps):
        if at + BATCH > len(order):
            order, at = rows[torch.randperm(len(rows), generator=rng, device=device)], 0
        batch, at = order[at : at + BATCH], at + BATCH
        batch = torch.cat([batch, batch])
        y = labels[batch]
        energy, mask = augment(grids[batch], rng)
        z, _ = net(energy, mask)
        logits = LOGIT_SCALE * z @ F.normalize(prototypes, dim=1).T
        loss = F.cross_entropy(logits, y, label_smoothing=SMOOTHING)
        loss = loss + CONTRASTIVE_WEIGHT * supervised_contrastive(z, y)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 50 == 49:
            accuracy = (logits.argmax(1) == y).float().mean().item()
            rate = (time.time() - started) / (step + 1)
            print(f"step {step + 1} loss {loss.item():.3f} acc {accuracy:.3f} {rate:.2f} s/step", file=out, flush=True)
    return net.eval().to(memory_format=torch.contiguous_format)


@torch.no_grad()
def principal_components(net, grids, seed):
    """Mean and axes [1024, 128] of the pooled features, half of the glitches with windows missing.

    Each axis is scaled by its variance to the power of -1/4, half way to white:
    what the loudest axes say is not all there is.
    """
    rng = torch.Generator(device=grids.device).manual_seed(seed)
    pooled = []
    for g in grids.split(256):
        gaps = torch.rand(len(g), 1, generator=rng, device=g.device) < 0.45
        mask = torch.where(gaps, missing_windows(len(g), rng, g.device), torch.ones(len(g), 4, device=g.device))
        pooled.append(net.pooled(g.float() / 255 * mask.reshape(-1, 4, 1, 1), mask))
    pooled = torch.cat(pooled)
    mean = pooled.mean(0)
    variance, vectors = torch.linalg.eigh(torch.cov((pooled - mean).T))
    variance, vectors = variance.flip(0)[:PCA_DIM].clamp(min=1e-9), vectors.flip(1)[:, :PCA_DIM]
    return mean, (vectors * variance**-0.25).contiguous()


@torch.no_grad()
def held_out_scores(embedder, grids, labels, withheld):
    """1-NN accuracy, leave-one-out, among simulated glitches not trained on.

    For the whole vector, its z part and its pooled part; over all glitches
    and over those of the classes the network never saw.
    """
    e = torch.cat(
        [embedder(g.repeat_interleave(2, 3), torch.ones(len(g), 4, device=g.device)) for g in grids.split(256)]
    )
    unseen = torch.isin(labels, torch.tensor(withheld, dtype=torch.long, device=labels.device))
    scores = {}
    for part, x in (("whole", e), ("z", e[:, :Z_DIM]), ("pooled", e[:, Z_DIM:])):
        x = F.normalize(x, dim=1)
        similarity = x @ x.T
        similarity.fill_diagonal_(-9)
        hit = (labels[similarity.argmax(1)] == labels).float()
        scores[part] = round(hit.mean().item(), 3)
        if withheld:
            scores[f"{part}, withheld classes"] = round(hit[unseen].mean().item(), 3)
    return scores


def export(embedder, path):
    torch.onnx.export(
        embedder,
        (torch.randint(0, 256, (2, 4, 128, 128), dtype=torch.uint8), torch.tensor([[1.0, 1, 1, 1], [0, 1, 0, 1]])),
        path,
        input_names=["grids", "mask"],
        output_names=["embedding"],
        dynamic_axes={"grids": {0: "batch"}, "mask": {0: "batch"}, "embedding": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    # The exporter loses the output's second dimension.
    model = onnx.load(path)
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 2 * PCA_DIM
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def describe(out_dir, version):
    """Brings version and sha256 in model.json up to date, and nothing else."""
    with open(os.path.join(out_dir, "model.onnx"), "rb") as f:
        sha256 = hashlib.sha256(f.read()).hexdigest()
    path = os.path.join(out_dir, "model.json")
    with open(path) as f:
        text = f.read()
    text = re.sub(r'"version": "[^"]*"', f'"version": "{version}"', text)
    text = re.sub(r'"sha256": ("[^"]*"|null)', f'"sha256": "{sha256}"', text)
    with open(path, "w") as f:
        f.write(text)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("data")
    p.add_argument("out", help="folder with a model.json, whose version and sha256 are brought up to date")
    p.add_argument("--steps", type=int, default=3000)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--version", default="2.2.0")
    p.add_argument("--withhold", default="", help="classes not to train on, by comma: how are new kinds told apart?")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--device", default="cpu", help="cpu or cuda")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    grids = torch.from_numpy(np.load(os.path.join(a.data, "grids.npy"))).to(a.device)
    labels = torch.from_numpy(np.load(os.path.join(a.data, "labels.npy")).astype(np.int64)).to(a.device)
    with open(os.path.join(a.data, "classes.json")) as f:
        classes = json.load(f)
    withheld = [classes.index(name) for name in a.withhold.split(",") if name]
    seen = ~torch.isin(labels, torch.tensor(withheld, dtype=torch.long, device=labels.device))
    seen[:HELD_OUT] = False
    seen = seen.nonzero().flatten()
    with open(os.path.join(a.out, "training.log"), "w") as log:
        net = train(grids, labels, seen, len(classes), a.steps, a.seed, log)
        mean, components = principal_components(net, grids[seen[-PCA_GLITCHES:]], a.seed)
        embedder = Embedder(net, mean, components).eval()
        scores = held_out_scores(embedder, grids[:HELD_OUT], labels[:HELD_OUT], withheld)
        print(f"held-out simulated glitches, 1-NN accuracy: {scores}", file=log)
    print(scores)
    embedder = embedder.cpu()
    export(embedder, os.path.join(a.out, "model.onnx"))
    describe(a.out, a.version + ("-withheld" if withheld else ""))


if __name__ == "__main__":
    main()
