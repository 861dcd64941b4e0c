// The kernels of the parallel fit: pure functions over buffers in one shared memory.
// Every pointer is a byte offset; every buffer is named with its layout in its file.
// Nothing here keeps state between calls, so any thread may run any call.
export { compareLeaves, compareWithin } from './compare-leaves';
export { copyBytes } from './copy-bytes';
export { covarianceRows } from './covariance';
export { descendEpoch } from './descend-epoch';
export { multiplyRows } from './multiply-rows';
export { snapshotNearest, visitNeighboursOfNeighbours } from './neighbours-of-neighbours';
export { packRows } from './pack-rows';
export { projectRows } from './project-rows';
export { nearestExactly } from './rerank';
export { samplePlaces } from './sample-places';
export { splitRange } from './split-range';
export { unitRows } from './unit-rows';
