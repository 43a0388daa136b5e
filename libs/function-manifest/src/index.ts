export {
  ARTIFACT_FOLDER,
  hasQueue,
  loadFunctions,
  ManifestError,
  parseManifest,
  type WorkspaceFunction,
} from './load.ts';
export { nextFiring, parseSchedule, type Schedule, ScheduleError } from './schedule-expression.ts';
export {
  type Access,
  bucketNames,
  bucketVerbs,
  type FunctionManifest,
  functionManifest,
  type FunctionManifestInput,
  type QueueTrigger,
  queueVerbs,
  tableVerbs,
  type Trigger,
} from './schema.ts';
