import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markQuarantined } from '@data-aggregator/shared-processing/ledger';
import { manifestKey } from '@data-aggregator/shared-processing/manifest';
import { createRandom, memoryListing } from '@data-aggregator/shared-processing/testing';
import { backfillWorld, DAY, type Landed, MINUTE, nameOf, settingsWith } from '../testing/backfill-world.ts';
import { preview, run, type BackfillSettings } from './run.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backfill-'));
  file = join(folder, 'checkpoint.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

type World = ReturnType<typeof backfillWorld>;
const silent = { update: () => undefined, stop: () => undefined };

function surroundings(signal = new AbortController().signal) {
  const notes: string[] = [];
  return { progress: silent, signal, note: (text: string) => void notes.push(text), notes };
}

const execute = (world: World, changes: Partial<BackfillSettings> = {}) =>
  run(settingsWith(file, changes), surroundings(), world.connection);

const names = (...objects: Landed[]) => objects.map(nameOf).sort();

describe('a backfill', () => {
  it('enqueues every version that is neither delivered, nor in progress, nor quarantined', async () => {
    const world = backfillWorld();
    const [first, second, delivered, refused, plus] = ['a', 'a', 'd', 'r', 'ä b+c%2F'].map(
      world.land,
    ) as Landed[];
    await world.bundle([delivered as Landed], 'with replica');
    const expires = world.clock.now() / 1000 + 86_400;
    await markQuarantined(refused as Landed, 'too-large', expires, world.connection);
    world.store.addDeleteMarker('landing', 'a');
    world.clock.advance(10 * MINUTE);
    const busy = world.land('b');
    await world.bundle([busy], 'not');
    world.clock.advance(MINUTE);

    await expect(execute(world)).resolves.toMatchObject({
      executed: true,
      done: true,
      counts: { listed: 6, examined: 6, delivered: 1, busy: 1, quarantined: 1, enqueued: 3, bytes: 11 },
    });
    expect(world.enqueued().sort()).toEqual(names(...([first, second, plus] as Landed[])));
  });

  it('can be limited to a prefix, to landing times and to current versions', async () => {
    const world = backfillWorld();
    world.land('in/old');
    world.clock.advance(MINUTE);
    const from = world.clock.now();
    world.land('in/1');
    const current = world.land('in/1');
    const deleted = world.land('in/2');
    world.store.addDeleteMarker('landing', 'in/2');
    world.land('out');
    world.clock.advance(MINUTE);
    const to = world.clock.now();
    world.land('in/new');
    world.clock.advance(MINUTE);
    await execute(world, { prefix: 'in/', from, to, currentOnly: true });
    expect(world.enqueued()).toEqual(names(current));
    await execute(world, { prefix: 'in/2' });
    expect(world.enqueued()).toEqual(names(deleted));
  });

  it('leaves out objects without a version id', async () => {
    const world = backfillWorld();
    world.land('a');
    const [version] = world.store.versions('landing', 'a');
    Object.assign(version ?? {}, { versionId: 'null' });
    world.clock.advance(MINUTE);
    await expect(execute(world)).resolves.toMatchObject({ counts: { unversioned: 1, enqueued: 0 } });
    expect(world.enqueued()).toEqual([]);
  });

  it('leaves out versions in an archive storage class, unless they are included', async () => {
    const world = backfillWorld();
    const [archived, delivered] = [world.land('archived'), world.land('delivered')];
    await world.bundle([delivered], 'with replica');
    world.clock.advance(MINUTE);
    const { listing } = world.connection;
    const frozen: typeof world.connection = {
      ...world.connection,
      listing: {
        ...listing,
        async versions(start) {
          const page = await listing.versions(start);
          return {
            ...page,
            versions: page.versions.map((one) => ({ ...one, storageClass: 'DEEP_ARCHIVE' })),
          };
        },
      },
    };
    const bound = await preview(settingsWith(file), surroundings(), frozen);
    expect(bound).toMatchObject({ counts: { archived: 2, enqueued: 0, bytes: 0 } });
    await expect(run(settingsWith(file), surroundings(), frozen)).resolves.toMatchObject({
      counts: { archived: 1, delivered: 1, enqueued: 0 },
    });
    await run(settingsWith(file, { includeArchived: true }), surroundings(), frozen);
    expect(world.enqueued()).toEqual(names(archived));
  });

  it('stops when the queue refuses a message, and continues before it', async () => {
    const world = backfillWorld();
    const objects = Array.from({ length: 8 }, (_, index) => world.land(`k${index}`));
    world.clock.advance(MINUTE);
    const refusing = {
      send: async (all: readonly { body: string }[]) => all.map(({ body }) => !body.includes('k4')),
    };
    const around = surroundings();
    const connection = { ...world.connection, queue: refusing };
    await expect(run(settingsWith(file), around, connection)).rejects.toThrow(
      'did not accept 1 of 3 messages',
    );
    expect(around.notes).toEqual([expect.stringContaining('continue with the same command and --resume')]);
    await expect(execute(world)).rejects.toThrow('unfinished backfill');
    await expect(execute(world, { resume: true })).resolves.toMatchObject({
      done: true,
      counts: { enqueued: 8 },
    });
    expect(world.enqueued().sort()).toEqual(names(...objects.slice(3)));
  });

  it('misses nothing and repeats at most a page, wherever it is killed', async () => {
    const random = createRandom(3);
    for (let seed = 0; seed < 40; seed++) {
      const world = backfillWorld();
      const objects = Array.from({ length: 20 }, (_, index) => world.land(`k${index}`));
      world.clock.advance(MINUTE);
      let calls = 0;
      const dies = random.below(60);
      const die = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
        return async (...args: A): Promise<R> => {
          if (++calls > dies) throw new Error('killed');
          return call(...args);
        };
      };
      const { queue, listing, table } = world.connection;
      const mortal = {
        ...world.connection,
        queue: { send: die(queue.send) },
        listing: { ...listing, versions: die(listing.versions) },
        table: { ...table, get: die(table.get) },
      };
      const killed = await run(settingsWith(file), surroundings(), mortal).then(
        () => false,
        () => true,
      );
      if (killed) await execute(world, { resume: true });
      const sent = world.enqueued();
      expect([...new Set(sent)].sort()).toEqual(names(...objects));
      expect(sent.length).toBeLessThanOrEqual(objects.length + 3);
    }
  });

  it('stops at the next slice after Ctrl-C', async () => {
    const world = backfillWorld();
    for (let index = 0; index < 20; index++) world.land(`k${index}`);
    world.clock.advance(MINUTE);
    const controller = new AbortController();
    const { queue } = world.connection;
    const connection: typeof world.connection = {
      ...world.connection,
      queue: {
        send(messages) {
          if (world.sent.length >= 6) controller.abort();
          return queue.send(messages);
        },
      },
    };
    const report = await run(settingsWith(file, { rate: 2 }), surroundings(controller.signal), connection);
    expect(report).toMatchObject({ done: false, counts: { enqueued: 6 } });
    await expect(execute(world, { resume: true })).resolves.toMatchObject({
      done: true,
      counts: { enqueued: 20 },
    });
    expect(new Set(world.enqueued()).size).toBe(20);
  });

  it('sends no faster than the rate, and waits while the queue has a backlog', async () => {
    const world = backfillWorld();
    for (let index = 0; index < 30; index++) world.land(`k${index}`);
    world.clock.advance(MINUTE);
    const began = world.clock.now();
    const backlogs = [0, 500, 101, 100];
    const connection = { ...world.connection, backlog: async () => backlogs.shift() ?? 0 };
    await run(settingsWith(file, { rate: 2, maxBacklog: 100 }), surroundings(), connection);
    // 2 at once, 28 at 2 a second, and two waits of 5 s, during which only a burst of 2 becomes available.
    expect((world.clock.now() - began) / 1000).toBeGreaterThanOrEqual(14 + 10 - 1);
    expect(backlogs).toEqual([]);
  });
});

