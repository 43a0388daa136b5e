import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from '@data-aggregator/local-cloud';
import { intakeOf } from '@data-aggregator/pipeline-client';
import { startSandbox } from '../testing/sandbox.ts';
import { withProperties } from '../testing/templates.ts';

/** The alarms of that name's end which are on: `errors` for `data-aggregator-sandbox-aggregator-errors`. */
async function on(cloud: Cloud): Promise<string[]> {
  const alarms = await cloud.alarms();
  return alarms
    .filter(({ state }) => state === 'ALARM')
    .map(({ name }) => name.replace('data-aggregator-sandbox-', ''));
}

it('no alarm is on after the first runs of the scheduled functions', async () => {
  await using pipeline = await startSandbox({ schedulesAtBoot: true });
  await pipeline.cloud.idle();
  expect(await on(pipeline.cloud)).toEqual([]);
  await pipeline.end();
});

describe('a fault triggers its alarm', () => {
  it('the backlog alarm, while the consumer is down', async () => {
    // As synthesised, but for the thousand bundles that would have to be made.
    const transformTemplate = withProperties(
      'AWS::Logs::MetricFilter',
      '-backlog-count',
      ({ FilterPattern }) => ({
        FilterPattern: String(FilterPattern).replace(/>= \d+/, '>= 2'),
      }),
    );
    await using pipeline = await startSandbox({ transformTemplate });
    const { cloud, put, end } = pipeline;
    const measure = () => cloud.invoke('distribution-monitor', {});

    await put('first');
    await cloud.idle();
    await measure();
    await cloud.passTime(300);
    await put('second');
    await cloud.idle();
    await measure();
    expect(await on(cloud)).not.toContain('backlog-count');

    await cloud.passTime(300);
    await measure();
    expect(await on(cloud)).toContain('backlog-count');

    const { delivery } = await end();
    await cloud.passTime(300);
    await measure();
    expect(await on(cloud)).not.toContain('backlog-count');
    expect(delivery.delivered).toHaveLength(2);
    expect(delivery).toMatchObject({ missing: [], mismatched: [], quarantined: [] });
  });

  it('the dead-letter and quarantine alarms, for poison messages; good files are delivered', async () => {
    await using pipeline = await startSandbox();
    const { cloud, put, send, end } = pipeline;
    const good = [await put('good'), await put('also good')];
    for (let number = 0; number < 10; number++) await send(`{"poison": ${number}}`);
    await cloud.idle();

    expect(await on(cloud)).toEqual(expect.arrayContaining(['aggregator-dead-letters', 'quarantine']));
    expect(await on(cloud)).not.toContain('aggregator-errors');
    expect(intakeOf(await cloud.stats())).toMatchObject({ errors: 0, itemFailures: 0 });
    const { delivery, dead } = await end();
    expect(delivery).toMatchObject({ delivered: good, missing: [], mismatched: [], quarantined: [] });
    expect(dead).toHaveLength(10);
  });

  it('the error, age and outage alarms, while the ledger is unreachable', async () => {
    await using pipeline = await startSandbox();
    const { cloud, put, end } = pipeline;
    cloud.faults.dynamodb = () => ({ cutBeforeEffect: true });
    const file = await put('waits');
    while (intakeOf(await cloud.stats()).errors === 0) await sleep(100);
    expect(await on(cloud)).toContain('aggregator-errors');
    expect(await on(cloud)).not.toContain('delivery-stopped');

    await cloud.passTime(15 * 60);
    expect(await on(cloud)).toEqual(expect.arrayContaining(['aggregator-old-messages', 'delivery-stopped']));

    cloud.faults.dynamodb = undefined;
    const { delivery } = await end();
    expect(delivery).toMatchObject({ delivered: [file], missing: [], mismatched: [], quarantined: [] });
    expect(await on(cloud)).not.toContain('delivery-stopped');
    await cloud.passTime(300);
    expect(await on(cloud)).not.toContain('aggregator-errors');
  });
});
