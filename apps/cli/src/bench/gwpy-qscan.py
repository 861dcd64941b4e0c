"""Four-window omega scans by GWpy, for `glitchwatch bench qscan --python`.

Reads float64 strain from stdin; prints one JSON line. The work of a scan is that of
glitchwatch: whitening by the median density of the stretch, the Q planes of the 8 s
around the middle, four windows of 128 x 128.
"""
import json
import sys
import time
import warnings

warnings.simplefilter('ignore')
import gwpy
import numpy
from gwpy.segments import Segment
from gwpy.signal.qtransform import q_scan
from gwpy.timeseries import TimeSeries

rate, repeats = int(sys.argv[1]), int(sys.argv[2])
strain = TimeSeries(numpy.frombuffer(sys.stdin.buffer.read()), t0=0, sample_rate=rate)
middle = len(strain) / rate / 2


def whiten():
    asd = strain.asd(4, 2, method='median', window='hann')
    return strain.whiten(asd=asd, fduration=2)


def scan(whitened):
    search = Segment(middle - 0.25, middle + 0.25)
    gram, _ = q_scan(whitened.crop(middle - 4, middle + 4), mismatch=0.2, qrange=(4, 64),
                     frange=(10, 2048), norm='median', search=search)
    for window in (0.5, 1, 2, 4):
        part = Segment(middle - window / 2, middle + window / 2)
        gram.interpolate(tres=window / 128, fres=128, logf=True, outseg=part)
    return gram.peak


def cpu_sec(work):
    work()
    start = time.process_time()
    for _ in range(repeats):
        result = work()
    return (time.process_time() - start) / repeats, result


whiten_sec, whitened = cpu_sec(whiten)
scan_sec, peak = cpu_sec(lambda: scan(whitened))
print(json.dumps({'gwpy': gwpy.__version__, 'numpy': numpy.__version__, 'whitenSec': whiten_sec,
                  'scanSec': scan_sec, 'timeSec': float(peak['time']),
                  'frequencyHz': float(peak['frequency'])}))
