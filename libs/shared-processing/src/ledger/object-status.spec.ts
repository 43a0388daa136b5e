import { CallError } from '../errors/index.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';
import { landedVersion, manualClock, memoryTable } from '../testing/index.ts';
import {
  Ledger,
  ledgerHorizon,
  markQuarantined,
  objectIdOf,
  type Publications,
  objectStatuses,
} from './index.ts';

const GRACE = 60_000;
const A = landedVersion('a.txt');
const B = landedVersion('b.txt');

function setUp() {
  const clock = manualClock();
  const table = memoryTable();
  const published = new Map<string, ObjectVersion[] | Error>();
  let asked = 0;
  const publications: Publications = {
    async membersOf(bundle) {
      asked++;
      const members = published.get(bundle);
      if (members instanceof Error) throw members;
      return members && new Set(members.map(objectIdOf));
    },
  };
  const dependencies = { table, clock, publications, random: () => 0.5, maxConcurrentReads: 4 };
  const uploads = { abort: () => Promise.reject(new Error('a lookup must not abort')) };
  const ledger = new Ledger({ ...dependencies, uploads });
  const expires = clock.now() / 1000 + 86_400;
  const claim = (bundle: string, ...objects: ObjectVersion[]) =>
    Promise.all(objects.map((one) => ledger.claim(one, { bundle, until: clock.now() + GRACE, expires })));
  const where = (...objects: ObjectVersion[]) =>
    objectStatuses(objects, Object.assign(dependencies, { uploads }));
  return { clock, table, published, dependencies, ledger, expires, claim, where, asked: () => asked };
}

describe('objectStatuses', () => {
  it('reports an object of a dead builder as "nowhere" without aborting its upload', async () => {
    const { ledger, clock, where, claim, expires } = setUp();
    await claim('K1', A);
    await ledger.recordUpload('K1', 'U1', expires);
    clock.advance(GRACE);
    await expect(where(A)).resolves.toEqual([{ kind: 'nowhere' }]);
  });

  it('reports an unclaimed object as "nowhere"', async () => {
    await expect(setUp().where(A)).resolves.toEqual([{ kind: 'nowhere' }]);
  });

  it('returns a status for each object, in order', async () => {
    const { where, claim, published } = setUp();
    await claim('K1', B);
    published.set('K1', [B]);
    await expect(where(A, B, A)).resolves.toEqual([
      { kind: 'nowhere' },
      { kind: 'delivered', bundle: 'K1' },
      { kind: 'nowhere' },
    ]);
  });

  it('reports an object as delivered only if a published bundle contains it', async () => {
    const { where, claim, published, clock } = setUp();
    await claim('K1', A);
    published.set('K1', [B]);
    await expect(where(A)).resolves.toEqual([{ kind: 'nowhere' }]);
    published.delete('K1');
    await expect(where(A)).resolves.toEqual([{ kind: 'busy', bundle: 'K1', until: clock.now() + GRACE }]);
  });

  it('reports an object as "nowhere" if its builder died', async () => {
    const { where, claim, clock } = setUp();
    await claim('K1', A);
    clock.advance(GRACE);
    await expect(where(A)).resolves.toEqual([{ kind: 'nowhere' }]);
  });

  it('reports an object as "nowhere" if its claim was released with failures, without asking S3', async () => {
    const { where, claim, ledger, expires, asked } = setUp();
    await claim('K1', A);
    await ledger.release(A, { bundle: 'K1', failures: 2, expires });
    await expect(where(A)).resolves.toEqual([{ kind: 'nowhere' }]);
    expect(asked()).toBe(0);
  });

  it('asks S3 once per bundle, and never if there is a bundle record', async () => {
    const { where, claim, published, asked, ledger, expires } = setUp();
    const objects = Array.from({ length: 50 }, (_, i) => landedVersion(`${i}.txt`));
    await claim('K1', ...objects);
    published.set('K1', objects);
    const answers = await where(...objects);
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['delivered']));
    expect(asked()).toBe(1);
    await ledger.recordBundle('K1', objects, expires);
    await where(...objects);
    expect(asked()).toBe(1);
  });

  it('reports an object as quarantined unless it was delivered after all', async () => {
    const { where, claim, published, dependencies, expires, clock } = setUp();
    await markQuarantined(A, 'gone', expires, dependencies);
    const quarantined = { kind: 'quarantined', reason: 'gone', since: clock.now() };
    await expect(where(A)).resolves.toEqual([quarantined]);
    await claim('K1', A);
    published.set('K1', [A]);
    await expect(where(A)).resolves.toEqual([{ kind: 'delivered', bundle: 'K1' }]);
  });

  it('reports "unknown" if S3 cannot be reached, and continues with the others', async () => {
    const { where, claim, published } = setUp();
    const cause = new Error('the manifest is not JSON');
    await claim('K1', A);
    published.set('K1', cause);
    await expect(where(A, B)).resolves.toEqual([
      { kind: 'unknown', bundle: 'K1', cause },
      { kind: 'nowhere' },
    ]);
  });

  it('throws an error that affects every object', async () => {
    const { where, claim, published } = setUp();
    await claim('K1', A);
    published.set('K1', new CallError('HEAD', { outcome: 'refused', code: 'AccessDenied', status: 403 }));
    await expect(where(A)).rejects.toThrow('AccessDenied');
  });
});

describe('ledgerHorizon', () => {
  it('trusts the ledger for a day less than claims are kept', () => {
    const day = 86_400_000;
    expect(ledgerHorizon(100 * day, 21 * day)).toBe(80 * day);
  });
});