describe('a version that landed before the ledger remembers', () => {
  /** A pipeline that has run for 200 days. */
  async function oldWorld() {
    const world = backfillWorld();
    await world.bundle([world.land('the first')], 'with replica');
    world.store.remove('landing', 'the first', 'v1');
    world.pass(100);
    return world;
  }

  it('is not delivered twice: the archive has the manifest of its bundle', async () => {
    const world = await oldWorld();
    const [delivered, open] = [world.land('delivered'), world.land('open')];
    await world.bundle([delivered], 'with replica');
    world.pass(100);
    expect(world.table.items.size).toBe(0);
    await expect(execute(world)).resolves.toMatchObject({ counts: { delivered: 1, enqueued: 1 } });
    expect(world.enqueued()).toEqual(names(open));
  });

  it('is not delivered twice although its bundle was not replicated, while distribution shows the bundle', async () => {
    const world = await oldWorld();
    await world.bundle([world.land('delivered')], 'without replica');
    world.pass(25);
    await expect(execute(world)).resolves.toMatchObject({ counts: { delivered: 1, enqueued: 0 } });
  });

  it('is not delivered twice if its bundle belongs to a group', async () => {
    const world = await oldWorld();
    await world.bundle([world.land('acme/1')], 'with replica', 'acme');
    await world.bundle([world.land('zoo/1')], 'with replica', 'zoo');
    world.pass(40);
    await expect(execute(world)).resolves.toMatchObject({ counts: { delivered: 2, enqueued: 0 } });
  });

  it('is left out if only a manifest without its bundle lists it, and counted as delivered if another bundle has it', async () => {
    const world = await oldWorld();
    const [unclear, again] = [world.land('unclear'), world.land('again')];
    await world.bundle([unclear, again], 'not');
    world.clock.advance(DAY);
    await world.bundle([again], 'with replica');
    world.pass(60);
    await expect(execute(world)).resolves.toMatchObject({
      counts: { undecided: 1, delivered: 1, enqueued: 0 },
    });
    expect(world.enqueued()).toEqual([]);
  });

  it('is left out if it landed before the oldest manifest, unless the operator confirms', async () => {
    const world = backfillWorld();
    const older = world.land('older than the pipeline');
    world.pass(5);
    await world.bundle([world.land('first')], 'with replica');
    world.pass(40);
    await expect(execute(world)).resolves.toMatchObject({
      counts: { unprovable: 1, delivered: 1, enqueued: 0 },
    });
    await expect(execute(world, { neverDelivered: true })).resolves.toMatchObject({
      counts: { unprovable: 0, delivered: 1, enqueued: 1 },
    });
    expect(world.enqueued()).toEqual(names(older));
  });

  it('counts as delivered once a backfill has delivered it, whatever is confirmed', async () => {
    const world = backfillWorld();
    const older = world.land('older than the pipeline');
    world.pass(100);
    await execute(world, { neverDelivered: true });
    await world.bundle([older], 'with replica');
    for (const days of [1, 19, 3, 100]) {
      world.pass(days);
      for (const neverDelivered of [{ neverDelivered: true } as const, {}]) {
        await expect(execute(world, neverDelivered)).resolves.toMatchObject({
          counts: { delivered: 1, unprovable: 0, enqueued: 0 },
        });
      }
    }
  });

  it('is not delivered twice if the ledger forgets it during the run', async () => {
    const world = await oldWorld();
    world.land('a 1');
    world.land('a 2');
    world.land('a 3');
    world.pass(30);
    const recent = world.land('z');
    await world.bundle([recent], 'with replica');
    world.pass(19);
    // The first page of three takes ten days.
    const { queue } = world.connection;
    const slow: typeof world.connection = {
      ...world.connection,
      queue: {
        send(messages) {
          world.pass(10);
          return queue.send(messages);
        },
      },
    };
    const report = await run(settingsWith(file), surroundings(), slow);
    expect(world.table.items.size).toBe(0);
    expect(report).toMatchObject({ counts: { delivered: 1, enqueued: 3 } });
    expect(world.enqueued()).not.toContain(nameOf(recent));
  });

  it('stops everything if a manifest cannot be read', async () => {
    const world = await oldWorld();
    world.land('open');
    const broken = manifestKey('bundles/2026/01/01/00/bundle-20260101T000000Z-0123456789abcdef.tar.gz');
    world.store.upload('archive', broken, Buffer.from('{}'));
    world.pass(60);
    await expect(execute(world)).rejects.toThrow('schemaVersion');
    expect(world.enqueued()).toEqual([]);
  });

  it('is looked up in all manifests, however many there are', async () => {
    const world = await oldWorld();
    for (let index = 0; index < 501; index++) {
      await world.bundle([world.land(`k${index}`)], 'with replica');
    }
    world.pass(100);
    const connection = { ...world.connection, listing: memoryListing(world.store) };
    const report = await run(settingsWith(file), surroundings(), connection);
    expect(report).toMatchObject({ counts: { delivered: 501, enqueued: 0 } });
  });

  it('is not judged by half of the manifests after Ctrl-C, which does not wait for the others', async () => {
    const world = await oldWorld();
    const delivered = Array.from({ length: 20 }, (_, index) => world.land(`k${index}`));
    for (const one of delivered) await world.bundle([one], 'with replica');
    world.pass(100);
    for (const work of [run, preview]) {
      const controller = new AbortController();
      const get = jest.fn((request: Parameters<typeof world.store.get>[0]) => {
        controller.abort();
        return world.store.get(request);
      });
      const interrupted = { ...world.connection, store: { ...world.store, get } };
      const settings = settingsWith(join(folder, work.name), { check: true });
      const report = await work(settings, surroundings(controller.signal), interrupted);
      expect(report).toMatchObject({ done: false, counts: { enqueued: 0, delivered: 0 } });
      expect(get).toHaveBeenCalled();
      expect(get.mock.calls.length).toBeLessThanOrEqual(interrupted.maxConcurrentReads);
    }
    await expect(
      run(settingsWith(join(folder, 'run'), { resume: true }), surroundings(), world.connection),
    ).resolves.toMatchObject({ counts: { delivered: 20, enqueued: 0 } });
  });

  it('needs no manifests if all versions are younger', async () => {
    const world = await oldWorld();
    world.land('young');
    world.clock.advance(MINUTE);
    const { store } = world.connection;
    const get = jest.fn(store.get);
    await run(settingsWith(file), surroundings(), { ...world.connection, store: { ...store, get } });
    expect(get).not.toHaveBeenCalled();
  });
});

