export {
  type Backlog,
  type BacklogDependencies,
  countBacklog,
  type GroupBacklog,
  reportBacklog,
} from './backlog.ts';
