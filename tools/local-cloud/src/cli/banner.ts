import type { Cloud } from '../cloud/cloud.ts';
import { tracesPath } from '../traces/collector.ts';

/** Details of a running cloud for other programs: one line of JSON. */
export function asJson({ endpoint, region, credentials, buckets, queues, tables, functions }: Cloud): string {
  return JSON.stringify({ endpoint, region, credentials, buckets, queues, tables, functions });
}

function section(title: string, rows: readonly (readonly [name: string, value: string])[]): string[] {
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(([name]) => name.length));
  return ['', title, ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`.trimEnd())];
}

/** Details of a running cloud for people: names, URLs and commands to paste. */
export function banner(cloud: Cloud): string {
  const { endpoint, region, credentials, buckets, queues, tables, functions } = cloud;
  const [[shortName, bucket] = ['landing', '<bucket>']] = Object.entries(buckets).filter(
    ([name]) => name === 'landing',
  );
  const [fn = '<function>'] = Object.keys(functions);
  return [
    `The cloud is up at ${endpoint}`,
    ...section('Buckets', Object.entries(buckets)),
    ...section(
      'Queues',
      Object.entries(queues).map(([name, { url }]) => [name, url]),
    ),
    ...section(
      'Tables',
      tables.map((name) => [name, '']),
    ),
    ...section(
      'Functions',
      Object.values(functions).map(({ name, arn }) => [name, arn]),
    ),
    '',
    'In another terminal, for SDKs and the AWS CLI from 1.29.0 or 2.13 (older ones also need --endpoint-url):',
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    `  export AWS_ACCESS_KEY_ID=${credentials.admin.accessKeyId} AWS_SECRET_ACCESS_KEY=${credentials.admin.secretAccessKey}`,
    `  aws s3 cp README.md s3://${bucket}/    # ${shortName}`,
    `  aws sqs list-queues --endpoint-url $AWS_ENDPOINT_URL    # version 1 of the CLI ignores the variable for SQS`,
    `  aws lambda invoke --function-name ${fn} --payload fileb://event.json answer.json`,
    `  curl --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "${endpoint}${tracesPath}?key=README.md"    # traces of a file, if the environment has tracing`,
    '',
    'Functions are rebuilt when their sources change. Ctrl-C stops everything.',
    '',
  ].join('\n');
}
