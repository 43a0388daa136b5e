import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { exit } from '@data-aggregator/operations/errors';
import { namedResources } from '@data-aggregator/operations/testing';
import { type StandIn, standInForAws } from '@data-aggregator/shared-processing/testing';
import { createOutput } from '../output.ts';
import { reconcile } from './reconcile.ts';
import { replay, type ReplayOptions } from './replay.ts';

/* Commands that invoke a function until it has done everything. A server answers in the place of Lambda. */

let aws: StandIn;
let lambda: LambdaClient;
/** Responses of the function, in order; then Lambda refuses. */
let answers: object[];
let requests: { path: string | undefined; event: Record<string, unknown> }[];

beforeAll(async () => {
  const server = createServer(async (request, response) => {
    requests.push({ path: request.url, event: (await json(request)) as Record<string, unknown> });
    const answer = answers.shift();
    response.writeHead(answer ? 200 : 429, {
      'content-type': 'application/json',
      'x-amzn-requestid': '1',
      ...(!answer && { 'x-amzn-errortype': 'TooManyRequestsException' }),
      ...(answer && 'errorMessage' in answer && { 'x-amz-function-error': 'Unhandled' }),
    });
    response.end(JSON.stringify(answer ?? { message: 'Rate exceeded' }));
  });
  aws = await standInForAws(server);
  lambda = new LambdaClient({ maxAttempts: 1 });
});
afterAll(async () => {
  lambda.destroy();
  await aws.stop();
});

function setUp(...responses: object[]) {
  answers = responses;
  requests = [];
  const [out, notes] = [[] as string[], [] as string[]];
  const streams = {
    out: (text: string) => void out.push(text),
    err: (text: string) => void notes.push(text),
  };
  return {
    context: {
      output: createOutput(true, streams),
      connection: async () => ({ lambda, resources: namedResources }),
    },
    result: () => (out.length > 0 ? (JSON.parse(out.join('')) as object) : undefined),
    notes,
  };
}

const copied = (bundle: string, more: object = {}) => ({
  requestId: 'r',
  executed: true,
  counts: { copied: 1 },
  bytes: 10,
  bundles: [{ bundle, kind: 'copied' }],
  ...more,
});
const restoring = (comeBackAt: string, more: object = {}) => ({
  ...copied('frozen', more),
  counts: { restoring: 1 },
  bundles: [{ bundle: 'frozen', kind: 'restoring' }],
  comeBackAt,
});
const choice: ReplayOptions = { bundle: ['a', 'b'], tier: 'Bulk', request: 'r', execute: true };

describe('replay', () => {
  it('sends the continuation of each response, and joins the responses', async () => {
    const continuation = { requestId: 'r', after: 'a' };
    const early = restoring('2026-11-26T10:00:00.000Z', { continuation });
    const { context, result } = setUp(
      copied('a', { continuation }),
      restoring('2026-11-27T10:00:00.000Z', { continuation }),
      early,
      copied('b'),
    );
    await expect(replay(context, choice)).resolves.toBe(exit.later);
    expect(requests).toMatchObject([
      {
        path: '/2015-03-31/functions/the-replayer/invocations',
        event: { requestId: 'r', bundles: ['a', 'b'] },
      },
      { event: continuation },
      { event: continuation },
      { event: continuation },
    ]);
    expect(result()).toMatchObject({
      counts: { copied: 2, restoring: 2 },
      bytes: 40,
      bundles: [{ bundle: 'a' }, { bundle: 'frozen' }, { bundle: 'frozen' }, { bundle: 'b' }],
      comeBackAt: '2026-11-27T10:00:00.000Z',
    });
  });

  it('names a new request before it begins, so that an interrupted one can be continued', async () => {
    const { context, notes } = setUp();
    const { request: _, ...anonymous } = choice;
    await expect(replay(context, anonymous)).rejects.toThrow('Rate exceeded');
    const name = requests[0]?.event['requestId'];
    expect(name).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{6}$/);
    expect(notes.join('')).toContain(name);
  });

  it('shows what it has done when a later invocation fails', async () => {
    const continuation = { requestId: 'r', after: 'a' };
    const { context, result } = setUp(copied('a', { continuation }), { errorMessage: 'no permission' });
    await expect(replay(context, choice)).rejects.toThrow('the-replayer failed: no permission');
    expect(result()).toMatchObject({ requestId: 'r', counts: { copied: 1 }, bundles: [{ bundle: 'a' }] });
  });

  it.each([
    ['failed', exit.findings],
    ['missing', exit.findings],
    ['restoring', exit.later],
    ['still-waiting', exit.success],
  ])('has an exit status for a bundle that is %s', async (kind, code) => {
    const { context } = setUp(copied('a', { counts: { copied: 1, [kind]: 1 } }));
    await expect(replay(context, choice)).resolves.toBe(code);
  });
});

describe('reconcile', () => {
  const part = (counts: object, more: object = {}) => ({
    from: '2026-11-26T08:00:00.000Z',
    to: '2026-11-26T09:00:00.000Z',
    counts,
    lost: [],
    ...more,
  });

  it('shows what it has done when a later invocation fails', async () => {
    const { context, result } = setUp(part({ lost: 2, requeued: 2 }, { continuation: { after: 'a' } }));
    await expect(reconcile(context, { execute: true })).rejects.toThrow('Rate exceeded');
    expect(result()).toMatchObject({ counts: { lost: 2, requeued: 2 } });
  });

  it.each([
    ['lost objects that were only counted', { lost: 1 }, false, exit.findings],
    ['lost objects that were requeued', { lost: 1, requeued: 1 }, true, exit.success],
    ['objects that the queue did not accept', { lost: 1, unsent: 1 }, true, exit.findings],
    ['objects whose bundle cannot be looked up', { undecided: 1 }, true, exit.findings],
    ['objects without a version', { unversioned: 1 }, true, exit.findings],
    ['nothing', { delivered: 1 }, false, exit.success],
  ])('has an exit status for %s in any part', async (_, counts, execute, code) => {
    const { context } = setUp(part(counts, { continuation: { after: 'a' } }), part({}));
    await expect(reconcile(context, execute ? { execute: true } : {})).resolves.toBe(code);
    expect(requests).toMatchObject([{ event: { dryRun: !execute, neverDelivered: false } }, {}]);
  });
});
