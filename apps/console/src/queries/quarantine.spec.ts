import { letter, memoryLetters, namedResources } from '@data-aggregator/operations/testing';
import { CallError } from '@data-aggregator/shared-processing/errors';
import { manualClock, memoryStore, memoryTable } from '@data-aggregator/shared-processing/testing';
import type { CaseChoice } from '../api.ts';
import { createQuarantine } from './quarantine.ts';

type Parts = Parameters<typeof createQuarantine>[0];

/** A quarantine with a case for each of three letters, in which `change` changes what the console calls. */
async function setUp(change: (parts: Parts) => Partial<Parts> = () => ({})) {
  const deadLetters = memoryLetters(['a', 'b', 'c'].map((key, index) => letter(key, key, 'gone', index)));
  const clock = { ...manualClock(), wait: async () => undefined };
  const sent: string[] = [];
  const queue: Parts['queue'] = {
    async send(messages) {
      sent.push(...messages.map(({ body }) => body));
      return messages.map(() => true);
    },
  };
  const parts = {
    ...{ deadLetters, clock, queue, resources: namedResources, random: () => 0.5 },
    ...{ table: memoryTable(), store: memoryStore(clock.now) },
  };
  const quarantine = createQuarantine({ ...parts, ...change(parts) });
  const { cases } = await quarantine.list();
  return { quarantine, deadLetters, sent, ids: cases.map(({ id }) => id) };
}

const refused = (call: string) =>
  new CallError(call, { outcome: 'refused', code: 'AccessDenied', status: 403 });
const changes = [
  ['redrive', (choice: CaseChoice) => ({ kind: 'redrive', ...choice }) as const],
  ['drop', (choice: CaseChoice) => ({ kind: 'drop', note: 'a test', ...choice }) as const],
] as const;

describe.each(changes)('%s', (_, change) => {
  const { signal } = new AbortController();

  it('changes every case', async () => {
    const { quarantine, deadLetters } = await setUp();
    const { execute } = await quarantine.prepare(change({ all: true }));
    await expect(execute(signal)).resolves.toMatchObject({ ok: true });
    expect(deadLetters.letters).toEqual([]);
  });

  it('says which cases it changed before it failed, and makes the others visible again', async () => {
    const { quarantine, deadLetters, ids } = await setUp(({ deadLetters }) => ({
      deadLetters: {
        ...deadLetters,
        async remove(letters) {
          if (letters.some(({ id }) => id === 'b')) throw refused('DeleteMessageBatch');
          return deadLetters.remove(letters);
        },
      },
    }));
    const [a = '', b = ''] = ids;
    const { execute } = await quarantine.prepare(change({ all: true }));
    const { ok, sentences, error } = await execute(signal);
    expect([ok, error]).toEqual([false, expect.any(CallError)]);
    expect(sentences).toEqual([
      expect.stringMatching(/^1 case /),
      expect.stringContaining(a),
      expect.stringMatching(`${b}.*DeleteMessageBatch`),
      expect.stringMatching(/^1 more case /),
    ]);
    expect(deadLetters.letters.map(({ id }) => id)).toEqual(['b', 'c']);
    expect([...deadLetters.hidden]).toEqual(['a']);
  });

  it('ends after the case at hand if the console stops', async () => {
    const stop = new AbortController();
    const { quarantine, deadLetters, ids } = await setUp(({ deadLetters }) => ({
      deadLetters: {
        ...deadLetters,
        async remove(letters) {
          stop.abort();
          return deadLetters.remove(letters);
        },
      },
    }));
    const { execute } = await quarantine.prepare(change({ all: true }));
    const { ok, sentences } = await execute(stop.signal);
    expect([ok, sentences]).toEqual([
      false,
      [
        expect.stringMatching(/^1 case /),
        expect.stringContaining(ids[0] ?? ''),
        expect.stringMatching(/^2 more cases /),
      ],
    ]);
    expect(deadLetters.letters.map(({ id }) => id)).toEqual(['b', 'c']);
    expect([...deadLetters.hidden]).toEqual(['a']);
  });

  it('says what it changed although the others could not be made visible again', async () => {
    let isBroken = false;
    const { quarantine, ids } = await setUp(({ deadLetters }) => ({
      deadLetters: {
        ...deadLetters,
        async giveBack(letters) {
          if (isBroken) throw refused('ChangeMessageVisibilityBatch');
          return deadLetters.giveBack(letters);
        },
      },
    }));
    const { execute } = await quarantine.prepare(change({ ids: ids.slice(0, 1) }));
    isBroken = true;
    const { ok, sentences, error } = await execute(signal);
    expect([ok, error]).toEqual([false, expect.any(CallError)]);
    expect(sentences).toEqual([
      expect.stringMatching(/^1 case /),
      expect.stringContaining('ChangeMessageVisibilityBatch'),
    ]);
  });

  it('does not succeed for a case that another reader hides', async () => {
    const { quarantine, deadLetters } = await setUp();
    const { execute } = await quarantine.prepare(change({ all: true }));
    deadLetters.hidden.add('b');
    const { ok, sentences } = await execute(signal);
    expect([ok, sentences]).toEqual([
      false,
      [expect.stringMatching(/^2 cases /), expect.stringMatching(/^1 case not found/)],
    ]);
  });
});
