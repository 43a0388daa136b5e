import { defaults } from './defaults.ts';
import type { Environment } from './environment.ts';

export const environment: Environment = {
  ...defaults,
  name: 'dev',
  protected: false,
  tracing: true,
  retention: { ...defaults.retention, archiveDays: 187, accessLogDays: 14, functionLogDays: 14 },
  // Short, because people wait for dev and for runs on the embedded cloud.
  functions: { aggregator: { batchWindowSeconds: 5 } },
  observability: {
    ...defaults.observability,
    monthlyBudgetUsd: 50,
    dashboard: true,
    silenceMinutes: undefined,
    backlogBundles: 5_000,
    backlogAgeSeconds: 6 * 3600,
    quarantinedPerFiveMinutes: 20,
  },
};
