import { setImmediate as turn } from 'node:timers/promises';
import { CallError } from '../errors/index.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';
import { landedVersion, manualClock, memoryTable } from '../testing/index.ts';
import { packIds, unpackIds } from './ids.ts';
import { bundleId, claimId, Ledger, objectIdOf, type Publications, type Uploads } from './index.ts';

const GRACE = 60_000;
const A = landedVersion('a.txt');
const B = landedVersion('b.txt');

/** A ledger for which the test publishes bundles. */
function setUp() {
  const clock = manualClock();
  const table = memoryTable();
  const published = new Map<string, ObjectVersion[]>();
  const asked: { bundle: string; at: number }[] = [];
  const publications: Publications = {
    async membersOf(bundle) {
      asked.push({ bundle, at: clock.now() });
      const members = published.get(bundle);
      return members && new Set(members.map(objectIdOf));
    },
  };
  const aborted: { bundle: string; uploadId: string; at: number }[] = [];
  const uploads: Uploads = {
    abort: async (bundle, uploadId) => void aborted.push({ bundle, uploadId, at: clock.now() }),
  };
  const newLedger = () => new Ledger({ table, clock, publications, uploads, random: () => 0.5 });
  const claimFor = (bundle: string) => ({
    bundle,
    until: clock.now() + GRACE,
    expires: clock.now() / 1000 + 86_400,
  });
  return {
    clock,
    table,
    published,
    asked,
    uploads,
    aborted,
    publications,
    newLedger,
    ledger: newLedger(),
    claimFor,
  };
}

