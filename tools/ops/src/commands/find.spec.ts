import { exit } from '@data-aggregator/operations/errors';
import { markQuarantined } from '@data-aggregator/shared-processing/ledger';
import { createOutput } from '../output.ts';
import { backfillWorld, DAY, MINUTE } from '../testing/backfill-world.ts';
import { findKey } from './find.ts';

type World = ReturnType<typeof backfillWorld>;

async function find(world: World, key: string, days?: number) {
  const out: string[] = [];
  const output = createOutput(true, { out: (text) => void out.push(text), err: () => undefined });
  const now = world.clock.now();
  const range = days === undefined ? {} : { from: now - days * DAY, to: now + DAY };
  const code = await findKey({ output, connection: async () => world.connection }, key, range);
  const { versions } = JSON.parse(out.join('')) as { versions: object[] };
  return { code, versions };
}

describe('find, in the ledger', () => {
  it('shows where each version of the key is', async () => {
    const world = backfillWorld();
    const [delivered, refused, lost] = [world.land('a'), world.land('a'), world.land('a')];
    world.land('a2');
    await world.bundle([delivered], 'with replica');
    await markQuarantined(refused, 'too-large', world.clock.now() / 1000 + 60, world.connection);
    await expect(find(world, 'a')).resolves.toMatchObject({
      code: exit.findings,
      versions: [
        { versionId: lost.version.versionId, where: 'nowhere' },
        { versionId: refused.version.versionId, where: 'quarantined', detail: 'too-large' },
        { versionId: delivered.version.versionId, where: 'delivered', name: 'a', consumer: 'waiting' },
      ],
    });
  });

  it('says whether the consumer has taken the bundle', async () => {
    const world = backfillWorld();
    await world.bundle([world.land('a')], 'with replica');
    const [bundle = ''] = world.store.keys('distribution');
    world.store.addDeleteMarker('distribution', bundle);
    await expect(find(world, 'a')).resolves.toMatchObject({
      code: exit.success,
      versions: [{ where: 'delivered', bundle, consumer: 'taken' }],
    });
  });

  it('shows a version that a builder may still work on', async () => {
    const world = backfillWorld();
    await world.bundle([world.land('a')], 'not');
    await expect(find(world, 'a')).resolves.toMatchObject({ versions: [{ where: 'being-worked-on' }] });
    world.clock.advance(2 * MINUTE);
    await expect(find(world, 'a')).resolves.toMatchObject({ versions: [{ where: 'nowhere' }] });
  });

  it('does not say that an object without a version id is nowhere', async () => {
    const world = backfillWorld();
    world.land('a');
    Object.assign(world.store.versions('landing', 'a')[0] ?? {}, { versionId: 'null' });
    await expect(find(world, 'a')).resolves.toMatchObject({
      code: exit.findings,
      versions: [{ versionId: 'null', where: 'unknown' }],
    });
  });
});

describe('find, in the manifests', () => {
  it('shows the bundle of a version that ledger and landing have forgotten', async () => {
    const world = backfillWorld();
    const landed = world.land('a');
    await world.bundle([landed, world.land('b')], 'with replica');
    world.store.remove('landing', 'a', landed.version.versionId);
    world.pass(60);
    await expect(find(world, 'a')).resolves.toMatchObject({ code: exit.findings, versions: [] });
    await expect(find(world, 'a', 61)).resolves.toMatchObject({
      code: exit.success,
      versions: [{ versionId: landed.version.versionId, where: 'delivered', consumer: 'gone' }],
    });
  });

  it('does not take the manifest of a bundle that was never published for a delivery', async () => {
    const world = backfillWorld();
    const landed = world.land('a');
    await world.bundle([landed], 'not');
    const { versions, code } = await find(world, 'a', 1);
    expect({ versions, code }).toMatchObject({ code: exit.findings, versions: [{ where: 'unknown' }] });
    expect(versions[0]).not.toHaveProperty('deliveredAt');

    world.clock.advance(10 * MINUTE);
    await world.bundle([landed], 'without replica');
    await expect(find(world, 'a', 1)).resolves.toMatchObject({
      code: exit.success,
      versions: [{ where: 'unknown' }, { where: 'delivered', consumer: 'waiting' }],
    });
  });
});
