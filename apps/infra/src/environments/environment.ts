/** Everything in which environments may differ: it is in their files, or the same for all in `defaults.ts`. */
export interface Environment {
  /**
   * Lower-case, at most 8 characters, and 5 in regions with the longest names: it is part of every physical name, and
   * a bucket's has at most 63.
   */
  name: string;
  /** Whether data outlives its stack, and deploying needs `--confirm`. */
  protected: boolean;
  /** Functions run in private subnets of a VPC without internet route; in no VPC where this is undefined. */
  network: NetworkSettings | undefined;
  /** Whether functions send active traces to X-Ray. */
  tracing: boolean;
  /** Who may put objects into landing, and nothing else; identities of the own account where it names nobody. */
  uploader: Outsider;
  /** Who may take the consumer's role; identities of the own account where it names nobody. */
  consumer: Outsider;
  retention: Retention;
  /** Overrides for every function. */
  everyFunction: FunctionOverride;
  /** Overrides for one function, by its name; they go before `everyFunction`. */
  functions: Readonly<Record<string, FunctionOverride>>;
  observability: ObservabilitySettings;
  /** Cost allocation tags, beside those that every resource has. */
  tags: Readonly<Record<string, string>>;
}

export interface NetworkSettings {
  /** An IPv4 range of /16 to /24. */
  cidr: string;
  /**
   * Ids of the region's prefix lists of S3 and DynamoDB, which functions may reach, as told by
   * `aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.<region>.s3`.
   */
  prefixLists: { s3: string; dynamodb: string };
}

/** A party outside of the account. */
export interface Outsider {
  /** ARNs of IAM principals. */
  principals: readonly string[];
  /** IPv4 or IPv6 ranges that requests must come from; from anywhere where it is empty. */
  sourceIps: readonly string[];
}

/** How long things are kept, in days. The rules of src/rules hold them together. */
export interface Retention {
  sourceQueueDays: number;
  /** Counted from the first enqueue, in the source queue. */
  deadLetterDays: number;
  /** How long a claim is kept in the ledger. */
  claimDays: number;
  /** Landing objects, and again their noncurrent versions. */
  landingDays: number;
  /** A bundle that nobody took. */
  distributionDays: number;
  /** A bundle's version after it was taken. */
  distributionNoncurrentDays: number;
  /** When an archived bundle moves to Deep Archive; until then it can be replayed at once. */
  deepArchiveAfterDays: number;
  /** When archived bundles and manifests end; never where undefined. */
  archiveDays: number | undefined;
  /** How long Object Lock keeps archived bundles and manifests from being deleted; not at all where undefined. */
  archiveLockDays: number | undefined;
  accessLogDays: number;
  functionLogDays: number;
}

/** What an environment may change of a function's manifest. */
export interface FunctionOverride {
  memoryMb?: number;
  timeoutSeconds?: number;
  batchSize?: number;
  batchWindowSeconds?: number;
  maxConcurrency?: number;
  graceSeconds?: number;
  /** Variables added to, or put in place of, those of the manifest. */
  environment?: Readonly<Record<string, string>>;
}

export interface ObservabilitySettings {
  /** Addresses that get warnings: look at them in working hours. */
  warningEmails: readonly string[];
  /** Addresses that get critical alarms: files are late or at risk. */
  criticalEmails: readonly string[];
  /** Monthly budget in US dollars for everything that carries this environment's tags. */
  monthlyBudgetUsd: number;
  /** Objects landing in five minutes above which inflow counts as unusual. */
  unusualInflowPerFiveMinutes: number;
  /** Minutes without a new file that count as silence; 60 to 1,440, or undefined where silence is usual. */
  silenceMinutes: number | undefined;
  /** Bundles waiting for the consumer that count as a backlog. */
  backlogBundles: number;
  /** Age of the oldest waiting bundle that counts as a backlog, in seconds. */
  backlogAgeSeconds: number;
  /** Files quarantined in five minutes. */
  quarantinedPerFiveMinutes: number;
}
