/*
 * The embedded cloud, booted from synthesised CloudFormation templates, so that the same resources run here as in a
 * deployment.
 *
 *   const cloud = await startCloud({ assembly: 'apps/infra/cdk.out/dev' });
 *   const s3 = new S3Client(cloud.clientConfig());
 *   …
 *   await cloud.idle();
 *   await cloud.stop();
 */
export { AlarmError } from './alarms/alarm-error.ts';
export type { AlarmReport } from './alarms/alarms.ts';
export { watchAlarms } from './alarms/watch.ts';
export { AssemblyError, type Template } from './assembly/cloud-assembly.ts';
export type { AcceptedResource } from './assembly/model.ts';
export type { ClientConfig, Cloud, CloudStats, FunctionProcess, QueueStats } from './cloud/cloud.ts';
export type { Credentials } from './iam/credentials.ts';
export type { FaultHooks, ServiceCall, ServiceFault } from './gateway/faults.ts';
export { PolicyError } from './iam/policy.ts';
export type { InvocationResult } from './lambda/invocation.ts';
export type { LogLine } from './lambda/log-store.ts';
export type { MappingStats } from './mapping/event-source-mapping.ts';
export type { CloudOptions } from './cloud/cloud.ts';
export type {
  Fault as S3Fault,
  FaultCall as S3FaultCall,
  SparseObject,
  StoredSparseObject,
} from './s3/index.ts';
export { startCloud } from './cloud/start-cloud.ts';
export type { ReceivedSpan } from './traces/received-span.ts';
