import type * as v from 'valibot';
import { readPolicy, type Statement } from '../iam/policy.ts';
import { bucketArn, tableArn, type Place } from './identity.ts';
import type { BucketModel, NotificationModel, TableModel } from './model.ts';
import type { Resource } from './scope.ts';
import { bucket, bucketPolicy, globalTable, table } from './schemas/storage.ts';
import { ofType } from './typed.ts';

const shortNameTag = 'data-aggregator:resource';
const wellKnown = ['landing', 'distribution', 'archive'];

function shortName(name: string, tags: readonly { Key: string; Value: string }[]): string {
  const tagged = tags.find(({ Key }) => Key === shortNameTag)?.Value;
  return tagged ?? wellKnown.find((word) => name.split(/[.-]/).includes(word)) ?? name;
}

type Bucket = v.InferOutput<typeof bucket>;

function notificationsOf({ NotificationConfiguration: configured }: Bucket): NotificationModel[] {
  const rules = (filter: { S3Key: { Rules: { Name: string; Value: string }[] } } | undefined, name: string) =>
    filter?.S3Key.Rules.find((rule) => rule.Name.toLowerCase() === name)?.Value ?? '';
  const targets = [
    ...(configured?.QueueConfigurations ?? []).map((item) => ({
      ...item,
      kind: 'queue' as const,
      arn: item.Queue,
    })),
    ...(configured?.TopicConfigurations ?? []).map((item) => ({
      ...item,
      kind: 'topic' as const,
      arn: item.Topic,
    })),
  ];
  return targets.map(({ Event, Filter, kind, arn }) => ({
    event: Event,
    prefix: rules(Filter, 'prefix'),
    suffix: rules(Filter, 'suffix'),
    target: { kind, arn },
  }));
}

function replicationOf({ ReplicationConfiguration: configured }: Bucket): BucketModel['replication'] {
  if (!configured) return undefined;
  return {
    roleArn: configured.Role,
    rules: configured.Rules.filter(({ Status }) => Status === 'Enabled').map((rule) => ({
      prefix: rule.Filter?.Prefix ?? rule.Prefix ?? '',
      bucketArn: rule.Destination.Bucket,
    })),
  };
}

export function interpretBuckets(resources: readonly Resource[]): BucketModel[] {
  const policies = new Map<string, Statement[]>();
  for (const { properties, where } of ofType(resources, 'AWS::S3::BucketPolicy', bucketPolicy)) {
    policies.set(properties.Bucket, readPolicy(properties.PolicyDocument, where));
  }
  return ofType(resources, 'AWS::S3::Bucket', bucket).map(
    ({ resource: { physicalName: name }, properties }) => ({
      shortName: shortName(name, properties.Tags),
      name,
      arn: bucketArn(name),
      versioned: properties.VersioningConfiguration?.Status === 'Enabled',
      notifications: notificationsOf(properties),
      toEventBridge:
        properties.NotificationConfiguration?.EventBridgeConfiguration?.EventBridgeEnabled ?? false,
      replication: replicationOf(properties),
      policy: policies.get(name) ?? [],
    }),
  );
}

export function interpretTables(resources: readonly Resource[], place: Place): TableModel[] {
  const tables = [
    ...ofType(resources, 'AWS::DynamoDB::Table', table),
    ...ofType(resources, 'AWS::DynamoDB::GlobalTable', globalTable),
  ];
  return tables.map(({ resource: { physicalName: name }, properties }) => ({
    name,
    arn: tableArn(name, place),
    timeToLiveAttribute: properties.TimeToLiveSpecification?.Enabled
      ? properties.TimeToLiveSpecification.AttributeName
      : undefined,
    definition: {
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: properties.KeySchema,
      AttributeDefinitions: properties.AttributeDefinitions,
      ...(properties.GlobalSecondaryIndexes.length === 0
        ? {}
        : {
            GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes.map(
              ({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }),
            ),
          }),
    },
  }));
}
