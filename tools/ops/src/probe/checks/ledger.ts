import type { WriteResult } from '@data-aggregator/shared-processing/ledger';
import { type Assumption, observe, range } from '../assumption.ts';

const TTL = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html';
const CONDITIONS =
  'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html';
const READS =
  'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html';

const CONTENDERS = 10;
const seconds = () => Math.floor(Date.now() / 1000);
const written = (results: readonly WriteResult[]) => results.filter(({ kind }) => kind === 'written').length;

export const ledgerAssumptions: readonly Assumption[] = [
  {
    name: 'expired-item',
    assumption:
      'An item whose time to live is over is still there for reads and conditions until DynamoDB removes it; so the time belongs into the condition.',
    source: TTL,
    requests: { dynamoWrite: 2, dynamoRead: 1 },
    async check({ table }) {
      const item = { id: 'expired', expires: seconds() - 3_600, bundle: 'K1', until: 1 };
      await table.put(item);
      const again = await table.put({ ...item, bundle: 'K2' }, { kind: 'absent' });
      const read = await table.get(item.id);
      if (read === undefined && again.kind === 'written') {
        return { outcome: 'not-tested', observed: 'DynamoDB had removed the item already' };
      }
      const existing = again.kind === 'refused' ? again.existing?.['bundle'] : undefined;
      return observe(
        again.kind === 'refused' && existing === 'K1' && read?.['bundle'] === 'K1',
        `put if absent: ${again.kind}, existing item of ${String(existing)}; read: ${String(read?.['bundle'])}`,
      );
    },
  },
  {
    name: 'concurrent-claims',
    assumption: 'Of concurrent puts of one item on condition that it is absent, exactly one succeeds.',
    source: CONDITIONS,
    requests: { dynamoWrite: CONTENDERS },
    async check({ table }) {
      const results = await Promise.all(
        range(CONTENDERS).map((n) =>
          table.put({ id: 'claimed', expires: seconds() + 3_600, bundle: `K${n}` }, { kind: 'absent' }),
        ),
      );
      return observe(written(results) === 1, `${written(results)} of ${results.length} succeeded`);
    },
  },
  {
    name: 'concurrent-takeovers',
    assumption:
      'Of concurrent replacements of one item on condition that it is unchanged, exactly one succeeds.',
    source: CONDITIONS,
    requests: { dynamoWrite: CONTENDERS + 1 },
    async check({ table }) {
      const item = { id: 'taken', expires: seconds() + 3_600, bundle: 'K', until: 1 };
      await table.put(item);
      const unchanged = { kind: 'equals', attributes: { bundle: 'K', until: 1 } } as const;
      const results = await Promise.all(
        range(CONTENDERS).map((n) => table.put({ ...item, bundle: `K${n}` }, unchanged)),
      );
      return observe(written(results) === 1, `${written(results)} of ${results.length} succeeded`);
    },
  },
  {
    name: 'consistent-read',
    assumption: 'A strongly consistent read returns every write that was answered before it.',
    source: READS,
    requests: { dynamoWrite: CONTENDERS, dynamoRead: CONTENDERS },
    async check({ table }) {
      const seen = await Promise.all(
        range(CONTENDERS).map(async (n) => {
          const item = { id: `read-${n}`, expires: seconds() + 3_600, bundle: `K${n}` };
          await table.put(item);
          return (await table.get(item.id))?.['bundle'] === item.bundle;
        }),
      );
      const current = seen.filter(Boolean).length;
      return observe(current === seen.length, `${current} of ${seen.length} reads saw the write`);
    },
  },
];
