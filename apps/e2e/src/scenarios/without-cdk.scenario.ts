import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type CloudOptions, startCloud } from '@data-aggregator/local-cloud';
import * as v from 'valibot';
import { permissionsOfFunction } from '../privileges/permissions.ts';
import { temporaryFolder } from '@data-aggregator/pipeline-client/testing';
import { accessPolicyOf, environmentOf, writeAssembly } from '../without-cdk/assembly.ts';
import {
  type CliCall,
  jsonOf,
  onlyCall,
  PAGE_REGION,
  runPage,
  VERSION_PLACEHOLDER,
} from '../without-cdk/run-page.ts';
import { workspaceRoot } from '../workspace.ts';

let folder: ReturnType<typeof temporaryFolder>;
let calls: CliCall[];
beforeAll(() => {
  folder = temporaryFolder();
  calls = runPage(folder.path);
  writeAssembly(calls, folder.path);
});
afterAll(() => folder[Symbol.dispose]());

/** A cloud of what the page makes. */
async function start(options: Pick<CloudOptions, 'transformTemplate'> = {}) {
  const cloud = await startCloud({ assembly: folder.path, region: PAGE_REGION, ...options });
  const s3 = new S3Client(cloud.clientConfig());
  const { LANDING_BUCKET, DISTRIBUTION_BUCKET } = environmentOf(calls);
  return {
    cloud,
    put: (Key: string) => s3.send(new PutObjectCommand({ Bucket: LANDING_BUCKET, Key, Body: 'hello' })),
    async bundles() {
      const command = new ListObjectsV2Command({ Bucket: DISTRIBUTION_BUCKET, Prefix: BUNDLE_PREFIX });
      const { Contents = [] } = await s3.send(command);
      return Contents;
    },
    async [Symbol.asyncDispose]() {
      s3.destroy();
      await cloud.stop();
    },
  };
}

const withoutTrigger: CloudOptions['transformTemplate'] = (template) => {
  const { Mapping: _, ...Resources } = template.Resources;
  return { ...template, Resources };
};

const statements = v.object({
  Statement: v.array(
    v.object({
      Action: v.union([v.string(), v.array(v.string())]),
      Resource: v.union([v.string(), v.array(v.string())]),
    }),
  ),
});

/** The page's names of what the templates call otherwise. */
const NAMES: readonly (readonly [string, string])[] = [
  ['my-notifications', 'aggregator'],
  ['my-dead-letters', 'aggregator-dead-letters'],
  ['my-', ''],
];

function inWords(arn: string): string {
  const resource = arn.split(':').slice(5).join(':');
  return NAMES.reduce((name, [from, to]) => name.replace(from, to), resource);
}

describe('the page about deploying without CDK', () => {
  it('sets the variables of function.json, and the one that infra adds to every function', () => {
    const manifest: unknown = JSON.parse(
      readFileSync(join(workspaceRoot, 'apps/aggregator/function.json'), 'utf8'),
    );
    const { environment } = v.parse(v.object({ environment: v.record(v.string(), v.string()) }), manifest);
    // The page leaves the function for large objects out.
    const { LARGE_OBJECTS_QUEUE_URL: _, ...own } = environment;
    const expected = [...Object.keys(own), 'BUCKET_OWNER'];
    expect(Object.keys(environmentOf(calls)).sort()).toEqual(expected.sort());
  });

  it('grants the role the same permissions as the templates', () => {
    const allowed = v
      .parse(statements, accessPolicyOf(calls))
      .Statement.flatMap(({ Action, Resource }) =>
        [Action].flat().flatMap((action) => [Resource].flat().map((arn) => `${action} on ${inWords(arn)}`)),
      );
    const ofData = (names: string[]) => names.filter((name) => !name.startsWith('logs:')).sort();
    const own = permissionsOfFunction('aggregator').map(({ name }) => name);
    expect(ofData(allowed)).toEqual(ofData(own.filter((name) => !name.endsWith(' on large-objects'))));
  });

  it('creates a function that bundles the object of its event, once', async () => {
    await using page = await start({ transformTemplate: withoutTrigger });
    const { VersionId = '' } = await page.put('hello.txt');
    const option = onlyCall(calls, 'lambda invoke');
    const event = JSON.stringify(jsonOf(option('payload'))).replace(VERSION_PLACEHOLDER, VersionId);
    const invoke = async () => {
      const { kind, payload } = await page.cloud.invoke(option('function-name'), JSON.parse(event));
      return { kind, answer: JSON.parse(payload) as unknown };
    };
    await expect(invoke()).resolves.toEqual({
      kind: 'success',
      answer: { bundles: [expect.stringMatching(/^bundles\//)], bundled: 1, duplicates: 0 },
    });
    await expect(invoke()).resolves.toMatchObject({ answer: { bundled: 0, duplicates: 1 } });
    await expect(page.bundles()).resolves.toHaveLength(1);
  });

  it('creates a trigger that delivers notifications to it', async () => {
    await using page = await start();
    await page.put('hello-again.txt');
    await page.cloud.idle();
    await expect(page.bundles()).resolves.toHaveLength(1);
  });
});
