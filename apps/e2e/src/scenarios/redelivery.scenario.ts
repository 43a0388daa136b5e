import { notificationOf, recordOf, startSandbox } from '../testing/sandbox.ts';

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
