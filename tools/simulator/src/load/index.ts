export { duration, positive } from './flags.ts';
export { type LoadResult, type LoadRun, runLoad } from './run-load.ts';
export { deployedSettings, environmentSettings, type LoadSettings, type Times } from './settings.ts';
