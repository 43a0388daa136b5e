import type { Resource, Templates } from '../templates/resources.ts';

/** A resource that breaks a rule. */
export interface Violation {
  resource: Resource;
  /** What is wrong, with the relevant values. */
  problem: string;
}

/** A synthesis rule that follows from our guarantee that no file is lost or delivered twice; no general tool checks it. */
export interface Rule {
  /** Such as `ClaimsOutliveQueues`; also the name of its file and export. */
  name: string;
  /** How to fix a violation, in one sentence. */
  fix: string;
  check(templates: Templates): Violation[];
}
