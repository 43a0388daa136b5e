import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '@data-aggregator/local-cloud';
import { CallError } from '@data-aggregator/shared-processing/errors';
import type { LedgerTable } from '@data-aggregator/shared-processing/ledger';
import type { KeyState, MultipartStore } from '@data-aggregator/shared-processing/s3';
import { exitOf } from '../commands/probe.ts';
import { runOps } from '../commands/program.ts';
import { type Assumption, type Pace, PACES, type Probe, type Requests } from './assumption.ts';
import { assumptions } from './checks/index.ts';
import { probePolicy } from './permissions.ts';
import { priceOf } from './price.ts';
import { connect, createClients, examine, type Finding, type ProbeRun, runProbe } from './run.ts';
import { createScratch, removeScratch, scratchNames } from './scratch.ts';

/*
 * Everything that the probe tests on AWS holds in the embedded cloud. The clouds' clients have the documented permissions
 * and no others.
 */

const ROLE = 'prober';
const environment = { ...process.env };
let folder: string;
let cloud: Cloud;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'probe-'));
  const write = (file: string, content: object) => writeFileSync(join(folder, file), JSON.stringify(content));
  const properties = { templateFile: 'stack.template.json', stackName: 'probe' };
  write('manifest.json', {
    version: '48.0.0',
    artifacts: { stack: { type: 'aws:cloudformation:stack', properties } },
  });
  write('stack.template.json', {
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: ROLE,
          AssumeRolePolicyDocument: {},
          Policies: [{ PolicyName: 'probe', PolicyDocument: probePolicy({ account: '*', region: '*' }) }],
        },
      },
    },
  });
  cloud = await startCloud({ assembly: folder });
  const { endpoint, region, credentials } = cloud.clientConfig(ROLE);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
}, 30_000);

afterAll(async () => {
  await cloud.stop();
  process.env = environment;
  rmSync(folder, { recursive: true });
});

async function ops(words: readonly string[], more: Partial<Parameters<typeof runOps>[1]> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runOps(words, {
    env: process.env,
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    ...more,
  });
  return { code, out: out.join(''), err: err.join('') };
}

const never = new AbortController().signal;
const ignore: (sentence: string) => void = () => undefined;

/** Runs checks without the command. */
function run(checks: readonly Assumption[], suffix: string, pace: Pace = PACES.local, note = ignore) {
  return runProbe(checks, scratchNames(suffix), createClients(), { pace, signal: never, note });
}

afterEach(() => {
  cloud.faults.s3 = cloud.faults.sqs = cloud.faults.dynamodb = undefined;
});

/** What exists in the cloud. */
async function everything(): Promise<unknown[]> {
  const config = cloud.clientConfig();
  const [{ Buckets = [] }, { TableNames = [] }, { QueueUrls = [] }] = await Promise.all([
    new S3Client(config).send(new ListBucketsCommand()),
    new DynamoDBClient(config).send(new ListTablesCommand()),
    new SQSClient(config).send(new ListQueuesCommand()),
  ]);
  return [...Buckets, ...TableNames, ...QueueUrls];
}

/** Counts what AWS would bill, by the names of the operations. */
function countRequests(): Required<Requests> {
  const counts = { s3Put: 0, s3Get: 0, sqs: 0, dynamoWrite: 0, dynamoRead: 0 };
  cloud.faults.s3 = ({ operation }) => {
    if (/^(Get|Head)Object$/.test(operation)) counts.s3Get++;
    else if (!/^(Delete|Abort)/.test(operation)) counts.s3Put++;
    return undefined;
  };
  cloud.faults.sqs = () => {
    counts.sqs++;
    return undefined;
  };
  cloud.faults.dynamodb = ({ operation }) => {
    if (operation === 'PutItem') counts.dynamoWrite++;
    if (operation === 'GetItem') counts.dynamoRead++;
    return undefined;
  };
  return counts;
}

