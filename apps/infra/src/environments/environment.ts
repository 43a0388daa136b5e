import type { notifiers } from '@data-aggregator/function-manifest';

/** Everything in which environments can differ. Each environment's file sets it, or `defaults.ts` for all of them. */
export interface Environment {
  /**
   * Lower-case, at most 8 characters, or 5 in the regions with the longest names: it is part of every physical name, and a
   * bucket name has at most 63 characters.
   */
  name: string;
  /** Whether data outlives its stack and changes need `--confirm`. */
  protected: boolean;
  /** Runs functions in private subnets of a VPC without an internet route; undefined: in no VPC. */
  network: NetworkSettings | undefined;
  /** Whether functions send traces to X-Ray. */
  tracing: boolean;
  /** Who may put objects into landing, and nothing else. Without principals: identities of the own account. */
  uploader: ExternalParty;
  /** Who may assume the consumer's role. Without principals: identities of the own account. */
  consumer: ExternalParty;
  /** Whether a queue tells this consumer about new bundles; false if it only lists them, so that nobody would read the queue. */
  readyQueue: boolean;
  /**
   * Consumers of one group of bundles each, by a label of lower-case letters, digits and hyphens that becomes part of the role's name. They
   * need BUNDLE_GROUP_BY, best set for `everyFunction`.
   */
  consumerGroups: Readonly<Record<string, GroupConsumer>>;
  retention: Retention;
  /** Overrides for every function. */
  everyFunction: FunctionOverride;
  /** Overrides for one function, by name. They win over `everyFunction`. */
  functions: Readonly<Record<string, FunctionOverride>>;
  ledger: LedgerSettings;
  observability: ObservabilitySettings;
  /** Additional cost allocation tags. */
  tags: Readonly<Record<string, string>>;
}

export interface LedgerSettings {
  /**
   * Writes per second for which the table is prepared; undefined: what DynamoDB gives a new table, which is 4,000. DynamoDB charges once for
   * each increase, and never lowers it.
   */
  warmWritesPerSecond: number | undefined;
}

export interface NetworkSettings {
  /** An IPv4 range of /16 to /24. */
  cidr: string;
  /**
   * Ids of the region's prefix lists of S3 and DynamoDB, the only destinations that functions can reach. To find them:
   * `aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.<region>.s3`.
   */
  prefixLists: { s3: string; dynamodb: string };
}

/** A party outside the account. */
export interface ExternalParty {
  /** ARNs of IAM principals. */
  principals: readonly string[];
  /** IPv4 or IPv6 ranges from which requests are accepted; empty: from anywhere. */
  sourceIps: readonly string[];
}

/** A consumer of one group of bundles. Without principals: identities of the own account. */
export interface GroupConsumer extends ExternalParty {
  /** Name of the group, as in the keys of its bundles, or the text that its objects' keys contain; `_ungrouped` for the others. */
  group: string;
  /** Whether a queue of its own tells it about new bundles; by default it has one. */
  readyQueue?: boolean;
}

/** Retention times in days. The rules in src/rules check that they fit together. */
export interface Retention {
  sourceQueueDays: number;
  /** For a message that SQS moves, counted from its first enqueue in the source queue. */
  deadLetterDays: number;
  /** How long a claim is kept in the ledger. */
  claimDays: number;
  /** For current objects in landing, and then again for their noncurrent versions. */
  landingDays: number;
  /** For a bundle that the consumer does not collect. */
  distributionDays: number;
  /** For the version of a bundle after the consumer deleted it. */
  distributionNoncurrentDays: number;
  /** Days until an archived bundle moves to Deep Archive; until then it can be replayed at once. */
  deepArchiveAfterDays: number;
  /** Days until archived bundles and manifests expire; undefined: never. */
  archiveDays: number | undefined;
  /** Days for which Object Lock protects archived bundles and manifests from deletion; undefined: no lock. */
  archiveLockDays: number | undefined;
  accessLogDays: number;
  functionLogDays: number;
}

/** The settings of a function's manifest that an environment can override. */
export interface FunctionOverride {
  memoryMb?: number;
  timeoutSeconds?: number;
  batchSize?: number;
  batchWindowSeconds?: number;
  maxConcurrency?: number;
  graceSeconds?: number;
  /** How the bucket's notifications reach the queue of an `s3-sqs` function. */
  notifiedBy?: (typeof notifiers)[number];
  /** Environment variables that are added to those of the manifest or replace them. */
  environment?: Readonly<Record<string, string>>;
}

export interface ObservabilitySettings {
  /** Email addresses for warnings, which need action in working hours. */
  warningEmails: readonly string[];
  /** Email addresses for critical alarms: files are late or at risk. */
  criticalEmails: readonly string[];
  /** Monthly budget in US dollars for all resources with this environment's tag. */
  monthlyBudgetUsd: number;
  /** Notifications in five minutes from which inflow counts as unusual. */
  unusualInflowPerFiveMinutes: number;
  /** Minutes without a new file that raise an alarm, 60 to 1,440; undefined where silence is normal. */
  silenceMinutes: number | undefined;
  /** Number of waiting bundles that counts as a backlog. */
  backlogBundles: number;
  /** Age of the oldest waiting bundle that counts as a backlog, in seconds. */
  backlogAgeSeconds: number;
  /** Seconds from landing to the consumer's disk that count as late, for 95 % of bundles; undefined: no alarm. */
  landingToDiskSeconds: number | undefined;
  /** Number of files quarantined in five minutes that raises an alarm. */
  quarantinedPerFiveMinutes: number;
}
