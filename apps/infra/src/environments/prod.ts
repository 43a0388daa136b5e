import { defaults } from './defaults.ts';
import type { Environment } from './environment.ts';

export const environment: Environment = {
  ...defaults,
  name: 'prod',
  protected: true,
  tracing: false,
  retention: { ...defaults.retention, archiveDays: undefined, accessLogDays: 30, functionLogDays: 30 },
  observability: {
    ...defaults.observability,
    monthlyBudgetUsd: 150,
    dashboard: false,
    silenceMinutes: 60,
    backlogBundles: 2_000,
    backlogAgeSeconds: 2 * 3600,
    quarantinedPerFiveMinutes: 10,
  },
};