describe('Ledger.claim', () => {
  it('claims an unclaimed object', async () => {
    const { ledger, table, claimFor } = setUp();
    await expect(ledger.claim(A, claimFor('K1'))).resolves.toEqual({ kind: 'claimed', failures: 0 });
    expect(table.items.get(claimId(objectIdOf(A)))).toMatchObject({ bundle: 'K1' });
  });

  it('recognises its own claim if the response to an earlier attempt was lost', async () => {
    const { ledger, claimFor } = setUp();
    const claim = claimFor('K1');
    await ledger.claim(A, claim);
    await expect(ledger.claim(A, claim)).resolves.toEqual({ kind: 'claimed', failures: 0 });
  });

  it('reports an object as busy while another invocation works on it', async () => {
    const { ledger, newLedger, claimFor } = setUp();
    const claim = claimFor('K1');
    await ledger.claim(A, claim);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toEqual({
      kind: 'busy',
      bundle: 'K1',
      until: claim.until,
    });
  });

  it('reports an object as delivered if a published bundle contains it, also before the claim expires', async () => {
    const { ledger, newLedger, published, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    published.set('K1', [A]);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'delivered', bundle: 'K1' });
  });

  it('takes over from a bundle that was published without the object', async () => {
    const { ledger, newLedger, published, table, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    published.set('K1', [B]);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'claimed', failures: 0 });
    expect(table.items.get(claimId(objectIdOf(A)))).toMatchObject({ bundle: 'K2' });
  });

  it('takes over an expired claim whose bundle is not published', async () => {
    const { ledger, newLedger, clock, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    clock.advance(GRACE);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toEqual({
      kind: 'claimed',
      failures: 1,
      lastFailure: 'builder-died',
    });
  });

  it('trusts "not published" only if it asked after the expiry', async () => {
    const { ledger, clock, asked, claimFor, published } = setUp();
    const other = setUp();
    await ledger.claim(A, claimFor('K1'));
    // A result from before the expiry must not be used after it.
    await ledger.claim(A, claimFor('K2'));
    clock.advance(GRACE - 1);
    published.set('K1', [A]);
    clock.advance(1);
    await expect(ledger.claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'delivered', bundle: 'K1' });
    expect(asked.map(({ bundle }) => bundle)).toEqual(['K1', 'K1']);
    expect(other.asked).toEqual([]);
  });

  it('reports an object as busy if its claim expired while S3 was responding', async () => {
    const { ledger, table, clock, uploads, claimFor } = setUp();
    const claim = claimFor('K1');
    await ledger.claim(A, claim);
    clock.advance(GRACE - 1);
    // S3 looked before `until`, but responded after it: the bundle may have been published in between.
    const slow = new Ledger({
      table,
      clock,
      uploads,
      publications: {
        async membersOf() {
          clock.advance(2);
          return undefined;
        },
      },
    });
    await expect(slow.claim(A, claimFor('K2'))).resolves.toEqual({
      kind: 'busy',
      bundle: 'K1',
      until: claim.until,
    });
    expect(clock.now()).toBeGreaterThan(claim.until);
    expect(table.items.get(claimId(objectIdOf(A)))).toMatchObject({ bundle: 'K1' });
  });

  it('does not share a lookup between callers before and after the expiry', async () => {
    const { ledger, table, clock, uploads, claimFor } = setUp();
    const claim = claimFor('K1');
    await ledger.claim(A, claim);
    await ledger.claim(B, claim);
    const answers: ((members: ReadonlySet<string> | undefined) => void)[] = [];
    const publications: Publications = {
      membersOf: () => new Promise((resolve) => answers.push(resolve)),
    };
    const second = new Ledger({ table, clock, publications, uploads });
    clock.advance(GRACE - 1);
    const before = second.claim(A, claimFor('K2'));
    await turn();
    clock.advance(1);
    const after = second.claim(B, claimFor('K2'));
    await turn();
    // The bundle is published between the two lookups.
    const [answerBefore, answerAfter] = answers;
    answerBefore?.(undefined);
    answerAfter?.(new Set([A, B].map(objectIdOf)));
    await expect(before).resolves.toEqual({ kind: 'busy', bundle: 'K1', until: claim.until });
    await expect(after).resolves.toEqual({ kind: 'delivered', bundle: 'K1' });
    expect(answers).toHaveLength(2);
  });

  it('lets only one of two invocations take over a claim', async () => {
    const { ledger, newLedger, clock, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    clock.advance(GRACE);
    const outcomes = await Promise.all([
      newLedger().claim(A, claimFor('K2')),
      newLedger().claim(A, claimFor('K3')),
    ]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['busy', 'claimed']);
  });

  it('looks a bundle up once for members that are claimed concurrently', async () => {
    const { ledger, newLedger, published, asked, claimFor } = setUp();
    const objects = Array.from({ length: 50 }, (_, i) => landedVersion(`${i}.txt`));
    for (const one of objects) await ledger.claim(one, claimFor('K1'));
    published.set('K1', objects);
    const second = newLedger();
    const outcomes = await Promise.all(objects.map((one) => second.claim(one, claimFor('K2'))));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['delivered']));
    expect(asked).toHaveLength(1);
  });

  it('reads the bundle record instead of asking S3', async () => {
    const { ledger, newLedger, asked, claimFor, table } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.recordBundle('K1', [A, B], 1_900_000_000);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'delivered', bundle: 'K1' });
    expect(asked).toEqual([]);
    expect(table.items.get(bundleId('K1'))).toMatchObject({ expires: 1_900_000_000 });
  });

  it('reports an unknown outcome if S3 cannot be reached', async () => {
    const { ledger, table, clock, uploads, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    clock.advance(GRACE);
    const cause = new CallError('HEAD', { outcome: 'unknown', code: 'ECONNRESET' });
    const publications = { membersOf: () => Promise.reject(cause) };
    const blind = new Ledger({ table, clock, uploads, publications });
    await expect(blind.claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'unknown', cause });
    expect(table.items.get(claimId(objectIdOf(A)))).toMatchObject({ bundle: 'K1' });
  });

  it('asks S3 again after a lookup that failed', async () => {
    const { ledger, table, clock, uploads, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    clock.advance(GRACE);
    let isReachable = false;
    const publications = {
      membersOf: async () => {
        if (!isReachable) throw new CallError('HEAD', { outcome: 'unknown', code: 'ECONNRESET' });
        return undefined;
      },
    };
    const recovering = new Ledger({ table, clock, uploads, publications });
    await expect(recovering.claim(A, claimFor('K2'))).resolves.toMatchObject({ kind: 'unknown' });
    isReachable = true;
    await expect(recovering.claim(A, claimFor('K2'))).resolves.toMatchObject({ kind: 'claimed' });
  });

  it('claims each version of a key separately', async () => {
    const { ledger, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    const second: ObjectVersion = { ...A, version: { kind: 'id', versionId: 'v2' } };
    await expect(ledger.claim(second, claimFor('K2'))).resolves.toEqual({ kind: 'claimed', failures: 0 });
  });
});

