import { readTraceHeader } from './trace-header.ts';
import { sqsBatchSpan } from './root-spans.ts';

const root = 'Root=1-5759e988-bd862e3fe1be46a994272793';
const traceId = '5759e988bd862e3fe1be46a994272793';

describe('readTraceHeader', () => {
  it.each([
    [`${root};Parent=53995c3f42cd8ad8;Sampled=1`, true],
    [`Sampled=1;Parent=53995c3f42cd8ad8;${root};Lineage=1:a87bd80c:0`, true],
    [`${root};Parent=53995c3f42cd8ad8;Sampled=0`, false],
    [`${root}; Parent=53995c3f42cd8ad8`, false],
  ])('parses %s', (header, isSampled) => {
    expect(readTraceHeader(header)).toEqual({ traceId, spanId: '53995c3f42cd8ad8', isSampled });
  });

  it.each([
    undefined,
    '',
    root,
    'Root=1-5759e988-bd862e3fe1be46a994272793',
    'Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8',
    'Root=1-5759e988-bd862e3fe1be46a99427279Z;Parent=53995c3f42cd8ad8',
    `${root};Parent=53995C3F42CD8AD8`,
    `${';'.repeat(2_000)}${root};Parent=53995c3f42cd8ad8`,
  ])('rejects %j', (header) => {
    expect(readTraceHeader(header)).toBeUndefined();
  });
});

describe('a batch of messages', () => {
  const message = (messageId: string, AWSTraceHeader?: string) => ({
    messageId,
    eventSourceARN: 'arn:aws:sqs:eu-west-2:123456789012:notifications',
    attributes: { SentTimestamp: '1', ...(AWSTraceHeader !== undefined && { AWSTraceHeader }) },
  });

  it('links once to each trace of its senders', () => {
    const header = `${root};Parent=53995c3f42cd8ad8;Sampled=1`;
    const other = header.replace('bd86', 'cd86');
    const { name, links, attributes } = sqsBatchSpan([
      message('1', header),
      message('2'),
      message('3', 'nonsense'),
      message('4', header),
      message('5', other),
    ]);
    expect(name).toBe('process notifications');
    expect(attributes).toMatchObject({ 'messaging.batch.message_count': 5 });
    expect(links).toEqual([
      { traceId, spanId: '53995c3f42cd8ad8', attributes: { 'messaging.message.id': '1' } },
      expect.objectContaining({ attributes: { 'messaging.message.id': '5' } }),
    ]);
  });
});
