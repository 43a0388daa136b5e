import type { Template } from '../assembly/cloud-assembly.ts';
import type { AlarmReport } from '../alarms/alarms.ts';
import type { Credentials } from '../iam/credentials.ts';
import type { FaultHooks } from '../gateway/faults.ts';
import type { AcceptedResource } from '../assembly/model.ts';
import type { InvocationResult } from '../lambda/invocation.ts';
import type { LogLine } from '../lambda/log-store.ts';
import type { MappingStats } from '../mapping/event-source-mapping.ts';
import type { SparseObject, StoredSparseObject } from '../s3/index.ts';
import type { ReceivedSpan } from '../traces/received-span.ts';

/** A running cloud. Functions are identified by their full name or its end: `aggregator`. */
export interface Cloud {
  /** `http://127.0.0.1:43210`; serves every service. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    /** Allowed to do everything. */
    readonly admin: Credentials;
    /** By role name; also by the role's logical id in the template if that is unique. */
    readonly perRole: Readonly<Record<string, Credentials>>;
  };
  /** Short name (`landing`) → physical name. */
  readonly buckets: Readonly<Record<string, string>>;
  readonly queues: Readonly<Record<string, { readonly url: string; readonly arn: string }>>;
  /** Physical names. */
  readonly tables: readonly string[];
  readonly functions: Readonly<Record<string, { readonly name: string; readonly arn: string }>>;
  /** Names of schedules and scheduled rules. */
  readonly schedules: readonly string[];
  /** Resources accepted and ignored. */
  readonly accepted: readonly AcceptedResource[];
  /** Settings for AWS SDK clients, for the administrator or for a role. @throws Error if there is no such role */
  readonly clientConfig: (role?: string) => ClientConfig;
  /**
   * Invokes a function and waits for its result, which can be an error of the function. @throws Error if there is no
   * such function
   */
  readonly invoke: (functionName: string, payload: unknown) => Promise<InvocationResult>;
  /** Fires a schedule or rule now and waits for the invocation. @throws Error if there is no such schedule */
  readonly fireSchedule: (name: string) => Promise<InvocationResult>;
  /** Registers a listener for the functions' log lines; returns a function that removes it. */
  readonly onLog: (listener: (line: LogLine) => void) => () => void;
  readonly stats: () => Promise<CloudStats>;
  /**
   * Current state of every alarm, from the metrics of functions and queues since boot.
   *
   * @throws AlarmError
   */
  readonly alarms: () => Promise<AlarmReport[]>;
  /**
   * Advances the clock of metrics and alarms by some seconds. Queues do not change, except that the age of their
   * messages grows.
   */
  readonly passTime: (seconds: number) => Promise<void>;
  /** The last 10,000 spans sent by functions, in order of arrival. */
  readonly spans: () => readonly ReceivedSpan[];
  /**
   * Resolves once the cloud is idle: queues that feed a function have no visible or in-flight messages, no notification
   * or replica is under way, and no invocation runs. Messages left hidden by an invocation are in flight. Queues of
   * disabled mappings are ignored.
   *
   * @throws the signal's reason
   */
  readonly idle: (signal?: AbortSignal) => Promise<void>;
  /**
   * Makes messages visible that failed invocations left hidden. Returns their number. SQS has nothing like it: use it only in
   * tests that are not about time.
   */
  readonly releaseHidden: (queueName?: string) => Promise<number>;
  /**
   * Ends a function's warm processes. Later invocations run the code in the given folder, or the current code in the
   * previous one.
   */
  readonly redeploy: (functionName: string, codeFolder?: string) => void;
  /**
   * Creates an object of zeros with some stretches of other bytes, which alone take disk space: up to 48.8 TiB, with the
   * same event and replication as an upload.
   *
   * @throws RangeError if the stretches overlap or reach beyond the object
   */
  readonly putSparse: (object: SparseObject) => Promise<StoredSparseObject>;
  readonly faults: FaultHooks;
  readonly processes: () => readonly FunctionProcess[];
  /** Kills a random process that is running an invocation. Returns it; undefined if there is none. */
  readonly killFunctionProcess: (functionName?: string) => FunctionProcess | undefined;
  /** Stops everything and removes all data. Idempotent. */
  readonly stop: () => Promise<void>;
}

export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly forcePathStyle: true;
}

export interface FunctionProcess {
  readonly functionName: string;
  readonly pid: number;
  readonly busy: boolean;
}

export interface QueueStats {
  readonly name: string;
  readonly visible: number;
  /** Messages that cannot be received now: received and hidden, or delayed. */
  readonly inFlight: number;
  /** Messages in its dead-letter queue. */
  readonly dead: number;
}

export interface CloudStats {
  readonly queues: readonly QueueStats[];
  readonly mappings: readonly MappingStats[];
  /** Invocations under way, direct ones included. */
  readonly running: number;
}

export interface CloudOptions {
  /** Folder of the cloud assembly: `apps/infra/cdk.out/dev`. */
  readonly assembly: string;
  /** Default `eu-central-1`. */
  readonly region?: string;
  /** Port of the endpoint; default: any free port. */
  readonly port?: number;
  /** Folder for objects; default: a temporary one, which is removed at the end. */
  readonly dataDir?: string;
  /**
   * Maximum number of concurrent invocations per mapping, in addition to its MaximumConcurrency; default: number of CPU
   * cores.
   */
  readonly maxProcesses?: number;
  /** Maximum number of messages in flight per queue; default 120,000, the limit of a standard queue. */
  readonly inFlightLimit?: number;
  /** Whether S3 sends its test message to every notification target at boot, as in a deployment; default false. */
  readonly testEvents?: boolean;
  /**
   * Whether every enabled schedule and scheduled rule also fires at boot; default false. Otherwise alarms on missing runs are on
   * until the first run.
   */
  readonly schedulesAtBoot?: boolean;
  /** Whether roles' calls count as made over TLS, for policies with `aws:SecureTransport`; default true. */
  readonly secureTransport?: boolean;
  /** Receives the cloud's own log lines: denied calls, failed batches and replications. */
  readonly logger?: (line: string) => void;
  /** Modifies templates before they are interpreted, for what-if tests. */
  readonly transformTemplate?: (template: Template, stackName: string) => Template;
}
