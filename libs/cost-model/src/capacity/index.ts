export {
  type CapacityDesign,
  carefulTimes,
  flowAt,
  type FlowAssumptions,
  inFlight,
  MS_PER_RECEIVED_MESSAGE,
} from './flow.ts';
export { type Limit, limits } from './limits.ts';
export { CapacityError, type CapacitySettings, designWith, settingsFor } from './settings.ts';
export { firstToBreak, type Load, type Usage, usages } from './usage.ts';
