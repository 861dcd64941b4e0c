// The kernels that read a picture or a grid code, or scan strain: pure functions over buffers in the memory of one thread.
// Every pointer is a byte offset; every buffer is named with its layout in its file.
export { addPredictions } from './add-predictions';
export { boxMeans } from './box-means';
export { inverseFft } from './inverse-fft';
export { plotLevels } from './plot-levels';
export { unfilterRows } from './unfilter-rows';
export { unpackLiterals } from './unpack-literals';