it('finds that every assumption holds in the embedded cloud, and leaves nothing behind', async () => {
  const { code, out, err } = await ops(['probe', '--json']);
  const report = JSON.parse(out) as { findings: Finding[] };
  expect(report.findings.filter(({ outcome }) => outcome !== 'held')).toEqual([]);
  expect(report.findings.map(({ name }) => name)).toEqual(assumptions.map(({ name }) => name));
  expect(report).toMatchObject({ target: 'local', interrupted: false, leftovers: [] });
  expect(err).toMatch(/Together 0\.\d{4} USD at most/);
  expect(code).toBe(0);
  await expect(everything()).resolves.toEqual([]);
}, 60_000);

it('makes no more requests than its price contains', async () => {
  const counts = countRequests();
  const pace = { ...PACES.local, rounds: PACES.aws.rounds, stallMs: 1, settleMs: 10 };
  await run(assumptions, 'counted', pace);
  const all = priceOf(assumptions, 'us-east-1').lines.map(({ quantity }) => quantity);
  const [s3Put = 0, s3Get = 0, sqs = 0, dynamoWrite = 0, dynamoRead = 0] = all;
  const most = {
    s3Put: s3Put * 1e3,
    s3Get: s3Get * 1e3,
    sqs: sqs * 1e6,
    dynamoWrite: dynamoWrite * 1e6,
    dynamoRead: dynamoRead * 1e6,
  };
  for (const [name, count] of Object.entries(counts)) {
    expect({ name, count }).toEqual({ name, count: expect.any(Number) });
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(Math.round(most[name as keyof Requests]));
  }
}, 60_000);

it('asks on AWS, and does nothing without consent', async () => {
  const asked: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return 'n';
  };
  const env = { ...process.env };
  await expect(ops(['probe', '--target', 'aws'], { env, ask })).resolves.toMatchObject({
    code: 0,
    out: '',
    err: expect.stringContaining('Together 0.'),
  });
  expect(asked).toEqual(['Start? (y/N) ']);
  await expect(ops(['probe', '--target', 'aws'], { env })).resolves.toMatchObject({
    code: 2,
    err: expect.stringContaining('add --yes'),
  });
});

it('removes what it created after Ctrl-C, and says so by its exit status', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts'), 'probe', '--json'], {
    env: process.env,
  });
  const closed = once(child, 'close');
  const out = text(child.stdout);
  for await (const chunk of child.stderr.setEncoding('utf8'))
    if (/: held/.test(String(chunk)) && !child.killed) child.kill('SIGINT');
  const report = JSON.parse(await out) as { findings: Finding[] };
  expect(report).toMatchObject({ interrupted: true, leftovers: [] });
  expect(report.findings.length).toBeLessThan(assumptions.length);
  await expect(closed).resolves.toEqual([4, null]);
  await expect(everything()).resolves.toEqual([]);
}, 30_000);

it('is complete if Ctrl-C comes after the last check', async () => {
  const controller = new AbortController();
  const note = (line: string) => {
    if (line.startsWith('consistent-read')) controller.abort();
  };
  const checks = named('consistent-read');
  const surroundings = { pace: PACES.local, signal: controller.signal, note };
  await expect(
    runProbe(checks, scratchNames('complete'), createClients(), surroundings),
  ).resolves.toMatchObject({ findings: [{ outcome: 'held' }], interrupted: false });
});

it('removes what it created after a failure', async () => {
  cloud.faults.s3 = ({ operation }) =>
    operation === 'PutBucketVersioning' ? { status: 500, code: 'InternalError' } : undefined;
  await expect(run(assumptions, 'failing')).rejects.toThrow(
    /^The scratch resources could not be created: .*internal error/,
  );
  await expect(everything()).resolves.toEqual([]);
});

const options = { pace: PACES.local, signal: never, note: ignore };

