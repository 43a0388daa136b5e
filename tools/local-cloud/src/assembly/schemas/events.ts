import * as v from 'valibot';
import { ignored, tags } from './storage.ts';

const state = v.optional(v.picklist(['ENABLED', 'DISABLED']), 'ENABLED');

export const rule = v.strictObject({
  Name: v.optional(v.string()),
  ScheduleExpression: v.optional(v.string()),
  EventPattern: v.optional(v.record(v.string(), v.unknown())),
  EventBusName: v.optional(v.literal('default', 'only the default event bus is known')),
  State: state,
  Targets: v.optional(
    v.array(
      v.strictObject({
        Arn: v.string(),
        Id: v.string(),
        Input: v.optional(v.string()),
        RetryPolicy: ignored,
        DeadLetterConfig: v.optional(v.strictObject({ Arn: v.optional(v.string()) })),
      }),
    ),
    [],
  ),
  Description: v.optional(v.string()),
  Tags: tags,
});

export const schedule = v.strictObject({
  Name: v.optional(v.string()),
  GroupName: v.optional(v.string()),
  ScheduleExpression: v.string(),
  ScheduleExpressionTimezone: v.optional(v.picklist(['UTC', 'Etc/UTC'], 'schedules run in UTC')),
  State: state,
  Target: v.strictObject({
    Arn: v.string(),
    RoleArn: v.string(),
    Input: v.optional(v.string()),
    RetryPolicy: ignored,
    DeadLetterConfig: ignored,
  }),
  FlexibleTimeWindow: ignored,
  Description: ignored,
});
