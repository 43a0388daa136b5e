import { createRecording } from './recording.ts';
import { invocationSpan } from './root-spans.ts';
import type { Span } from './span.ts';

const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
let time: number;
const record = (work: (span: Span) => Promise<unknown>) => {
  time = 1_763_852_394_000;
  const recording = createRecording(parent, () => time);
  return { recording, done: recording.run(invocationSpan('other', 'work'), work) };
};

describe('a recording', () => {
  it('is a tree below Lambda’s span, with times in nanoseconds', async () => {
    const { recording, done } = record((span) =>
      span.child('bundle', { members: 3, share: 0.5, isLast: true, left: undefined }, async (bundle) => {
        time += 7;
        bundle.set({ bytes: 12 });
        return 'result';
      }),
    );
    await expect(done).resolves.toBe('result');
    const [root, bundle] = recording.spans;
    expect(root).toMatchObject({
      ...parent,
      parentSpanId: parent.spanId,
      spanId: expect.any(String),
      kind: 2,
    });
    expect(root?.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(bundle).toMatchObject({
      traceId: parent.traceId,
      parentSpanId: root?.spanId,
      kind: 1,
      startTimeUnixNano: '1763852394000000000',
      endTimeUnixNano: '1763852394007000000',
      attributes: [
        { key: 'members', value: { intValue: '3' } },
        { key: 'share', value: { doubleValue: 0.5 } },
        { key: 'isLast', value: { boolValue: true } },
        { key: 'bytes', value: { intValue: '12' } },
      ],
      status: {},
    });
  });

  it('marks a failed span, and rethrows the error', async () => {
    const { recording, done } = record((span) =>
      span.child('step', {}, () => Promise.reject(new TypeError('no \u001b[31mluck'))),
    );
    await expect(done).rejects.toThrow(TypeError);
    const failed = {
      status: { code: 2, message: 'no \ufffd[31mluck' },
      attributes: expect.arrayContaining([{ key: 'error.type', value: { stringValue: 'TypeError' } }]),
    };
    expect(recording.spans).toMatchObject([failed, failed]);
  });

  it.each([
    ['a\u0000\r\nb', 'a\ufffd\ufffd\ufffdb'],
    ['\u202egpj.exe', '\ufffdgpj.exe'],
    ['lone \ud800', 'lone \ufffd'],
    ['x'.repeat(5_000), 'x'.repeat(1_024)],
    [`${'x'.repeat(1_023)}😀`, `${'x'.repeat(1_023)}\ufffd`],
    ['é 日本 "quoted" \\', 'é 日本 "quoted" \\'],
  ])('records %j as %j', async (hostile, told) => {
    const { recording, done } = record(async (span) => span.event('file', { key: hostile }));
    await done;
    expect(recording.spans[0]?.events[0]?.attributes).toEqual([{ key: 'key', value: { stringValue: told } }]);
  });

  it('stays below X-Ray’s limits for spans and requests, and counts what it drops', async () => {
    const { recording, done } = record(async (span) => {
      for (let bundle = 0; bundle < 2_000; bundle++) {
        await span.child('bundle', {}, async (child) => {
          for (let file = 0; file < 300; file++)
            child.event('file', { key: '日'.repeat(1_024), bundle, file });
        });
      }
    });
    await done;
    const sizes = recording.spans.map((span) => Buffer.byteLength(JSON.stringify(span)));
    expect(Math.max(...sizes)).toBeLessThan(200_000);
    expect(sizes.reduce((a, b) => a + b)).toBeLessThan(5_000_000);
    expect(recording.spans).toHaveLength(1_000);
    for (const { events, droppedEventsCount } of recording.spans.slice(1)) {
      expect(events.length + droppedEventsCount).toBe(300);
    }
  });
});