describe('a preview', () => {
  it('counts and estimates, and sends nothing', async () => {
    const world = backfillWorld();
    const delivered = world.land('delivered');
    await world.bundle([delivered], 'with replica');
    world.land('open');
    world.clock.advance(MINUTE);
    const bound = await preview(settingsWith(file, { rate: 2 }), surroundings(), world.connection);
    expect(bound).toMatchObject({
      executed: false,
      checked: false,
      done: true,
      counts: { listed: 2, examined: 2, enqueued: 2, bytes: 13 },
      estimate: { seconds: 1, basis: { region: 'eu-west-2' } },
    });
    const exact = await preview(settingsWith(file, { check: true }), surroundings(), world.connection);
    expect(exact).toMatchObject({ checked: true, counts: { delivered: 1, enqueued: 1, bytes: 4 } });
    expect(world.enqueued()).toEqual([]);
    expect(exact.estimate?.usd).toBeLessThan(bound.estimate?.usd ?? 0);
  });

  it('counts the manifests that it would read', async () => {
    const world = backfillWorld();
    await world.bundle([world.land('delivered')], 'with replica');
    world.pass(60);
    const { estimate } = await preview(settingsWith(file), surroundings(), world.connection);
    // A GET of the manifest and a HEAD of the bundle.
    expect(estimate?.lines.find(({ what }) => what === 'manifests read')?.quantity).toBe(2 / 1000);
  });
});

