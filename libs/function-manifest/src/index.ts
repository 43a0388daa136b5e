export {
  ARTIFACT_FOLDER,
  hasQueue,
  loadFunctions,
  FunctionManifestError,
  parseFunctionManifest,
  type WorkspaceFunction,
} from './load-functions.ts';
export { nextFiring, parseSchedule, type Schedule, ScheduleError } from './schedule-expression.ts';
export {
  type Access,
  bucketNames,
  bucketVerbs,
  type FunctionManifest,
  functionManifestSchema,
  type FunctionManifestInput,
  notifiers,
  type QueueTrigger,
  queueVerbs,
  tableVerbs,
  type Trigger,
} from './schema.ts';
