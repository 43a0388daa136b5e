export { createBundleWriter, createStaging, createStagingMemory, type PartSink } from './bundle/index.ts';
export { codecFor } from './encoding.ts';
export { type DirectResult, handleEvent, type HandleDependencies, handleMessages } from './handle.ts';
export type { PlannedBundle } from './plan.ts';
export { createRing } from './ring.ts';
export { createRoutes } from './route.ts';
