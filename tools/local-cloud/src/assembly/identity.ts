import { createHash } from 'node:crypto';

/**
 * Region and endpoint of the cloud. Account and partition are fixed, so that names and ARNs are the same everywhere.
 */
export interface Place {
  readonly region: string;
  /** Base of queue URLs, without a trailing slash. */
  readonly endpoint: string;
}

export const accountId = '000000000000';
export const partition = 'aws';
export const urlSuffix = 'amazonaws.com';

/** Naming and references of one resource type. */
interface Identity {
  /** Property with the physical name. */
  readonly nameProperty?: string;
  readonly ref: (name: string, place: Place) => string;
  readonly attributes: Readonly<Record<string, (name: string, place: Place) => string>>;
}

const regional =
  (service: string, prefix = '') =>
  (name: string, { region }: Place) =>
    `arn:${partition}:${service}:${region}:${accountId}:${prefix}${name}`;
const itself = (name: string) => name;

export const bucketArn = (name: string) => `arn:${partition}:s3:::${name}`;
export const queueArn = regional('sqs');
export const tableArn = regional('dynamodb', 'table/');
export const functionArn = regional('lambda', 'function:');
export const topicArn = regional('sns');
export const roleArn = (name: string) => `arn:${partition}:iam::${accountId}:role/${name}`;
export const ruleArn = regional('events', 'rule/');
export const eventBusArn = regional('events', 'event-bus/');
export const scheduleArn = regional('scheduler', 'schedule/default/');
export const mappingArn = regional('lambda', 'event-source-mapping:');
export const stackId = (name: string, place: Place) =>
  `${regional('cloudformation', 'stack/')(name, place)}/local`;
export const queueUrl = (name: string, { endpoint }: Place) => `${endpoint}/${accountId}/${name}`;
export const alarmArn = regional('cloudwatch', 'alarm:');
export const logGroupArn = (name: string, place: Place) => `${regional('logs', 'log-group:')(name, place)}:*`;

const identities: Readonly<Record<string, Identity>> = {
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    ref: itself,
    attributes: {
      Arn: bucketArn,
      DomainName: (name) => `${name}.s3.${urlSuffix}`,
      RegionalDomainName: (name, { region }) => `${name}.s3.${region}.${urlSuffix}`,
    },
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    ref: queueUrl,
    attributes: { Arn: queueArn, QueueName: itself, QueueUrl: queueUrl },
  },
  'AWS::DynamoDB::Table': { nameProperty: 'TableName', ref: itself, attributes: { Arn: tableArn } },
  'AWS::DynamoDB::GlobalTable': { nameProperty: 'TableName', ref: itself, attributes: { Arn: tableArn } },
  'AWS::Lambda::Function': { nameProperty: 'FunctionName', ref: itself, attributes: { Arn: functionArn } },
  'AWS::Lambda::EventSourceMapping': {
    ref: uuidOf,
    attributes: {
      Id: uuidOf,
      EventSourceMappingArn: (name, place) => mappingArn(uuidOf(name), place),
    },
  },
  'AWS::Lambda::Url': { ref: functionArn, attributes: { FunctionArn: functionArn } },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    ref: topicArn,
    attributes: { TopicArn: topicArn, TopicName: itself },
  },
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    ref: itself,
    attributes: { Arn: roleArn, RoleId: (name) => `AROA${digest(name).toUpperCase()}` },
  },
  'AWS::Events::Rule': { nameProperty: 'Name', ref: itself, attributes: { Arn: ruleArn } },
  'AWS::Scheduler::Schedule': { nameProperty: 'Name', ref: itself, attributes: { Arn: scheduleArn } },
  'AWS::CloudWatch::Alarm': { nameProperty: 'AlarmName', ref: itself, attributes: { Arn: alarmArn } },
  'AWS::CloudWatch::CompositeAlarm': {
    nameProperty: 'AlarmName',
    ref: itself,
    attributes: { Arn: alarmArn },
  },
  'AWS::Logs::LogGroup': { nameProperty: 'LogGroupName', ref: itself, attributes: { Arn: logGroupArn } },
};

/** Resources ignored locally get an invented id for every attribute. */
const invented: Identity = { ref: (name) => `local-${digest(name)}`, attributes: {} };

const digest = (name: string) => createHash('sha256').update(name).digest('hex').slice(0, 17);

/** A UUID derived from a name, so that it is the same at every boot. */
export function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** Naming and references of this type's resources. */
export function identityOf(type: string): Identity {
  return identities[type] ?? invented;
}

/** A generated name in CloudFormation's form, but the same at every boot. */
export function generatedName(stackName: string, logicalId: string): string {
  return `${stackName}-${logicalId}-${digest(`${stackName}/${logicalId}`).slice(0, 8)}`.toLowerCase();
}
