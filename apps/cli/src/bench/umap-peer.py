"""umap-learn and hdbscan on one matrix, for `glitchwatch bench fit`.

    python umap-peer.py MATRIX.npy OUT_DIR MIN_CLUSTER_SIZE SEEDS

Compiles on a part of the rows first, then measures wall and CPU seconds: seeded (one thread) with
each of SEEDS seeds from 42 on, not seeded (all threads), and the clusters of the seeded layouts;
told is the median. Writes the layouts and labels to OUT_DIR and one JSON object to the standard
output.
"""
import json
import sys
import time
import warnings
from importlib.metadata import version

warnings.filterwarnings("ignore")
import hdbscan  # noqa: E402
import numpy as np  # noqa: E402
import umap  # noqa: E402


def clusterer(size):
    # The spanning tree is exact here too: hdbscan's default gives another number of clusters.
    return hdbscan.HDBSCAN(min_cluster_size=size, approx_min_span_tree=False)


def layout(rows, seed, jobs, **more):
    options = dict(n_neighbors=15, min_dist=0.1, metric="cosine", random_state=seed, n_jobs=jobs)
    return umap.UMAP(**options, **more).fit(rows).embedding_


def measured(work):
    start, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, dict(sec=time.perf_counter() - start, cpuSec=time.process_time() - cpu)


def median(costs):
    return sorted(costs, key=lambda cost: cost["sec"])[len(costs) // 2]


matrix, out = np.load(sys.argv[1]), sys.argv[2]
size, seeds = int(sys.argv[3]), int(sys.argv[4])
for seed, jobs in ((42, 1), (None, -1)):
    clusterer(size).fit(layout(matrix[:4200], seed, jobs, n_epochs=11).astype(np.float64))
seeded_costs, hdbscan_costs = [], []
for run in range(seeds):
    seeded, cost = measured(lambda: layout(matrix, 42 + run, 1))
    seeded_costs.append(cost)
    clusters, cost = measured(lambda: clusterer(size).fit(seeded.astype(np.float64)))
    hdbscan_costs.append(cost)
    np.save(f"{out}/seeded-{run}.npy", seeded.astype(np.float32))
    np.save(f"{out}/labels-{run}.npy", clusters.labels_.astype(np.int64))
parallel, parallel_cost = measured(lambda: layout(matrix, None, -1))
np.save(f"{out}/parallel.npy", parallel.astype(np.float32))
print(
    json.dumps(
        dict(
            umap=version("umap-learn"),
            hdbscan=version("hdbscan"),
            seeded=median(seeded_costs),
            parallel=parallel_cost,
            clusters=median(hdbscan_costs),
        )
    )
)
