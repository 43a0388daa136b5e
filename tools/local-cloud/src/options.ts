import type { Template } from './assembly/cloud-assembly.ts';

export interface CloudOptions {
  /** Folder of the cloud assembly: `apps/infra/cdk.out/dev`. */
  readonly assembly: string;
  /** Default `eu-central-1`. */
  readonly region?: string;
  /** Port of the endpoint; default: any that is free. */
  readonly port?: number;
  /** Folder for objects; default: one that is made, and removed at the end. */
  readonly dataDir?: string;
  /** Most processes a mapping keeps busy at once, beside its MaximumConcurrency; default: the number of CPU cores. */
  readonly maxProcesses?: number;
  /** Messages in flight per queue at most; default 120,000, the limit of a standard queue. */
  readonly inFlightLimit?: number;
  /** Whether S3 sends its test message to every notification target at the start, as it does when deployed. */
  readonly testEvents?: boolean;
  /** Whether calls of roles count as made over TLS, for policies that look at `aws:SecureTransport`; default true. */
  readonly secureTransport?: boolean;
  /** Told of what the cloud itself has to say: refused calls, failed batches and replications. */
  readonly logger?: (line: string) => void;
  /** Changes templates before anything is made of them, for tests of what would happen if. */
  readonly transformTemplate?: (template: Template, stackName: string) => Template;
}
