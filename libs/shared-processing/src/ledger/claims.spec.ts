import { setImmediate as turn } from 'node:timers/promises';
import { CallError } from '../errors/index.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';
import { landedVersion, manualClock, memoryTable } from '../testing/index.ts';
import { bundleId, claimId, Ledger, objectIdOf, type Publications } from './index.ts';

const GRACE = 60_000;
const A = landedVersion('a.txt');
const B = landedVersion('b.txt');

/** A ledger whose bundles are published by the test. */
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
  const newLedger = () => new Ledger({ table, clock, publications, random: () => 0.5 });
  const claimFor = (bundle: string) => ({
    bundle,
    until: clock.now() + GRACE,
    expires: clock.now() / 1000 + 86_400,
  });
  return { clock, table, published, asked, newLedger, ledger: newLedger(), claimFor };
}

describe('Ledger.claim', () => {
  it('claims an object that nobody has claimed', async () => {
    const { ledger, table, claimFor } = setUp();
    await expect(ledger.claim(A, claimFor('K1'))).resolves.toEqual({ kind: 'claimed', failures: 0 });
    expect(table.items.get(claimId(objectIdOf(A)))).toMatchObject({ bundle: 'K1' });
  });

  it('finds its own claim where the answer to an earlier attempt was lost', async () => {
    const { ledger, claimFor } = setUp();
    const claim = claimFor('K1');
    await ledger.claim(A, claim);
    await expect(ledger.claim(A, claim)).resolves.toEqual({ kind: 'claimed', failures: 0 });
  });

  it('leaves an object to the invocation that is at work on it', async () => {
    const { ledger, newLedger, claimFor } = setUp();
    const claim = claimFor('K1');
    await ledger.claim(A, claim);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toEqual({
      kind: 'busy',
      bundle: 'K1',
      until: claim.until,
    });
  });

  it('knows a duplicate by the published bundle that holds it, also before the claim has expired', async () => {
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

  it('takes over from a builder that died: expired, and not published', async () => {
    const { ledger, newLedger, clock, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    clock.advance(GRACE);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'claimed', failures: 1 });
  });

  it('trusts "not published" only where it asked after the expiry', async () => {
    const { ledger, clock, asked, claimFor, published } = setUp();
    const other = setUp();
    await ledger.claim(A, claimFor('K1'));
    // An earlier answer, from before the expiry, must not be used once the claim has expired.
    await ledger.claim(A, claimFor('K2'));
    clock.advance(GRACE - 1);
    published.set('K1', [A]);
    clock.advance(1);
    await expect(ledger.claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'delivered', bundle: 'K1' });
    expect(asked.map(({ bundle }) => bundle)).toEqual(['K1', 'K1']);
    expect(other.asked).toEqual([]);
  });

  it('calls a claim busy if it expired only while S3 was answering', async () => {
    const { ledger, table, clock, claimFor } = setUp();
    const claim = claimFor('K1');
    await ledger.claim(A, claim);
    clock.advance(GRACE - 1);
    // S3 looked before `until`, and its answer arrived after it: the bundle may have landed in between.
    const slow = new Ledger({
      table,
      clock,
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

  it('does not share an answer between a question from before the expiry and one from after it', async () => {
    const { ledger, table, clock, claimFor } = setUp();
    const claim = claimFor('K1');
    await ledger.claim(A, claim);
    await ledger.claim(B, claim);
    const answers: ((members: ReadonlySet<string> | undefined) => void)[] = [];
    const publications: Publications = {
      membersOf: () => new Promise((resolve) => answers.push(resolve)),
    };
    const second = new Ledger({ table, clock, publications });
    clock.advance(GRACE - 1);
    const before = second.claim(A, claimFor('K2'));
    await turn();
    clock.advance(1);
    const after = second.claim(B, claimFor('K2'));
    await turn();
    // The bundle landed between the two questions.
    const [answerBefore, answerAfter] = answers;
    answerBefore?.(undefined);
    answerAfter?.(new Set([A, B].map(objectIdOf)));
    await expect(before).resolves.toEqual({ kind: 'busy', bundle: 'K1', until: claim.until });
    await expect(after).resolves.toEqual({ kind: 'delivered', bundle: 'K1' });
    expect(answers).toHaveLength(2);
  });

  it('lets one of two takers win', async () => {
    const { ledger, newLedger, clock, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    clock.advance(GRACE);
    const outcomes = await Promise.all([
      newLedger().claim(A, claimFor('K2')),
      newLedger().claim(A, claimFor('K3')),
    ]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['busy', 'claimed']);
  });

  it('asks S3 once for all members of a bundle that are asked for together', async () => {
    const { ledger, newLedger, published, asked, claimFor } = setUp();
    const objects = Array.from({ length: 50 }, (_, i) => landedVersion(`${i}.txt`));
    for (const one of objects) await ledger.claim(one, claimFor('K1'));
    published.set('K1', objects);
    const second = newLedger();
    const outcomes = await Promise.all(objects.map((one) => second.claim(one, claimFor('K2'))));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['delivered']));
    expect(asked).toHaveLength(1);
  });

  it('reads the note instead of asking S3', async () => {
    const { ledger, newLedger, asked, claimFor, table } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.recordBundle('K1', [A, B], 1_900_000_000);
    await expect(newLedger().claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'delivered', bundle: 'K1' });
    expect(asked).toEqual([]);
    expect(table.items.get(bundleId('K1'))).toMatchObject({ expires: 1_900_000_000 });
  });

  it('concludes nothing where S3 does not say', async () => {
    const { ledger, table, clock, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    clock.advance(GRACE);
    const cause = new CallError('HEAD', { outcome: 'unknown', code: 'ECONNRESET' });
    const blind = new Ledger({ table, clock, publications: { membersOf: () => Promise.reject(cause) } });
    await expect(blind.claim(A, claimFor('K2'))).resolves.toEqual({ kind: 'unknown', cause });
    expect(table.items.get(claimId(objectIdOf(A)))).toMatchObject({ bundle: 'K1' });
  });

  it('keeps versions of a key apart', async () => {
    const { ledger, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    const second: ObjectVersion = { ...A, version: { kind: 'id', versionId: 'v2' } };
    await expect(ledger.claim(second, claimFor('K2'))).resolves.toEqual({ kind: 'claimed', failures: 0 });
  });
});

describe('Ledger.release', () => {
  it('frees the object for the next delivery', async () => {
    const { ledger, table, claimFor } = setUp();
    await ledger.claim(A, claimFor('K1'));
    await ledger.release(A, { bundle: 'K1', failures: 0, expires: 0 });
    expect(table.items.size).toBe(0);
  });

  it("leaves another bundle's claim alone", async () => {
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