it('removes what it creates while another creation fails', async () => {
  const clients = createClients();
  clients.dynamo.middlewareStack.add(
    (next, { commandName }) =>
      (args) =>
        commandName === 'CreateTableCommand' ? Promise.reject(new Error('one table too many')) : next(args),
    { step: 'initialize', name: 'failing' },
  );
  await expect(runProbe(assumptions, scratchNames('half'), clients, options)).rejects.toThrow(
    'one table too many',
  );
  await expect(everything()).resolves.toEqual([]);
});

it('removes the bucket although an upload that it lists is gone', async () => {
  const clients = createClients();
  clients.s3.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'AbortMultipartUploadCommand') await next(args);
        return next(args);
      },
    { step: 'initialize', name: 'aborting twice' },
  );
  const begins: Assumption = {
    ...{ name: 'a', assumption: 'b', source: 'c', requests: {} },
    async check({ multipart, names }) {
      await multipart.create({ bucket: names.bucket, key: 'k', contentType: 'application/gzip' });
      return { outcome: 'held', observed: 'd' };
    },
  };
  await expect(runProbe([begins], scratchNames('uploading'), clients, options)).resolves.toMatchObject({
    leftovers: [],
  });
  await expect(everything()).resolves.toEqual([]);
});

it('lists what it could not remove', async () => {
  cloud.faults.s3 = ({ operation }) =>
    operation === 'DeleteBucket' ? { status: 500, code: 'InternalError' } : undefined;
  const said: string[] = [];
  const { leftovers } = await run(named('consistent-read'), 'leftover', PACES.local, (line) =>
    said.push(line),
  );
  const resource = 'the bucket data-aggregator-probe-leftover';
  expect(leftovers).toEqual([{ resource, why: expect.any(String) }]);
  expect(said.at(-1)).toBe(`Could not remove ${resource}: ${leftovers[0]?.why}`);
  cloud.faults.s3 = undefined;
  await expect(removeScratch(scratchNames('leftover'), createClients())).resolves.toEqual([]);
  await expect(everything()).resolves.toEqual([]);
});

it.each([
  ['all held', {}, 0],
  ['one did not hold', { outcome: 'not-held' as const }, 3],
  ['one could not be tested', { outcome: 'not-tested' as const }, 3],
  ['something is left over', { leftovers: [{ resource: 'x', why: 'y' }] }, 3],
  ['it was interrupted', { interrupted: true }, 4],
])(
  'has the exit status of its result: %s',
  (_, { outcome = 'held' as const, ...run }: Partial<ProbeRun & Finding>, code) => {
    const finding = { name: 'a', assumption: 'b', source: 'c', observed: 'd', outcome };
    expect(exitOf({ findings: [finding], interrupted: false, leftovers: [], ...run })).toBe(code);
  },
);

it('reports a check that a fault kept from finding anything out as not tested', async () => {
  cloud.faults.dynamodb = ({ operation }) =>
    operation === 'PutItem' ? { status: 400, code: 'ThrottlingException' } : undefined;
  const { findings } = await run(named('concurrent-claims'), 'throttled');
  expect(findings).toMatchObject([
    { outcome: 'not-tested', observed: expect.stringContaining('Throttling') },
  ]);
});

function named(name: string): Assumption[] {
  return assumptions.filter((assumption) => assumption.name === name);
}

type Alter = (probe: Probe) => Probe;

const withMultipart =
  (change: (probe: Probe) => Partial<MultipartStore>): Alter =>
  (probe) => ({ ...probe, multipart: { ...probe.multipart, ...change(probe) } });
const withTable =
  (change: (table: LedgerTable) => Partial<LedgerTable>): Alter =>
  (probe) => ({ ...probe, table: { ...probe.table, ...change(probe.table) } });
const withHead =
  (head: () => KeyState): Alter =>
  (probe) => ({ ...probe, store: { ...probe.store, head: async () => head() } });

