import { startCloud, type Cloud, type Credentials, type LogLine } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';
import { signedFetch } from '../testing/signed-fetch.ts';

let cloud: Cloud;
const lines: LogLine[] = [];
beforeAll(async () => {
  cloud = await startCloud({ assembly: writeAssembly(fixture) });
  cloud.onLog((line) => lines.push(line));
});
afterAll(() => cloud.stop());

/** A call in the form of SDKs, because no EventBridge client is installed. */
async function putEvents(body: object, credentials: Credentials = cloud.credentials.admin) {
  const answer = await signedFetch(cloud.endpoint, {
    service: 'events',
    credentials,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, answer: (await answer.json()) as Record<string, unknown> };
}

const order = (detail: object, more: object = {}) => ({
  Source: 'orders',
  DetailType: 'Order placed',
  Detail: JSON.stringify({ ...detail, log: true }),
  ...more,
});
/** Events received by functions since the last call. */
const logged = () =>
  lines.splice(0).flatMap(({ text }) => {
    const [event] = /\{"version".*/.exec(text) ?? [];
    return event === undefined ? [] : [JSON.parse(event) as unknown];
  });

describe('PutEvents', () => {
  test('invokes the function of each matching rule with the event', async () => {
    const matching = order({ amount: 11 }, { Resources: ['arn:some'], Time: 1_767_225_600 });
    const { status, answer } = await putEvents({ Entries: [matching, order({ amount: 10 })] });
    expect({ status, answer }).toEqual({
      status: 200,
      answer: {
        FailedEntryCount: 0,
        Entries: [{ EventId: expect.any(String) }, { EventId: expect.any(String) }],
      },
    });
    await cloud.idle();
    expect(logged()).toEqual([
      {
        version: '0',
        id: (answer as { Entries: { EventId: string }[] }).Entries[0]?.EventId,
        'detail-type': 'Order placed',
        source: 'orders',
        account: '000000000000',
        time: '2026-01-01T00:00:00Z',
        region: cloud.region,
        resources: ['arn:some'],
        detail: { amount: 11, log: true },
      },
    ]);
  });

  test('refuses individual entries and accepts the others', async () => {
    const { answer } = await putEvents({
      Entries: [
        order({ amount: 1 }, { Source: undefined }),
        order({ amount: 1 }, { Detail: '[1]' }),
        order({ amount: 1 }, { Source: 'aws.s3' }),
        order({ amount: 1 }, { EventBusName: 'own' }),
        order({ amount: 12 }),
      ],
    });
    expect(answer).toMatchObject({
      FailedEntryCount: 4,
      Entries: [
        { ErrorCode: 'InvalidArgument', ErrorMessage: expect.stringContaining('Source') },
        { ErrorCode: 'MalformedDetail' },
        { ErrorCode: 'NotAuthorizedForSourceException' },
        { ErrorCode: 'ResourceNotFoundException' },
        { EventId: expect.any(String) },
      ],
    });
    await cloud.idle();
    expect(logged()).toHaveLength(1);
  });

  test('accepts one to ten entries', async () => {
    for (const Entries of [[], Array.from({ length: 11 }, () => order({ amount: 12 }))]) {
      expect(await putEvents({ Entries })).toMatchObject({
        status: 400,
        answer: { __type: 'ValidationException' },
      });
    }
    await cloud.idle();
    expect(logged()).toEqual([]);
  });

  test('needs events:PutEvents on the bus, and a known access key', async () => {
    const reader = cloud.credentials.perRole['reader-role'];
    const { status, answer } = await putEvents({ Entries: [order({ amount: 12 })] }, reader);
    expect({ status, type: answer['__type'] }).toEqual({ status: 400, type: 'AccessDeniedException' });
    expect(answer['message']).toContain(
      `events:PutEvents on resource: arn:aws:events:${cloud.region}:000000000000:event-bus/default`,
    );
    expect(
      await putEvents({ Entries: [] }, { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' }),
    ).toMatchObject({
      answer: { __type: 'UnrecognizedClientException' },
    });
  });
});