describe('the checkpoint', () => {
  it('is resumed only with the options it was made with, and its own default times', async () => {
    const world = backfillWorld();
    const objects = names(...Array.from({ length: 5 }, (_, index) => world.land(`k${index}`)));
    world.clock.advance(MINUTE);
    const { queue } = world.connection;
    let sends = 0;
    const dying: typeof queue = { send: async (all) => (++sends > 1 ? [] : queue.send(all)) };
    const failing = run(settingsWith(file), surroundings(), { ...world.connection, queue: dying });
    await expect(failing).rejects.toThrow('did not accept 2 of 2 messages');
    await expect(execute(world, { resume: true, prefix: 'k' })).rejects.toThrow('other options (prefix)');
    await expect(execute(world, { resume: true, from: 5 })).rejects.toThrow('other options (from)');

    world.clock.advance(MINUTE);
    world.land('k9 landed after the start');
    world.clock.advance(MINUTE);
    await expect(execute(world, { resume: true })).resolves.toMatchObject({ done: true });
    expect(world.enqueued().sort()).toEqual(objects);
    // It is done, so the same command starts again.
    await expect(execute(world)).resolves.toMatchObject({ counts: { enqueued: 6 } });
  });

  it('must exist and be readable to resume from', async () => {
    const world = backfillWorld();
    await expect(execute(world, { resume: true })).rejects.toThrow('There is no checkpoint');
    writeFileSync(file, '{}');
    await expect(execute(world)).rejects.toThrow('is not a checkpoint of this version');
  });
});
