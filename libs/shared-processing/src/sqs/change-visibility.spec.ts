import { createServer, type RequestListener } from 'node:http';
import { json } from 'node:stream/consumers';
import { CallError } from '../errors/index.ts';
import { manualClock, type StandIn, standInForAws } from '../testing/index.ts';
import { createChangeVisibilityBatch, createVisibilityTimer, type VisibilityChange } from './index.ts';

const changes = (count: number): VisibilityChange[] =>
  Array.from({ length: count }, (_, n) => ({ receiptHandle: `receipt-${n}`, seconds: n }));

describe('createVisibilityTimer', () => {
  const timer = (changeBatch: Parameters<typeof createVisibilityTimer>[0]) => {
    const onUnchanged = jest.fn();
    const rules = { clock: manualClock(), random: () => 0.5, onUnchanged };
    return { onUnchanged, timer: createVisibilityTimer(changeBatch, rules) };
  };

  it('sends ten messages per request, and nothing for none', async () => {
    const sizes: number[] = [];
    const { timer: t, onUnchanged } = timer(async (batch) => {
      sizes.push(batch.length);
      return batch.map(() => undefined);
    });
    await t.change([]);
    await t.change(changes(23));
    expect(sizes.sort()).toEqual([10, 10, 3]);
    expect(onUnchanged).not.toHaveBeenCalled();
  });

  it('ignores a message that is no longer ours, and reports any other refusal', async () => {
    const codes = [
      'ReceiptHandleIsInvalid',
      'MessageNotInflight',
      'InvalidParameterValue',
      'InternalError',
      undefined,
    ];
    const { timer: t, onUnchanged } = timer(async (batch) => batch.map((_, n) => codes[n]));
    await t.change(changes(5));
    expect(onUnchanged.mock.calls).toEqual([[1, 'InternalError']]);
  });

  it('does not throw if a request fails, and sends the others', async () => {
    const error = new CallError('a call', { outcome: 'refused', code: 'AccessDeniedException', status: 403 });
    const { timer: t, onUnchanged } = timer(async (batch) => {
      if (batch[0]?.seconds === 0) throw error;
      return batch.map(() => undefined);
    });
    await t.change(changes(20));
    expect(onUnchanged.mock.calls).toEqual([[10, error]]);
  });

  it('retries once after a lost response', async () => {
    let calls = 0;
    const { timer: t, onUnchanged } = timer(async (batch) => {
      if (++calls === 1) throw new CallError('a call', { outcome: 'unknown', code: 'ECONNRESET' });
      return batch.map(() => undefined);
    });
    await t.change(changes(1));
    expect(calls).toBe(2);
    expect(onUnchanged).not.toHaveBeenCalled();
  });

  it('does not wait for a request under way once its signal aborts', async () => {
    const controller = new AbortController();
    const { timer: t } = timer(() => new Promise(() => undefined));
    const changed = t.change(changes(1), controller.signal);
    controller.abort();
    await expect(changed).resolves.toBeUndefined();
  });

  it('sends nothing more once its signal has aborted', async () => {
    const changeBatch = jest.fn();
    const { timer: t, onUnchanged } = timer(changeBatch);
    await t.change(changes(3), AbortSignal.abort());
    expect(changeBatch).not.toHaveBeenCalled();
    expect(onUnchanged).toHaveBeenCalledWith(3, 'no time was left');
  });
});

describe('createChangeVisibilityBatch', () => {
  let aws: StandIn;
  let respond: RequestListener;
  let requests: { target: unknown; document: unknown }[];
  beforeAll(async () => {
    aws = await standInForAws(
      createServer(async (request, response) => {
        requests.push({ target: request.headers['x-amz-target'], document: await json(request) });
        respond(request, response);
      }),
    );
  });
  beforeEach(() => {
    requests = [];
  });
  afterAll(() => aws.stop());

  const responding =
    (status: number, document: object): RequestListener =>
    (_request, response) =>
      void response
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': '1' })
        .end(JSON.stringify(document));

  it('reads which changes failed in a response with status 200', async () => {
    const queueUrl = `${aws.endpoint}/000000000000/queue`;
    respond = responding(200, {
      Successful: [{ Id: '0' }],
      Failed: [{ Id: '1', Code: 'ReceiptHandleIsInvalid', SenderFault: true }],
    });
    await expect(createChangeVisibilityBatch(queueUrl)(changes(2))).resolves.toEqual([
      undefined,
      'ReceiptHandleIsInvalid',
    ]);
    expect(requests).toEqual([
      {
        target: 'AmazonSQS.ChangeMessageVisibilityBatch',
        document: {
          QueueUrl: queueUrl,
          Entries: [
            { Id: '0', ReceiptHandle: 'receipt-0', VisibilityTimeout: 0 },
            { Id: '1', ReceiptHandle: 'receipt-1', VisibilityTimeout: 1 },
          ],
        },
      },
    ]);
  });

  it('throws when SQS refuses the request as a whole', async () => {
    respond = responding(403, { __type: 'com.amazonaws.sqs#AccessDeniedException', message: 'no' });
    await expect(
      createChangeVisibilityBatch(`${aws.endpoint}/000000000000/queue`)(changes(1)),
    ).rejects.toMatchObject({ name: 'CallError', outcome: 'refused', code: 'AccessDeniedException' });
  });
});
