export { duration, positive } from './flags.ts';
export { type LoadResult, type LoadRun, runLoad, type Speed } from './run-load.ts';
export type { PublishedBundle } from './services.ts';
export { deployedSettings, environmentSettings, type LoadSettings, type Times } from './settings.ts';
