import type { ObservabilitySettings, ExternalParty, Retention } from './environment.ts';

const noPrincipals: ExternalParty = { principals: [], sourceIps: [] };

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
  landingToDiskSeconds: undefined,
} satisfies Partial<ObservabilitySettings>;

/** Settings for every environment whose file does not override them. The others have no default and must be set. */
export const defaults = {
  network: undefined,
  uploader: noPrincipals,
  consumer: noPrincipals,
  readyQueue: true,
  consumerGroups: {},
  retention,
  ledger: { warmWritesPerSecond: undefined },
  everyFunction: {},
  functions: {},
  observability,
  tags: {},
};