/** Loses a header of every request, or a parameter of its query. */
const losing =
  (name: string): Alter =>
  (probe) => {
    const { s3 } = createClients();
    s3.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { headers: Record<string, string>; query: Record<string, string> };
        Reflect.deleteProperty(request.headers, name);
        Reflect.deleteProperty(request.query, name);
        return next(args);
      },
      { step: 'build', name: 'losing' },
    );
    const holdPut: Probe['holdPut'] = ({ headers: { [name]: _lost, ...headers } = {}, ...request }) =>
      probe.holdPut({ ...request, headers });
    return { ...probe, s3, holdPut };
  };

/** Changes responses of SQS, or swallows requests. */
const withSqs =
  (change: (operation: string, input: object, perform: () => Promise<object>) => Promise<object>): Alter =>
  (probe) => {
    const sqs = new SQSClient({});
    sqs.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          let result: Awaited<ReturnType<typeof next>> | undefined;
          const output = await change(
            commandName,
            args.input,
            async () => (result = await next(args)).output,
          );
          return { response: undefined, ...result, output: { $metadata: {}, ...output } };
        },
      { step: 'initialize', name: 'changing' },
    );
    return { ...probe, sqs };
  };

const nothing = async () => undefined;
const refused = () =>
  Promise.reject(new CallError('COMPLETE', { outcome: 'refused', code: 'PreconditionFailed', status: 412 }));
const present: KeyState = { kind: 'present', metadata: {} };
/** Receives that change the attributes of messages. */
const changingAttribute = (name: string, value: string) =>
  withSqs(async (operation, input, perform) => {
    const output: { Messages?: { Attributes?: Record<string, string> }[] } = await perform();
    const isDead = /-dead"/.test(JSON.stringify(input));
    if (operation !== 'ReceiveMessageCommand' || (name === 'SentTimestamp' && !isDead)) return output;
    const Messages = output.Messages?.map((message) => ({
      ...message,
      Attributes: { ...message.Attributes, [name]: value },
    }));
    return { ...output, ...(Messages && { Messages }) };
  });
/** Events with one sequencer. */
const withoutOrder = withSqs(async (operation, _input, perform) => {
  const output: { Messages?: { Body?: string }[] } = await perform();
  if (operation !== 'ReceiveMessageCommand' || !output.Messages) return output;
  const Messages = output.Messages.map((message) => ({
    ...message,
    Body: message.Body?.replace(/"sequencer":"[^"]*"/g, '"sequencer":"00AA"'),
  }));
  return { ...output, Messages };
});

/** A delete that leaves the object. */
const withHeldObject: Alter = (probe) => {
  const { s3 } = createClients();
  s3.middlewareStack.add(
    (next, { commandName }) =>
      (args) =>
        commandName === 'DeleteObjectCommand'
          ? Promise.resolve({ response: undefined, output: { $metadata: {} } } as never)
          : next(args),
    { step: 'initialize', name: 'keeping' },
  );
  return { ...probe, s3 };
};

