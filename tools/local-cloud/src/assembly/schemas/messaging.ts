import * as v from 'valibot';
import { ignored, tags } from './storage.ts';

export const queue = v.strictObject({
  QueueName: v.optional(v.string()),
  VisibilityTimeout: v.optional(v.number()),
  MessageRetentionPeriod: v.optional(v.number()),
  ReceiveMessageWaitTimeSeconds: v.optional(v.number()),
  DelaySeconds: v.optional(v.number()),
  MaximumMessageSize: v.optional(v.number()),
  RedrivePolicy: v.optional(
    v.strictObject({ deadLetterTargetArn: v.string(), maxReceiveCount: v.pipe(v.number(), v.integer()) }),
  ),
  Tags: tags,
  KmsDataKeyReusePeriodSeconds: ignored,
  KmsMasterKeyId: ignored,
  RedriveAllowPolicy: ignored,
  SqsManagedSseEnabled: ignored,
});

export const queuePolicy = v.strictObject({ Queues: v.array(v.string()), PolicyDocument: v.unknown() });

export const topic = v.strictObject({
  TopicName: v.optional(v.string()),
  DisplayName: ignored,
  KmsMasterKeyId: ignored,
  Tags: tags,
  TracingConfig: ignored,
  DeliveryStatusLogging: ignored,
});

export const topicPolicy = v.strictObject({ Topics: v.array(v.string()), PolicyDocument: v.unknown() });

export const subscription = v.strictObject({
  TopicArn: v.string(),
  Protocol: v.string(),
  Endpoint: v.optional(v.string()),
  RawMessageDelivery: v.optional(v.boolean(), false),
  FilterPolicy: v.optional(v.record(v.string(), v.unknown())),
  FilterPolicyScope: v.optional(v.picklist(['MessageAttributes', 'MessageBody']), 'MessageAttributes'),
  RedrivePolicy: v.optional(v.strictObject({ deadLetterTargetArn: v.string() })),
  Region: ignored,
});