describe('the item of a claim', () => {
  it('holds the claim alone, without a count, while the object has never failed', async () => {
    const { ledger, newLedger, published, table, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    published.set('K1', [B]);
    const claim = claimFor('K2');
    await newLedger().claim(A, claim);
    const id = claimId(objectIdOf(A));
    expect(table.items.get(id)).toStrictEqual({ id, ...claim });
  });

  it('names a bundle that never exists once it is released, for versions that know no released items', async () => {
    const { ledger, table, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.release(A, { bundle: 'K1', failures: 1, lastFailure: 'gone', expires: 7 });
    const id = claimId(objectIdOf(A));
    expect(table.items.get(id)).toStrictEqual({
      id,
      bundle: 'bundles/released',
      until: 0,
      failures: 1,
      lastFailure: 'gone',
      expires: 7,
    });
  });

  it('is left to others if they change it five times', async () => {
    const { clock, table, uploads, publications, claimFor } = setUp();
    const id = claimId(objectIdOf(A));
    let writes = 0;
    const contested = {
      ...table,
      put: async () => {
        writes++;
        const existing = { id, bundle: 'bundles/released', until: 0, failures: writes, expires: 7 };
        return { kind: 'refused', existing } as const;
      },
    };
    const ledger = new Ledger({ table: contested, clock, publications, uploads });
    await expect(ledger.claim(A, claimFor('K1'))).resolves.toEqual({
      kind: 'unknown',
      cause: new Error(`${id} changed hands 5 times while it was claimed`),
    });
    expect(writes).toBe(6);
  });
});

describe('Ledger.release', () => {
  it('frees the object for the next delivery', async () => {
    const { ledger, table, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.release(A, { bundle: 'K1', failures: 0, expires: 0 });
    expect(table.items.size).toBe(0);
  });

  it('does not release the claim of another bundle', async () => {
    const { ledger, clock, table, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    clock.advance(GRACE);
    await ledger.claim(A, claimFor('K2'));
    await ledger.release(A, { bundle: 'K1', failures: 0, expires: 0 });
    expect(table.items.get(claimId(objectIdOf(A)))).toMatchObject({ bundle: 'K2' });
  });

  it('keeps the count of failures for the next claim', async () => {
    const { ledger, table, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.release(A, { bundle: 'K1', failures: 2, expires: 7 });
    expect(table.items.get(claimId(objectIdOf(A)))).toMatchObject({ until: 0, failures: 2, expires: 7 });
    await expect(ledger.claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'claimed', failures: 2 });
    expect(table.items.get(claimId(objectIdOf(A)))).toMatchObject({ bundle: 'K2', failures: 2 });
  });

  it('keeps what the last failure was, also over an attempt that was given up', async () => {
    const { ledger, clock, claimFor } = setUp();
    const expected = { kind: 'claimed', failures: 1, lastFailure: 'too-slow' };
    await ledger.claim(A, claimFor('K1'));
    await ledger.release(A, { bundle: 'K1', failures: 1, lastFailure: 'too-slow', expires: 7 });
    await expect(ledger.claim(A, claimFor('K2'))).resolves.toEqual(expected);
    await ledger.giveUp('K2', 7);
    clock.advance(GRACE);
    await expect(ledger.claim(A, claimFor('K3'))).resolves.toEqual(expected);
  });

  it('lets only one of two claims take a released item', async () => {
    const { ledger, newLedger, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.release(A, { bundle: 'K1', failures: 1, expires: 7 });
    const claims = await Promise.all(
      ['K2', 'K3'].map((bundle) => newLedger().claim(A, { ...claimFor(bundle), expires: 7 })),
    );
    expect(claims.map(({ kind }) => kind).sort()).toEqual(['busy', 'claimed']);
  });
});

describe('Ledger.giveUp', () => {
  it('makes a take-over cost no failure: the builder is alive', async () => {
    const { ledger, newLedger, clock, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.giveUp('K1', 7);
    clock.advance(GRACE);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'claimed', failures: 0 });
  });

  it('does not hide a bundle that arrived after all', async () => {
    const { ledger, newLedger, clock, published, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.giveUp('K1', 7);
    published.set('K1', [A]);
    clock.advance(GRACE);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'delivered', bundle: 'K1' });
  });

  it('does not replace the record of a published bundle', async () => {
    const { ledger, table } = setUp();
    await ledger.recordBundle('K1', [A], 7);
    await ledger.giveUp('K1', 8);
    expect(table.items.get(bundleId('K1'))).toMatchObject({ expires: 7 });
  });
});

describe('Ledger.recordUpload', () => {
  it('makes a take-over abort the upload before it asks whether the bundle exists', async () => {
    const { ledger, newLedger, clock, asked, aborted, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.recordUpload('K1', 'U1', 7);
    clock.advance(GRACE);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toEqual({
      kind: 'claimed',
      failures: 1,
      lastFailure: 'builder-died',
    });
    expect(aborted).toEqual([{ bundle: 'K1', uploadId: 'U1', at: clock.now() }]);
    expect(asked).toHaveLength(1);
  });

  it('keeps others from aborting the upload while the claim has not expired', async () => {
    const { ledger, newLedger, clock, aborted, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.recordUpload('K1', 'U1', 7);
    clock.advance(GRACE - 1);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toMatchObject({ kind: 'busy' });
    expect(aborted).toEqual([]);
  });

  it('leaves an object with its builder if the abort is not confirmed', async () => {
    const { ledger, table, publications, clock, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.recordUpload('K1', 'U1', 7);
    clock.advance(GRACE);
    const cause = new CallError('ABORT', { outcome: 'unknown', code: 'ECONNRESET' });
    const unsure = new Ledger({
      table,
      clock,
      publications,
      uploads: { abort: () => Promise.reject(cause) },
    });
    await expect(unsure.claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'unknown', cause });
    expect(table.items.get(claimId(objectIdOf(A)))).toMatchObject({ bundle: 'K1' });
  });

  it('finds a bundle whose completion came before the abort', async () => {
    const { ledger, newLedger, clock, published, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.recordUpload('K1', 'U1', 7);
    published.set('K1', [A]);
    clock.advance(GRACE);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'delivered', bundle: 'K1' });
  });

  it('is replaced by the record of the published bundle, whose upload nobody aborts', async () => {
    const { ledger, newLedger, clock, aborted, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.recordUpload('K1', 'U1', 7);
    await ledger.recordBundle('K1', [A], 7);
    clock.advance(GRACE);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'delivered', bundle: 'K1' });
    expect(aborted).toEqual([]);
  });

  it('may be repeated after a lost response, but never replaces another record', async () => {
    const { ledger, table } = setUp();
    await ledger.recordUpload('K1', 'U1', 7);
    await ledger.recordUpload('K1', 'U1', 7);
    await expect(ledger.recordUpload('K1', 'U2', 7)).rejects.toThrow('exists already');
    expect(table.items.get(bundleId('K1'))).toMatchObject({ upload: 'U1' });
  });

  it('survives giving up, so that a take-over still aborts it, at no failure', async () => {
    const { ledger, newLedger, clock, aborted, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.recordUpload('K1', 'U1', 7);
    await ledger.giveUp('K1', 7, 'U1');
    clock.advance(GRACE);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'claimed', failures: 0 });
    expect(aborted).toMatchObject([{ uploadId: 'U1' }]);
  });

  it('is not replaced by giving up once the bundle is recorded', async () => {
    const { ledger, table } = setUp();
    await ledger.recordUpload('K1', 'U1', 7);
    await ledger.recordBundle('K1', [A], 7);
    await ledger.giveUp('K1', 7, 'U1');
    expect(table.items.get(bundleId('K1'))?.['givenUp']).toBeUndefined();
  });
});

describe('packed ids', () => {
  it('are unpacked as they were, also from the middle of a buffer', () => {
    const ids = [A, B].map(objectIdOf);
    const packed = packIds(ids);
    expect(unpackIds(packed)).toEqual(ids);
    expect(unpackIds(Buffer.concat([Buffer.alloc(3), packed]).subarray(3))).toEqual(ids);
    expect(unpackIds(packIds([]))).toEqual([]);
  });
});
