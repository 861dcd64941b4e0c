export { demoClasses, noveltyClass, simulatorClasses } from './classes/index.js';
export { SimulatorError, type SimulatorErrorCode } from './errors.js';
export { shiftedGlitch } from './shifted.js';
export {
  createSimulator,
  type NextGlitch,
  type SimulatedGlitch,
  type Simulator,
  type SimulatorOptions,
} from './simulator.js';
