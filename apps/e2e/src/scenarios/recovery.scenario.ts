import { setTimeout as sleep } from 'node:timers/promises';
import { replayKey } from '@data-aggregator/shared-processing/bundle-key';
import { notificationOf, recordOf, startSandbox, withoutNotifications } from '../testing/sandbox.ts';
import { inTurn, withVariables } from '../testing/templates.ts';

describe('recovery', () => {
  it('the reconciler finds files whose event was lost, and all are delivered', async () => {
    // Files count as lost after 3 minutes; here they are that old after a second.
    const impatient = withVariables('reconciler', { SLO_SECONDS: '1' });
    await using pipeline = await startSandbox({
      transformTemplate: inTurn(withoutNotifications, impatient),
    });
    const { cloud, put, send, end } = pipeline;
    const files = await Promise.all(Array.from({ length: 40 }, (_, index) => put(`file ${index}`)));
    const notified = files.filter((_, index) => index % 20 !== 7);
    await send(notificationOf(...notified.map(recordOf)));
    const { delivery: before } = await end();
    expect(before.missing).toEqual(['file 7', 'file 27']);

    await sleep(1_000);
    const result = await cloud.invoke('reconciler', {});
    expect(JSON.parse(result.payload)).toMatchObject({
      counts: { examined: 40, delivered: 38, lost: 2, requeued: 2 },
      done: true,
    });
    const { delivery } = await end();
    expect(delivery).toMatchObject({ missing: [], mismatched: [], quarantined: [] });
    expect(delivery.delivered).toHaveLength(40);
  });

  it('the replayer delivers the bundles of an hour again, once', async () => {
    await using pipeline = await startSandbox();
    const { cloud, services, put, end, receive } = pipeline;
    for (const key of ['one', 'two']) {
      await put(key);
      await end();
    }
    const bundles = [...(await end()).bundles];
    const hour = {
      requestId: 'the-hour',
      from: new Date(Date.now() - 3_600_000).toISOString(),
      to: new Date(Date.now() + 60_000).toISOString(),
      execute: true,
    };
    const { payload } = await cloud.invoke('replayer', hour);
    expect(JSON.parse(payload)).toMatchObject({ counts: { copied: bundles.length, failed: 0 }, done: true });

    // The consumer has put the files of both on disk once more.
    const again = (await receive()).bundles.slice(bundles.length);
    expect(
      again.flatMap(({ problems, members }) => [
        ...problems,
        ...members.flatMap(({ problem }) => problem ?? []),
      ]),
    ).toEqual([]);
    const filesOf = (prefix: string, items: typeof again) =>
      items
        .flatMap(({ key, members }) =>
          members.map((member) => `${prefix}${key} ${member.key} ${member.extractedSha256}`),
        )
        .sort();
    expect(filesOf('', again)).toEqual(filesOf(replayKey('the-hour', ''), bundles));
    expect(again).toHaveLength(2);

    const repeated = await cloud.invoke('replayer', hour);
    expect(JSON.parse(repeated.payload)).toMatchObject({ counts: { copied: 0, 'already-there': 2 } });
    expect(await services.consumer.list()).toEqual([]);
  });
});
