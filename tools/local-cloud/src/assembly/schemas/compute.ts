import * as v from 'valibot';
import { ignored, tags } from './storage.ts';

const textual = v.pipe(
  v.union([v.string(), v.number(), v.boolean()]),
  v.transform((value) => String(value)),
);

export const lambdaFunction = v.strictObject({
  FunctionName: v.optional(v.string()),
  Code: v.strictObject({ S3Bucket: v.string(), S3Key: v.string() }),
  Handler: v.string(),
  Role: v.string(),
  Runtime: v.picklist(['nodejs24.x', 'nodejs22.x'], 'a runtime of Node.js 22 or 24 is expected'),
  MemorySize: v.optional(v.number(), 128),
  Timeout: v.optional(v.number(), 3),
  Environment: v.optional(v.strictObject({ Variables: v.optional(v.record(v.string(), textual), {}) })),
  LoggingConfig: v.optional(
    v.strictObject({
      LogFormat: v.optional(v.picklist(['JSON', 'Text'])),
      LogGroup: v.optional(v.string()),
      ApplicationLogLevel: v.optional(v.string()),
      SystemLogLevel: ignored,
    }),
  ),
  DeadLetterConfig: v.optional(v.strictObject({ TargetArn: v.optional(v.string()) })),
  ReservedConcurrentExecutions: v.optional(v.number()),
  TracingConfig: v.optional(v.strictObject({ Mode: v.picklist(['Active', 'PassThrough']) })),
  Tags: tags,
  Architectures: ignored,
  Description: ignored,
  EphemeralStorage: ignored,
  KmsKeyArn: ignored,
  RecursiveLoop: ignored,
  RuntimeManagementConfig: ignored,
  SnapStart: ignored,
  VpcConfig: ignored,
});

export const eventSourceMapping = v.strictObject({
  EventSourceArn: v.string(),
  FunctionName: v.string(),
  BatchSize: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)), 10),
  MaximumBatchingWindowInSeconds: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(300)), 0),
  ScalingConfig: v.optional(v.strictObject({ MaximumConcurrency: v.optional(v.number()) })),
  FunctionResponseTypes: v.optional(v.array(v.literal('ReportBatchItemFailures')), []),
  Enabled: v.optional(v.boolean(), true),
  Tags: ignored,
  MetricsConfig: ignored,
});

export const eventInvokeConfig = v.strictObject({
  FunctionName: v.string(),
  Qualifier: v.optional(v.literal('$LATEST')),
  MaximumRetryAttempts: v.optional(v.number(), 2),
  MaximumEventAgeInSeconds: ignored,
  DestinationConfig: v.optional(
    v.strictObject({ OnFailure: v.optional(v.strictObject({ Destination: v.string() })) }),
  ),
});

export const permission = v.strictObject({
  Action: v.string(),
  FunctionName: v.string(),
  Principal: v.string(),
  SourceArn: v.optional(v.string()),
  SourceAccount: v.optional(v.string()),
  FunctionUrlAuthType: v.optional(v.string()),
  InvokedViaFunctionUrl: v.optional(v.boolean()),
});

export const functionUrl = v.strictObject({
  TargetFunctionArn: v.string(),
  AuthType: v.picklist(['AWS_IAM', 'NONE']),
  InvokeMode: v.optional(v.literal('BUFFERED')),
  Cors: ignored,
});
