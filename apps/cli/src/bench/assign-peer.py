"""umap-learn's transform and hdbscan's approximate_predict, for `glitchwatch bench assign`.

Reads float32 rows from stdin, the reference first; prints one JSON line. Fits both to the
reference and places the others one at a time and in batches of 1,000.
"""
import json
import sys
import time
import warnings

warnings.simplefilter('ignore')
import hdbscan
import numpy
import umap

rows, columns, queries, min_cluster_size, singles = map(int, sys.argv[1:6])
data = numpy.frombuffer(sys.stdin.buffer.read(), dtype='<f4').reshape(-1, columns)
reference, held_out = data[:rows], data[rows:rows + queries]

start = time.perf_counter()
mapper = umap.UMAP(n_neighbors=15, min_dist=0.1, metric='cosine', random_state=42).fit(reference)
clusterer = hdbscan.HDBSCAN(min_cluster_size=min_cluster_size, min_samples=5, prediction_data=True)
clusterer.fit(mapper.embedding_)
fit_sec = time.perf_counter() - start


def place(rows):
    return hdbscan.approximate_predict(clusterer, mapper.transform(rows))


def ms_per_row(batch, count):
    times = []
    cpu = time.process_time()
    for first in range(0, count, batch):
        part = held_out[first:first + batch]
        start = time.perf_counter()
        place(part)
        times.append(1000 * (time.perf_counter() - start) / len(part))
    return times, 1000 * (time.process_time() - cpu) / count


place(held_out[:1])
# Batches have code of their own to compile.
place(held_out[:1000])
one, one_cpu = ms_per_row(1, min(singles, len(held_out)))
many, many_cpu = ms_per_row(1000, len(held_out) - len(held_out) % 1000 or len(held_out))
print(json.dumps({'umap': umap.__version__, 'hdbscan': getattr(hdbscan, '__version__', ''),
                  'fitSec': fit_sec, 'singleP50Ms': float(numpy.percentile(one, 50)),
                  'singleP99Ms': float(numpy.percentile(one, 99)),
                  'singleCpuMs': one_cpu, 'batchMsPerRow': float(numpy.mean(many)),
                  'batchCpuMs': many_cpu}))
