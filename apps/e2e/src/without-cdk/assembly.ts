import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { workspaceRoot } from '../workspace.ts';
import { type CliCall, jsonOf, onlyCall } from './run-page.ts';
import { onlyFileOf } from './unzip.ts';

const variables = v.object({ Variables: v.record(v.string(), v.string()) });

/** The environment variables that the page gives the function. */
export function environmentOf(calls: readonly CliCall[]): Record<string, string> {
  return v.parse(variables, jsonOf(onlyCall(calls, 'lambda create-function')('environment'))).Variables;
}

/** The policy that the page gives the function's role. */
export function accessPolicyOf(calls: readonly CliCall[]): unknown {
  return jsonOf(onlyCall(calls, 'iam put-role-policy')('policy-document'));
}

/**
 * Writes a cloud assembly with the resources that the page's commands create, and those that the page requires.
 *
 * @param folder receives the assembly and the unpacked artifact
 */
export function writeAssembly(calls: readonly CliCall[], folder: string): void {
  const code = join(folder, 'code');
  mkdirSync(code);
  const zip = onlyCall(calls, 'lambda create-function')('zip-file').replace(/^fileb:\/\//, '');
  const { name, content } = onlyFileOf(readFileSync(join(workspaceRoot, zip)));
  writeFileSync(join(code, name), content);

  const write = (file: string, value: object) => writeFileSync(join(folder, file), JSON.stringify(value));
  const assets = { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } };
  const properties = { templateFile: 'template.json', stackName: 'by-hand' };
  const stack = { type: 'aws:cloudformation:stack', properties };
  write('manifest.json', { version: '48.0.0', artifacts: { 'by-hand.assets': assets, 'by-hand': stack } });
  write('assets.json', { files: { code: { source: { path: 'code', packaging: 'zip' } } } });
  write('template.json', { Resources: { ...surroundings(calls), ...made(calls) } });
}

const typed = (Type: string, Properties: object) => ({ Type, Properties });
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const nameInUrl = (url = '') => url.split('/').at(-1) ?? '';

/** The resources that the commands create. */
function made(calls: readonly CliCall[]): object {
  const fn = onlyCall(calls, 'lambda create-function');
  const role = onlyCall(calls, 'iam create-role');
  const mapping = onlyCall(calls, 'lambda create-event-source-mapping');
  return {
    Role: typed('AWS::IAM::Role', {
      RoleName: role('role-name'),
      AssumeRolePolicyDocument: jsonOf(role('assume-role-policy-document')),
      Policies: [{ PolicyName: 'access', PolicyDocument: accessPolicyOf(calls) }],
    }),
    Function: typed('AWS::Lambda::Function', {
      FunctionName: fn('function-name'),
      Runtime: fn('runtime'),
      Handler: fn('handler'),
      Role: fn('role'),
      MemorySize: Number(fn('memory-size')),
      Timeout: Number(fn('timeout')),
      Environment: { Variables: environmentOf(calls) },
      LoggingConfig: { LogFormat: 'JSON' },
      Code: { S3Bucket: 'assets', S3Key: 'code.zip' },
    }),
    Mapping: typed('AWS::Lambda::EventSourceMapping', {
      FunctionName: mapping('function-name'),
      EventSourceArn: mapping('event-source-arn'),
      BatchSize: Number(mapping('batch-size')),
      // At most 1 s: the test only needs some window.
      MaximumBatchingWindowInSeconds: Math.min(1, Number(mapping('maximum-batching-window-in-seconds'))),
      ScalingConfig: { MaximumConcurrency: Number(mapping('scaling-config').split('=')[1]) },
      FunctionResponseTypes: [mapping('function-response-types')],
    }),
  };
}

/** The resources that the page requires. */
function surroundings(calls: readonly CliCall[]): object {
  const env = environmentOf(calls);
  const [, visibility] = onlyCall(calls, 'sqs set-queue-attributes')('attributes').split('=');
  const bucket = (BucketName: string | undefined, more: object = {}) =>
    typed('AWS::S3::Bucket', { BucketName, VersioningConfiguration: { Status: 'Enabled' }, ...more });
  return {
    Landing: bucket(env['LANDING_BUCKET'], {
      NotificationConfiguration: {
        QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue: arnOf('Queue') }],
      },
    }),
    Distribution: bucket(env['DISTRIBUTION_BUCKET']),
    Archive: bucket(env['ARCHIVE_BUCKET']),
    DeadLetters: typed('AWS::SQS::Queue', { QueueName: nameInUrl(env['DEAD_LETTER_QUEUE_URL']) }),
    Queue: typed('AWS::SQS::Queue', {
      QueueName: nameInUrl(env['QUEUE_URL']),
      VisibilityTimeout: Number(visibility),
      RedrivePolicy: { deadLetterTargetArn: arnOf('DeadLetters'), maxReceiveCount: 5 },
    }),
    QueuePolicy: typed('AWS::SQS::QueuePolicy', {
      Queues: [{ Ref: 'Queue' }],
      PolicyDocument: {
        Statement: {
          Effect: 'Allow',
          Principal: { Service: 's3.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: arnOf('Queue'),
        },
      },
    }),
    Table: typed('AWS::DynamoDB::Table', {
      TableName: env['LEDGER_TABLE'],
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  };
}
