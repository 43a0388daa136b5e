import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type Manifest, serializeManifest } from '@data-aggregator/shared-processing/manifest';
import { pack } from 'tar-stream';

/* Runs the real commands, in their own processes, on names that contain terminal control sequences. */

/** Clears the screen (with ESC [ and with U+009B), sets the window title, reverses text and forges a line. */
const HOSTILE = 'a\u001b[2J\u009b2J\u001b]0;owned\u0007\u202egnp\u2066\n9 bundles verified\r';
const root = join(import.meta.dirname, '../../..');
const dangerous = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function ops(...args: string[]) {
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const program = join(root, 'tools/ops/src/main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr };
}

/** No printed line contains a control character, and none is the forged one. */
function expectHarmless(text: string) {
  const lines = text.split('\n');
  expect(lines.filter((line) => dangerous.test(line))).toEqual([]);
  expect(lines.filter((line) => line.trimStart().startsWith('9 bundles'))).toEqual([]);
}

describe('ops verify with hostile names in a bundle', () => {
  beforeAll(async () => {
    const tar = pack();
    tar.entry({ name: HOSTILE }, 'content');
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar) chunks.push(chunk as Buffer);
    const bytes = gzipSync(Buffer.concat(chunks));
    const name = 'bundle-20261122T090807Z-0123456789abcdef.tar.gz';
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const manifest: Manifest = {
      bundle: {
        bucket: 'd',
        key: `bundles/2026/11/22/09/${name}`,
        size: bytes.length,
        sha256,
        format: 'tar.gz',
        createdAt: 0,
      },
      members: [
        {
          bucket: 'landing',
          key: 'expected',
          version: { kind: 'id', versionId: 'v1' },
          etag: 'e',
          name: 'expected',
          size: 7,
          sha256: createHash('sha256').update('content').digest('hex'),
          lastModified: 0,
          landedAt: 0,
        },
      ],
    };
    mkdirSync(join(folder, 'in'));
    writeFileSync(join(folder, 'in', name), bytes);
    writeFileSync(join(folder, `${name}.json`), serializeManifest(manifest));
  });

  it('escapes names in text', () => {
    const { status, stdout, stderr } = ops('verify', join(folder, 'in'), '--manifests', folder);
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(stdout).toContain('a\\u001b[2J\\u009b2J\\u001b]0;owned\\u0007\\u202egnp\\u2066\\u000a9 bundles');
    expectHarmless(stdout);
  });

  it('prints JSON that parses to the original names', () => {
    const { stdout } = ops('verify', join(folder, 'in'), '--manifests', folder, '--json');
    expectHarmless(stdout);
    expect(JSON.stringify(JSON.parse(stdout))).toContain(JSON.stringify(HOSTILE).slice(1, -1));
  });

  it('escapes a hostile argument in its error message', () => {
    const { status, stderr } = ops('verify', join(folder, HOSTILE), '--manifests', folder);
    expect(status).not.toBe(0);
    expect(stderr).toContain('u009b');
    expectHarmless(stderr);
  });
});

describe('the embedded cloud and the quarantine with hostile names', () => {
  /** Refused, because it leaves its folder. */
  const KEY = `../${HOSTILE}`;
  let cloud: ChildProcess;
  let shown = '';
  let connected: { endpoint: string; region: string; env: Record<string, string> };

  beforeAll(async () => {
    const program = join(root, 'tools/local-cloud/src/cli.ts');
    cloud = spawn(process.execPath, [program, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let line = '';
    cloud.stdout?.on('data', (chunk: Buffer) => (line += chunk.toString()));
    cloud.stderr?.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    while (!line.includes('\n')) await sleep(50);
    const { endpoint, region, credentials, buckets, functions } = JSON.parse(line);
    const { accessKeyId, secretAccessKey } = credentials.admin;
    const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    connected = { endpoint, region, env };
    const lambda = new LambdaClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
    const s3 = {
      bucket: { name: buckets.landing },
      object: { key: encodeURIComponent(KEY), size: 1, eTag: 'e', versionId: 'v', sequencer: '0A' },
    };
    const record = { eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', eventTime: new Date(), s3 };
    const message = {
      // Log lines quote the message id, but no keys.
      messageId: HOSTILE,
      receiptHandle: 'r',
      body: JSON.stringify({ Records: [record] }),
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) },
      messageAttributes: {},
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:${region}:000000000000:q`,
      awsRegion: region,
    };
    const Payload = Buffer.from(JSON.stringify({ Records: [message] }));
    const FunctionName = Object.keys(functions).find((name) => name.endsWith('aggregator'));
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
    expect(answer.FunctionError).toBeUndefined();
    lambda.destroy();
    while (!shown.includes('quarantined')) await sleep(50);
  }, 60_000);
  afterAll(async () => {
    cloud.kill('SIGTERM');
    if (cloud.exitCode === null) await new Promise((resolve) => cloud.once('close', resolve));
  });

  const quarantine = (...args: string[]) => {
    const { endpoint, region, env } = connected;
    Object.assign(process.env, env, { AWS_REGION: region });
    return ops('quarantine', ...args, '--endpoint', endpoint);
  };

  it('npm run cloud escapes log lines and writes no colours to a pipe', () => {
    expect(shown).toContain('u009b2J');
    expect(shown).toContain('u202egnp');
    expectHarmless(shown);
  });

  it('ops quarantine list and show escape the key in text and keep its value in JSON', () => {
    const list = quarantine('list', '--json');
    expectHarmless(list.stdout);
    const { cases } = JSON.parse(list.stdout);
    expect(cases).toMatchObject([{ keys: [KEY] }]);
    const text = quarantine('list');
    expect(text.stdout).toContain('u009b2J');
    expectHarmless(text.stdout);
    for (const args of [[], ['--json']]) {
      const { stdout } = quarantine('show', cases[0].id, ...args);
      expectHarmless(stdout);
      expect(JSON.parse(stdout)).toMatchObject({ objects: [{ key: KEY }] });
    }
  });

  it('ops find escapes the key', () => {
    const { endpoint } = connected;
    const { stdout } = ops('find', KEY, '--endpoint', endpoint);
    expect(stdout).toContain('u009b2J');
    expectHarmless(stdout);
  });
});
