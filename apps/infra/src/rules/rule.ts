import type { Resource, Templates } from '../templates/resources.ts';

/** A resource that breaks a rule. */
export interface Violation {
  resource: Resource;
  /** What is wrong, with the values that matter. */
  problem: string;
}

/** A rule of ours: one that no general tool knows, since it follows from the guarantee that no file is lost. */
export interface Rule {
  /** Such as `ClaimsOutliveQueues`; the name of its file and export. */
  name: string;
  /** What to do about a violation, as one sentence. */
  fix: string;
  check(templates: Templates): Violation[];
}
