import * as v from 'valibot';

/** A property accepted with any value and ignored. */
export const ignored = v.optional(v.unknown());

export const tags = v.optional(v.array(v.object({ Key: v.string(), Value: v.string() })), []);

const filter = v.optional(
  v.strictObject({
    S3Key: v.strictObject({ Rules: v.array(v.strictObject({ Name: v.string(), Value: v.string() })) }),
  }),
);

export const bucket = v.strictObject({
  BucketName: v.optional(v.string()),
  VersioningConfiguration: v.optional(v.strictObject({ Status: v.picklist(['Enabled', 'Suspended']) })),
  NotificationConfiguration: v.optional(
    v.strictObject({
      QueueConfigurations: v.optional(
        v.array(v.strictObject({ Event: v.string(), Queue: v.string(), Filter: filter })),
        [],
      ),
      TopicConfigurations: v.optional(
        v.array(v.strictObject({ Event: v.string(), Topic: v.string(), Filter: filter })),
        [],
      ),
      EventBridgeConfiguration: v.optional(
        v.strictObject({ EventBridgeEnabled: v.optional(v.boolean(), true) }),
      ),
    }),
  ),
  ReplicationConfiguration: v.optional(
    v.strictObject({
      Role: v.string(),
      Rules: v.array(
        v.strictObject({
          Id: ignored,
          Priority: v.optional(v.number()),
          Status: v.picklist(['Enabled', 'Disabled']),
          Prefix: v.optional(v.string()),
          Filter: v.optional(v.strictObject({ Prefix: v.optional(v.string()) })),
          DeleteMarkerReplication: v.optional(v.strictObject({ Status: v.literal('Disabled') })),
          Destination: v.strictObject({
            Bucket: v.string(),
            Account: ignored,
            AccessControlTranslation: ignored,
            EncryptionConfiguration: ignored,
            StorageClass: ignored,
            Metrics: ignored,
            ReplicationTime: ignored,
          }),
          SourceSelectionCriteria: ignored,
        }),
      ),
    }),
  ),
  Tags: tags,
  AccelerateConfiguration: ignored,
  BucketEncryption: ignored,
  IntelligentTieringConfigurations: ignored,
  InventoryConfigurations: ignored,
  LifecycleConfiguration: ignored,
  LoggingConfiguration: ignored,
  MetricsConfigurations: ignored,
  ObjectLockConfiguration: ignored,
  ObjectLockEnabled: ignored,
  OwnershipControls: ignored,
  PublicAccessBlockConfiguration: ignored,
});

export const bucketPolicy = v.strictObject({ Bucket: v.string(), PolicyDocument: v.unknown() });

const keySchema = v.array(
  v.strictObject({ AttributeName: v.string(), KeyType: v.picklist(['HASH', 'RANGE']) }),
);

const timeToLive = v.optional(
  v.strictObject({ AttributeName: v.optional(v.string()), Enabled: v.boolean() }),
);

export const table = v.strictObject({
  TableName: v.optional(v.string()),
  KeySchema: keySchema,
  AttributeDefinitions: v.array(
    v.strictObject({ AttributeName: v.string(), AttributeType: v.picklist(['S', 'N', 'B']) }),
  ),
  GlobalSecondaryIndexes: v.optional(
    v.array(
      v.looseObject({
        IndexName: v.string(),
        KeySchema: keySchema,
        Projection: v.looseObject({
          ProjectionType: v.optional(v.string()),
          NonKeyAttributes: v.optional(v.array(v.string())),
        }),
      }),
    ),
    [],
  ),
  Tags: tags,
  BillingMode: ignored,
  ContributorInsightsSpecification: ignored,
  DeletionProtectionEnabled: ignored,
  OnDemandThroughput: ignored,
  PointInTimeRecoverySpecification: ignored,
  ProvisionedThroughput: ignored,
  SSESpecification: ignored,
  TableClass: ignored,
  TimeToLiveSpecification: timeToLive,
  WarmThroughput: ignored,
});

/** `AWS::DynamoDB::GlobalTable` with a single replica, in this region. */
export const globalTable = v.strictObject({
  TableName: v.optional(v.string()),
  KeySchema: keySchema,
  AttributeDefinitions: table.entries.AttributeDefinitions,
  GlobalSecondaryIndexes: table.entries.GlobalSecondaryIndexes,
  Replicas: v.pipe(v.array(v.unknown()), v.maxLength(1, 'replicas in other regions have no local meaning')),
  BillingMode: ignored,
  SSESpecification: ignored,
  TimeToLiveSpecification: timeToLive,
  WriteOnDemandThroughputSettings: ignored,
  WriteProvisionedThroughputSettings: ignored,
  WarmThroughput: ignored,
});
