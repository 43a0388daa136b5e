/** What of a design costs, as its templates say. */
export interface Design {
  /** The mapping by which files come in. */
  batchSize: number;
  batchWindowSeconds: number;
  memoryMb: number;
  /** Queues that Lambda polls. */
  queues: number;
  /** Writes to the ledger for each file, and for each bundle. */
  writesPerFile: number;
  writesPerBundle: number;
  /** Days that a landed object is paid for, with its time as a noncurrent version. */
  landingDays: number;
  /** Days that a taken bundle is still paid for. */
  distributionDays: number;
  /** Days before an archived bundle moves to Deep Archive. */
  deepArchiveAfterDays: number;
  /** Days after which archived bundles and manifests end; infinite where never. */
  archiveDays: number;
  accessLogDays: number;
  claimDays: number;
  pointInTimeRecovery: boolean;
  logDays: number;
  /** Invocations a month that a schedule makes, and the memory of each. */
  scheduled: readonly { invocations: number; memoryMb: number }[];
  /** Metrics that are made from log lines. */
  metricsOfLogs: number;
  alarms: number;
  compositeAlarms: number;
  dashboards: number;
  /** Whether functions send their invocations' spans to X-Ray. */
  tracing: boolean;
  /** Interface endpoints, counted once for each zone. */
  endpointZones: number;
}

/**
 * The predecessor's: bundles of at most 100 files, a record in progress and a record of completion for each file, and
 * functions in a network that reach SQS and KMS by interface endpoints in two zones. What is not known of it is taken
 * to be as it is here.
 */
export function predecessorOf(design: Design): Design {
  return {
    ...design,
    batchSize: Math.min(design.batchSize, 100),
    queues: 1,
    writesPerFile: 2,
    writesPerBundle: 0,
    endpointZones: 2 * 2,
  };
}
