import type { EventPattern } from '../events/event-pattern.ts';
import type { AlarmModel, MetricFilterModel } from '../alarms/model.ts';
import type { Statement } from '../iam/policy.ts';
import type { StorageClass } from '../s3/index.ts';

/** Everything in a set of templates that the local cloud implements, with resolved names and ARNs. */
export interface CloudModel {
  readonly buckets: readonly BucketModel[];
  readonly queues: readonly QueueModel[];
  readonly tables: readonly TableModel[];
  readonly topics: readonly TopicModel[];
  readonly functions: readonly FunctionModel[];
  readonly mappings: readonly MappingModel[];
  readonly triggers: readonly TriggerModel[];
  readonly eventRules: readonly EventRuleModel[];
  readonly rules: readonly RuleModel[];
  readonly functionUrls: readonly FunctionUrlModel[];
  readonly permissions: readonly PermissionModel[];
  readonly roles: readonly RoleModel[];
  readonly alarms: readonly AlarmModel[];
  readonly metricFilters: readonly MetricFilterModel[];
  readonly stacks: readonly StackModel[];
  /** Resources accepted and ignored: dashboards, networks and so on. */
  readonly accepted: readonly AcceptedResource[];
}

export interface BucketModel {
  /** `landing`: from the tag `data-aggregator:resource`, else from the physical name, else the physical name itself. */
  readonly shortName: string;
  readonly name: string;
  readonly arn: string;
  readonly versioned: boolean;
  readonly notifications: readonly NotificationModel[];
  /** Whether all events go to EventBridge, too. */
  readonly toEventBridge: boolean;
  readonly replication: ReplicationModel | undefined;
  readonly policy: readonly Statement[];
}

export interface NotificationModel {
  /** `s3:ObjectCreated:*` */
  readonly event: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly target: { readonly kind: 'queue' | 'topic'; readonly arn: string };
}

export interface ReplicationModel {
  readonly roleArn: string;
  readonly rules: readonly {
    readonly prefix: string;
    readonly bucketArn: string;
    /** Of the replica; undefined: that of the source. */
    readonly storageClass: StorageClass | undefined;
  }[];
}

export interface QueueModel {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** Attributes in the form of CreateQueue. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly deadLetterArn: string | undefined;
  readonly policy: readonly Statement[];
}

export interface TableModel {
  readonly name: string;
  readonly arn: string;
  /** Definition in the form of CreateTable. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** Attribute with an item's expiry time; undefined if items do not expire. */
  readonly timeToLiveAttribute: string | undefined;
}

export interface TopicModel {
  readonly name: string;
  readonly arn: string;
  readonly policy: readonly Statement[];
  readonly queueSubscriptions: readonly SubscriptionModel[];
}

export interface SubscriptionModel {
  readonly queueArn: string;
  /** Whether messages arrive without SNS's envelope. */
  readonly raw: boolean;
  /** What a message must match. SNS's filter policies are written like event patterns. */
  readonly filter:
    | { readonly scope: 'MessageAttributes' | 'MessageBody'; readonly pattern: EventPattern }
    | undefined;
  /** Queue for messages that cannot be delivered. */
  readonly deadLetterArn: string | undefined;
}

export interface FunctionModel {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** `index.handler` */
  readonly handler: string;
  /** Source folder of the asset. */
  readonly codeFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly logGroup: string;
  readonly logFormat: 'JSON' | 'Text';
  readonly logLevel: string | undefined;
  readonly reservedConcurrency: number | undefined;
  /** Whether invocations are sampled for tracing. */
  readonly isTraced: boolean;
  /** Retries of an asynchronous invocation. */
  readonly asyncRetries: number;
  /** Queue for events whose retries are used up. */
  readonly asyncFailureQueueArn: string | undefined;
}

export interface MappingModel {
  readonly uuid: string;
  readonly arn: string;
  /** Whether it polls after boot. */
  readonly enabled: boolean;
  readonly functionName: string;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maxConcurrency: number | undefined;
  readonly reportsItemFailures: boolean;
}

/** A scheduled trigger of a function: an EventBridge rule or an EventBridge Scheduler schedule. */
export interface TriggerModel {
  readonly name: string;
  readonly arn: string;
  readonly expression: string;
  readonly enabled: boolean;
  readonly functionArn: string;
  /** Input as JSON; undefined for EventBridge's own "Scheduled Event". */
  readonly input: string | undefined;
  /** Execution role of a schedule. A rule needs a permission on the function instead. */
  readonly roleArn: string | undefined;
}

/** A rule on the default event bus with one of its targets. */
export interface EventRuleModel {
  readonly name: string;
  readonly arn: string;
  readonly pattern: EventPattern;
  readonly enabled: boolean;
  readonly target: { readonly kind: 'function' | 'queue'; readonly arn: string };
  /** Queue for events that cannot be delivered. */
  readonly deadLetterArn: string | undefined;
  /** Input as JSON that replaces the event. */
  readonly input: string | undefined;
}

/** An EventBridge rule, as shown by DescribeRule. Its targets are triggers, event rules or both. */
export interface RuleModel {
  readonly name: string;
  readonly arn: string;
  readonly enabled: boolean;
  readonly scheduleExpression: string | undefined;
  /** JSON */
  readonly eventPattern: string | undefined;
  readonly description: string | undefined;
}

/** A stack, as shown by DescribeStacks. */
export interface StackModel {
  readonly name: string;
  readonly id: string;
  readonly description: string | undefined;
  readonly parameters: readonly { readonly key: string; readonly value: string }[];
  readonly outputs: readonly StackOutput[];
}

export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description: string | undefined;
  readonly exportName: string | undefined;
}

export interface FunctionUrlModel {
  readonly functionArn: string;
  readonly auth: 'AWS_IAM' | 'NONE';
}

export interface PermissionModel {
  readonly functionArn: string;
  readonly action: string;
  readonly principal: string;
  readonly sourceArn: string | undefined;
}

export interface RoleModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly statements: readonly Statement[];
}

export interface AcceptedResource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
}