describe('an assumption that does not hold', () => {
  const abortsNothing = withMultipart(() => ({ abort: nothing }));
  const removesObject = withMultipart(({ s3 }) => ({
    abort: async ({ bucket, key }) =>
      void (await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))),
  }));
  const completesLate = withMultipart(({ multipart, sleep }) => ({
    abort: nothing,
    complete: async (...completion) => {
      await sleep(60);
      await multipart.complete(...completion);
    },
  }));
  const unconditional = withTable((table) => ({ put: (item) => table.put(item) }));
  const accepts = withMultipart(() => ({ complete: nothing }));
  let looks = 0;

  const broken: [name: string, alter: Alter][] = [
    ['abort-before-complete', abortsNothing],
    ['abort-after-complete', removesObject],
    ['abort-races-complete', completesLate],
    ['part-after-abort', abortsNothing],
    ['part-in-flight-at-abort', abortsNothing],
    [
      'full-object-checksum',
      withMultipart(({ multipart }) => ({
        complete: (upload, parts, whole) =>
          multipart.complete(upload, parts, { ...whole, size: 5 * 1024 ** 2 + 13 }),
      })),
    ],
    ['complete-over-object', accepts],
    ['put-over-object', losing('if-none-match')],
    ['put-over-delete-marker', withHeldObject],
    ['complete-over-delete-marker', withMultipart(() => ({ complete: refused }))],
    ['concurrent-puts', losing('if-none-match')],
    ['concurrent-completes', accepts],
    ['head-of-deleted-key', withHead(() => ({ kind: 'absent' }))],
    ['stalled-put', withHead(() => present)],
    ['stalled-put-condition', losing('if-none-match')],
    ['cut-put', withHead(() => present)],
    ['abandoned-put', withHead(() => (++looks % 11 === 0 ? present : { kind: 'absent' }))],
    ['get-version', losing('versionId')],
    ['get-if-match', losing('if-match')],
    ['list-versions', losing('prefix')],
    [
      'events-arrive',
      withSqs(async (_operation, _input, perform) => ({ ...(await perform()), Messages: [] })),
    ],
    ['sequencer-orders', withoutOrder],
    ['expired-item', unconditional],
    ['concurrent-claims', unconditional],
    ['concurrent-takeovers', unconditional],
    ['consistent-read', withTable(() => ({ get: nothing }))],
    ['visibility-and-count', changingAttribute('ApproximateReceiveCount', '1')],
    ['visibility-zero', changingAttribute('ApproximateReceiveCount', '1')],
    ['dead-letter-keeps-time', changingAttribute('SentTimestamp', '1')],
  ];

  it('is looked for in every check', () => {
    expect(broken.map(([name]) => name).sort()).toEqual(assumptions.map(({ name }) => name).sort());
  });

  it.each(broken)(
    'is reported: %s',
    async (name, alter) => {
      const clients = createClients();
      const names = scratchNames(name);
      try {
        const queueUrls = await createScratch(names, clients, ignore);
        const pace = { ...PACES.local, rounds: 2, eventsMs: 500 };
        const probe = alter(connect(names, queueUrls, clients, pace, never));
        const [assumption] = named(name);
        if (!assumption) throw new Error(`there is no check ${name}`);
        await expect(examine(assumption, probe, never)).resolves.toMatchObject({ name, outcome: 'not-held' });
      } finally {
        await removeScratch(names, clients);
      }
    },
    30_000,
  );
});

it('does not judge by a message that an earlier check has left', async () => {
  const clients = createClients();
  const names = scratchNames('stale');
  try {
    const queueUrls = await createScratch(names, clients, ignore);
    const QueueUrl = queueUrls.work;
    await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'stale' }));
    const { Messages = [] } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const ReceiptHandle = Messages[0]?.ReceiptHandle;
    const back = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    await clients.sqs.send(back);
    const probe = connect(names, queueUrls, clients, PACES.local, never);
    const check = () => Promise.all(named('visibility-zero').map((one) => examine(one, probe, never)));
    await expect(check()).resolves.toMatchObject([{ outcome: 'held' }]);
  } finally {
    await removeScratch(names, clients);
  }
});

it('documents its permissions', () => {
  const operations = readFileSync(join(import.meta.dirname, '../../../../docs/operations.md'), 'utf8');
  const [, policy = ''] = /### Permissions of the probe[\s\S]*?```json\n([\s\S]*?)```/.exec(operations) ?? [];
  expect(JSON.parse(policy)).toEqual(probePolicy({ account: '111122223333', region: 'eu-west-2' }));
});

it('is the list of assumptions in the guarantee', () => {
  const guarantee = readFileSync(join(import.meta.dirname, '../../../../docs/guarantee.md'), 'utf8');
  const section = guarantee.split('\n## What it assumes about AWS\n')[1]?.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| `([a-z-]+)` *\| (.*?) *\| \[[^\]]*\]\(([^)]*)\) *\|$/gm)];
  expect(rows.map(([, name, assumption, source]) => ({ name, assumption, source }))).toEqual(
    assumptions.map(({ name, assumption, source }) => ({ name, assumption, source })),
  );
});
