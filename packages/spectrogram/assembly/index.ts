// The kernels that read a picture: pure functions over buffers in the memory of one thread.
// Every pointer is a byte offset; every buffer is named with its layout in its file.
export { boxMeans } from './box-means';
export { plotLevels } from './plot-levels';
export { unfilterRows } from './unfilter-rows';
