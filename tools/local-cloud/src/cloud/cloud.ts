import type { Template } from '../assembly/cloud-assembly.ts';
import type { AlarmReport } from '../alarms/alarms.ts';
import type { Credentials } from '../gateway/credentials.ts';
import type { FaultHooks } from '../gateway/faults.ts';
import type { AcceptedResource } from '../assembly/model.ts';
import type { InvocationResult } from '../lambda/invocation.ts';
import type { LogLine } from '../lambda/log-store.ts';
import type { MappingStats } from '../mapping/event-source-mapping.ts';
import type { ReceivedSpan } from '../traces/received-span.ts';

/** A running cloud. Functions are named in full, or by the end of their name: `aggregator`. */
export interface Cloud {
  /** `http://127.0.0.1:43210`: every service answers there. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    /** May do everything. */
    readonly admin: Credentials;
    /** By the role's name, and by its logical id in the template where no other role has the same. */
    readonly perRole: Readonly<Record<string, Credentials>>;
  };
  /** Short name (`landing`) → physical name. */
  readonly buckets: Readonly<Record<string, string>>;
  readonly queues: Readonly<Record<string, { readonly url: string; readonly arn: string }>>;
  /** Physical names. */
  readonly tables: readonly string[];
  readonly functions: Readonly<Record<string, { readonly name: string; readonly arn: string }>>;
  /** Names of everything that fires by the clock. */
  readonly schedules: readonly string[];
  /** Resources that were accepted without a local meaning. */
  readonly accepted: readonly AcceptedResource[];
  /** Settings for AWS SDK clients, as the administrator or as the holder of a role. @throws Error: no such role */
  readonly clientConfig: (role?: string) => ClientConfig;
  /** Invokes a function and waits. @throws Error: no such function. An error of the function is a result. */
  readonly invoke: (functionName: string, payload: unknown) => Promise<InvocationResult>;
  /** Fires a schedule or rule now and waits for its function. @throws Error: no such schedule */
  readonly fireSchedule: (name: string) => Promise<InvocationResult>;
  /** Calls back with every line that functions log; returns how to stop that. */
  readonly onLog: (listener: (line: LogLine) => void) => () => void;
  readonly stats: () => Promise<CloudStats>;
  /**
   * Every alarm of the templates, as it is now, by what functions and queues have told since the start.
   * @throws AlarmError
   */
  readonly alarms: () => Promise<AlarmReport[]>;
  /** Lets seconds pass for metrics and alarms alone: queues stay as they are, and messages in them grow older. */
  readonly passTime: (seconds: number) => Promise<void>;
  /** The last 10,000 spans that functions sent, in the order in which they came. */
  readonly spans: () => readonly ReceivedSpan[];
  /**
   * Resolves once no message is visible or in flight in a queue that feeds a function, nothing is on its way to a
   * queue or a replica, and no invocation runs. A message that an invocation left hidden is in flight.
   * The queue of a mapping that is disabled is not waited for.
   * @throws the signal's reason
   */
  readonly idle: (signal?: AbortSignal) => Promise<void>;
  /** Makes messages visible at once that failed invocations left hidden. Returns how many. */
  readonly releaseHidden: (queueName?: string) => Promise<number>;
  /** Ends a function's warm processes; later invocations run the code of that folder, or what lies in the last one. */
  readonly redeploy: (functionName: string, codeFolder?: string) => void;
  readonly faults: FaultHooks;
  readonly processes: () => readonly FunctionProcess[];
  /** Kills one process that runs an invocation, chosen at random. Returns it; undefined where none does. */
  readonly killFunctionProcess: (functionName?: string) => FunctionProcess | undefined;
  /** Ends everything and removes all data. May be called again. */
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
  readonly inFlight: number;
  /** Messages in its dead-letter queue. */
  readonly dead: number;
}

export interface CloudStats {
  readonly queues: readonly QueueStats[];
  readonly mappings: readonly MappingStats[];
  /** Functions that run right now, directly invoked ones included. */
  readonly running: number;
}

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
  /** Whether S3 sends its test message to every notification target at the start, as it does when deployed. */
  readonly testEvents?: boolean;
  /** Whether calls of roles count as made over TLS, for policies that look at `aws:SecureTransport`; default true. */
  readonly secureTransport?: boolean;
  /** Told of what the cloud itself has to say: refused calls, failed batches and replications. */
  readonly logger?: (line: string) => void;
  /** Changes templates before anything is made of them, for tests of what would happen if. */
  readonly transformTemplate?: (template: Template, stackName: string) => Template;
}
