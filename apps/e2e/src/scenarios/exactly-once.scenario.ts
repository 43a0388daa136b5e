import type { Pipeline } from '@data-aggregator/pipeline-client/embedded';
import { notificationOf, recordOf, startSandbox } from '../testing/sandbox.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startSandbox();
});
afterAll(() => pipeline[Symbol.asyncDispose]());

describe('an object version', () => {
  it('with three simultaneous notifications is in one bundle', async () => {
    const { put, send, end } = pipeline;
    const object = await put('thrice.txt');
    await send(notificationOf(recordOf(object), recordOf(object)));
    await send(notificationOf(recordOf(object)));
    const { delivery, dead } = await end();
    expect(delivery).toMatchObject({ delivered: [object], missing: [], mismatched: [], quarantined: [] });
    expect(dead).toEqual([]);
  });

  it('that is requeued after the consumer deleted its bundle is not delivered again', async () => {
    const { put, send, end } = pipeline;
    const object = await put('later.txt');
    const before = await end();
    await send(notificationOf(recordOf(object)));
    const after = await end();
    expect(before.delivery.delivered).toContainEqual(object);
    expect(after.bundles).toHaveLength(before.bundles.length);
    expect(after.delivery).toMatchObject({ missing: [], mismatched: [], quarantined: [] });
  });

  it('is delivered in addition to later versions of its key', async () => {
    const { put, end } = pipeline;
    const versions = [
      await put('again.txt', 'first'),
      await put('again.txt', 'second'),
      await put('again.txt', 'second'),
    ];
    const { delivery } = await end();
    expect(delivery).toMatchObject({ missing: [], mismatched: [], quarantined: [] });
    expect(delivery.delivered).toEqual(expect.arrayContaining(versions));
    const third = await put('again.txt', 'third, after the others were taken');
    expect((await end()).delivery.delivered).toContainEqual(third);
  });
});

describe('repeated deliveries', () => {
  it('of every message, three times, deliver every file once', async () => {
    await using pipeline = await startSandbox();
    const { put, send, end } = pipeline;
    const files = await Promise.all(Array.from({ length: 40 }, (_, index) => put(`file ${index}`)));
    // S3 has sent the first of the three.
    for (const _ of [2, 3]) await Promise.all(files.map((file) => send(notificationOf(recordOf(file)))));
    const { delivery, dead } = await end();
    expect(delivery).toMatchObject({ missing: [], mismatched: [], quarantined: [] });
    expect(delivery.delivered).toHaveLength(files.length);
    expect(dead).toEqual([]);
  });
});
