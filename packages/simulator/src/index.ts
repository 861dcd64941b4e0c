export { demoClasses, isKnownClass, noveltyClass, simulatorClasses } from './classes/index.js';
export { SimulatorError, type SimulatorErrorCode } from './errors.js';
export {
  createScenario,
  type PlannedGlitch,
  type Scenario,
  type ScenarioOptions,
} from './scenario.js';
export { shiftedGlitch } from './shifted.js';
export {
  createSimulator,
  type NextGlitch,
  type Overlap,
  type SimulatedGlitch,
  type Simulator,
  type SimulatorOptions,
} from './simulator.js';
