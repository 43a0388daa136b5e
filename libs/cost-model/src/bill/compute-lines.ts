import { type Line, line } from '../line.ts';
import { DAYS, HOURS } from '../workload.ts';
import type { Estimate } from './design.ts';
import { bundlesPerMonth } from './storage-lines.ts';

const GB = 1e9;
/** Maximum number of messages in one receive or delete by Lambda's pollers. */
const MESSAGES_PER_CALL = 10;
/** Seconds that Lambda's poller or the consumer waits for a message in an empty queue. */
const LONG_POLL_SECONDS = 20;

/** Replication latency, failed operations, and pending operations and bytes. */
const REPLICATION_METRICS = 4;

/**
 * SQS requests: one send and a tenth of a receive and of a delete per notification, plus long polls of an empty queue. The consumer
 * mostly receives bundles one by one.
 */
export function queueLines({ workload, design, assumptions, prices }: Estimate): Line[] {
  const files = workload.filesPerDay * DAYS;
  const calls = files * (1 + 2 / MESSAGES_PER_CALL);
  const polls = (design.queues * assumptions.pollers * HOURS * 3600) / LONG_POLL_SECONDS;
  const ready = design.readyQueue ? bundlesPerMonth(workload, assumptions, design) : 0;
  const readyPolls = design.readyQueue ? (HOURS * 3600) / LONG_POLL_SECONDS : 0;
  return [
    line('SQS', 'notifications', calls, prices.sqsPerMillion, 1e6),
    line('SQS', 'waiting for notifications', polls, prices.sqsPerMillion, 1e6),
    line('SQS', 'messages about bundles', 3 * ready, prices.sqsPerMillion, 1e6),
    line('SQS', 'waiting for bundles', readyPolls, prices.sqsPerMillion, 1e6),
  ];
}

/**
 * What a failed attempt costs in addition: its message is hidden anew and received again (two requests, if it is alone), its claim is released
 * and taken again, and the object is read again. While everything works, no line here has a quantity.
 */
export function recoveryLines({ workload, assumptions, prices }: Estimate): Line[] {
  const failures = (workload.filesPerDay * DAYS * assumptions.failuresPerMillion) / 1e6;
  return [
    line('Recovery', 'queue requests', 2 * failures, prices.sqsPerMillion, 1e6),
    line('Recovery', 'ledger writes', 2 * failures, prices.dynamoWritePerMillion, 1e6),
    line('Recovery', 'reads of landing', failures, prices.s3GetPer1000, 1000),
  ];
}

/** Lambda invocations and GB-seconds. Scheduled functions are assumed to run for one second. */
export function functionLines({ workload, design, assumptions, prices }: Estimate): Line[] {
  const invocations = bundlesPerMonth(workload, assumptions, design);
  const seconds =
    (invocations * assumptions.msPerInvocation + workload.filesPerDay * DAYS * assumptions.msPerFile) / 1000;
  const scheduled = design.scheduled.reduce((sum, each) => sum + each.invocations, 0);
  const scheduledGbSeconds = design.scheduled.reduce(
    (sum, each) => sum + each.invocations * (each.memoryMb / 1024),
    0,
  );
  return [
    line('Lambda', 'invocations', invocations + scheduled, prices.lambdaRequestsPerMillion, 1e6),
    line('Lambda', 'bundling', seconds * (design.memoryMb / 1024), prices.lambdaArmGbSecond),
    line('Lambda', 'scheduled functions', scheduledGbSeconds, prices.lambdaArmGbSecond),
  ];
}

/** Claims and bundle records. Deletion by time to live is free. */
export function ledgerLines({ workload, design, assumptions, prices }: Estimate): Line[] {
  const files = workload.filesPerDay * DAYS;
  const writes =
    files * design.writesPerFile + bundlesPerMonth(workload, assumptions, design) * design.writesPerBundle;
  const gb = (workload.filesPerDay * assumptions.ledgerBytesPerFile * design.claimDays) / GB;
  return [
    line('DynamoDB', 'writes', writes, prices.dynamoWritePerMillion, 1e6),
    line('DynamoDB', 'storage', gb, prices.dynamoStorageGbMonth),
    line('DynamoDB', 'recovery', design.pointInTimeRecovery ? gb : 0, prices.dynamoRecoveryGbMonth),
  ];
}

/** Log lines, ingested and stored. Storage is compressed to about a fifth. */
export function logLines({ workload, design, assumptions, prices }: Estimate): Line[] {
  const bytesPerMonth =
    bundlesPerMonth(workload, assumptions, design) * assumptions.logBytesPerInvocation +
    workload.filesPerDay * DAYS * assumptions.logBytesPerFile;
  const gb = bytesPerMonth / GB;
  return [
    line('Logs', 'written', gb, prices.logsIngestGb),
    line('Logs', 'kept', (gb / DAYS) * design.logDays * 0.2, prices.logsStorageGbMonth),
  ];
}

/** Alarms, dashboards and metrics, which cost the same from functions and from S3 replication. */
export function watchLines({ design, assumptions, prices }: Estimate): Line[] {
  return [
    line('Metrics', 'of our own', assumptions.metricsWritten + REPLICATION_METRICS, prices.metricMonth),
    line('Alarms', 'on metrics', design.alarmMetrics, prices.alarmMonth),
    line('Alarms', 'composite', design.compositeAlarms, prices.compositeAlarmMonth),
    line('Dashboards', '', design.dashboards, prices.dashboardMonth),
  ];
}

/** Interface endpoints. Gateway endpoints are free. */
export function networkLines({ design, prices }: Estimate): Line[] {
  return [line('Network', 'interface endpoints', design.endpointZones * HOURS, prices.endpointHour)];
}
