import type { ObservabilitySettings, Outsider, Retention } from './environment.ts';

const nobodyNamed: Outsider = { principals: [], sourceIps: [] };

const retention = {
  sourceQueueDays: 4,
  deadLetterDays: 14,
  claimDays: 21,
  landingDays: 9,
  distributionDays: 14,
  distributionNoncurrentDays: 30,
  deepArchiveAfterDays: 7,
  archiveLockDays: undefined,
} satisfies Partial<Retention>;

const observability = {
  warningEmails: [],
  criticalEmails: [],
  // Twice the largest expected burst of 100 files a second, which is 30,000 in five minutes.
  unusualInflowPerFiveMinutes: 60_000,
} satisfies Partial<ObservabilitySettings>;

/** What an environment is where its file says nothing else. What has no default, each file must say. */
export const defaults = {
  network: undefined,
  uploader: nobodyNamed,
  consumer: nobodyNamed,
  retention,
  everyFunction: {},
  functions: {},
  observability,
  tags: {},
};
