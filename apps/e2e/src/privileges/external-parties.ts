import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { BUNDLE_PREFIX, REPLAY_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { MANIFEST_PREFIX } from '@data-aggregator/shared-processing/manifest';
import { RECEIPT_PREFIX } from '@data-aggregator/shared-processing/receipt';
import { type Cloud, type CloudOptions, startCloud } from '@data-aggregator/local-cloud';
import { bucketOf } from '@data-aggregator/pipeline-client';
import { synthesiseSandbox } from '../testing/sandbox.ts';

const UPLOADER = 'uploader';
const nobody = { principals: [], sourceIps: [] };

/**
 * Synthesises the sandbox's templates with a named uploader, as in production, and the consumer of a group; the sandbox itself has neither.
 *
 * @param folder receives the assembly
 * @returns the assembly's folder
 */
export function synthesiseWithUploader(folder: string): string {
  const uploader = { principals: [`arn:aws:iam::000000000000:role/${UPLOADER}`], sourceIps: [] };
  return synthesiseSandbox(folder, { uploader, consumerGroups: { acme: { group: 'acme', ...nobody } } });
}

/** An object in one of the buckets. */
export interface Placed {
  Bucket: string;
  Key: string;
  VersionId: string | undefined;
}

/** A cloud with one object of each kind and without event source mappings. */
export interface Premises {
  cloud: Cloud;
  admin: S3Client;
  consumer: S3Client;
  consumerSqs: SQSClient;
  consumerOfGroup: S3Client;
  consumerOfGroupSqs: SQSClient;
  uploader: S3Client;
  objects: Record<
    | 'landed'
    | 'bundle'
    | 'replay'
    | 'grouped'
    | 'grouped replay'
    | 'of another group'
    | 'other'
    | 'archived'
    | 'manifest'
    | 'grouped manifest'
    | 'receipt'
    | 'grouped receipt'
    | 'dropped',
    Placed
  >;
}

export async function openPremises(
  assembly: string,
  options: Pick<CloudOptions, 'secureTransport'> = {},
): Promise<Premises> {
  const cloud = await startCloud({ assembly, transformTemplate: withUploader, ...options });
  const configOf = (ending: string) => {
    const role = Object.keys(cloud.credentials.perRole).find((name) => name.endsWith(ending));
    if (role === undefined) throw new Error(`the templates have no role ${ending}`);
    return cloud.clientConfig(role);
  };
  const admin = new S3Client(cloud.clientConfig());
  const put = async (bucket: string, Key: string): Promise<Placed> => {
    const place = { Bucket: bucketOf(cloud, bucket), Key };
    const { VersionId } = await admin.send(new PutObjectCommand({ ...place, Body: 'x' }));
    return { ...place, VersionId };
  };
  return {
    cloud,
    admin,
    consumer: new S3Client(configOf('-consumer')),
    consumerSqs: new SQSClient(configOf('-consumer')),
    consumerOfGroup: new S3Client(configOf('-consumer-of-acme')),
    consumerOfGroupSqs: new SQSClient(configOf('-consumer-of-acme')),
    uploader: new S3Client(configOf(UPLOADER)),
    objects: {
      landed: await put('landing', 'file'),
      bundle: await put('distribution', `${BUNDLE_PREFIX}a`),
      replay: await put('distribution', `${REPLAY_PREFIX}a`),
      grouped: await put('distribution', `${BUNDLE_PREFIX}acme/a`),
      'grouped replay': await put('distribution', `${REPLAY_PREFIX}_groups/acme/a`),
      'of another group': await put('distribution', `${BUNDLE_PREFIX}acme-2/a`),
      other: await put('distribution', 'elsewhere'),
      archived: await put('archive', `${BUNDLE_PREFIX}b`),
      manifest: await put('archive', `${MANIFEST_PREFIX}${BUNDLE_PREFIX}a`),
      'grouped manifest': await put('archive', `${MANIFEST_PREFIX}${BUNDLE_PREFIX}acme/a`),
      receipt: await put('archive', `${RECEIPT_PREFIX}${REPLAY_PREFIX}a`),
      'grouped receipt': await put('archive', `${RECEIPT_PREFIX}${BUNDLE_PREFIX}acme/a`),
      dropped: await put('archive', 'dropped/a'),
    },
  };
}

/** Adds the uploader's role, which its account allows everything, and removes the event source mappings. */
const withUploader: NonNullable<CloudOptions['transformTemplate']> = (template, stackName) => {
  const resources = Object.entries(template.Resources).filter(
    ([, { Type }]) => Type !== 'AWS::Lambda::EventSourceMapping',
  );
  if (!stackName.endsWith('-stateful')) return { ...template, Resources: Object.fromEntries(resources) };
  const PolicyDocument = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const Policies = [{ PolicyName: 'everything', PolicyDocument }];
  const Properties = { RoleName: UPLOADER, AssumeRolePolicyDocument: {}, Policies };
  const role = { Type: 'AWS::IAM::Role', Properties };
  return { ...template, Resources: Object.fromEntries([...resources, ['Uploader', role]]) };
};
