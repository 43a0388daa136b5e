import type { Environment } from './environment.ts';

export const environment: Environment = {
  name: 'prod',
  protected: true,
  network: undefined,
  tracing: false,
  uploader: { principals: [], sourceIps: [] },
  consumer: { principals: [], sourceIps: [] },
  retention: {
    sourceQueueDays: 4,
    deadLetterDays: 14,
    claimDays: 21,
    landingDays: 7,
    distributionDays: 14,
    distributionNoncurrentDays: 30,
    deepArchiveAfterDays: 7,
    archiveDays: undefined,
    accessLogDays: 30,
    functionLogDays: 30,
  },
  everyFunction: {},
  functions: {},
  observability: {
    warningEmails: [],
    criticalEmails: [],
    monthlyBudgetUsd: 150,
    // The largest expected burst is 100 files a second: 30,000 in five minutes.
    unusualInflowPerFiveMinutes: 60_000,
    silenceMinutes: 60,
    backlogBundles: 2_000,
    backlogAgeSeconds: 2 * 3600,
    quarantinedPerFiveMinutes: 10,
  },
  tags: {},
};
