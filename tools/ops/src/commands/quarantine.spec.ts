import { exit } from '@data-aggregator/operations/errors';
import { letter, memoryLetters, namedResources } from '@data-aggregator/operations/testing';
import { manualClock, memoryStore, memoryTable } from '@data-aggregator/shared-processing/testing';
import { createOutput } from '../output.ts';
import { dropAll, list, type QuarantineContext, type QuarantineOptions, redriveAll } from './quarantine.ts';

/** A quarantine with a case for each letter, in which `change` changes what the commands call. */
function setUp(
  keys = ['a', 'b', 'c'],
  change: (all: Parts) => Partial<Awaited<ReturnType<QuarantineContext['connection']>>> = () => ({}),
) {
  const deadLetters = memoryLetters(keys.map((key, index) => letter(key, key, 'gone', index)));
  const clock = manualClock();
  const sent: string[] = [];
  const queue = {
    async send(messages: readonly { body: string }[]) {
      sent.push(...messages.map(({ body }) => body));
      return messages.map(() => true);
    },
  };
  const parts = { deadLetters, clock, table: memoryTable(), store: memoryStore(clock.now), queue };
  const connection = async () => ({
    ...parts,
    random: () => 0.5,
    resources: namedResources,
    ...change(parts),
  });
  const out: string[] = [];
  const ignore = () => undefined;
  const output = createOutput(true, { out: (text) => void out.push(text), err: ignore });
  return {
    ...parts,
    sent,
    context: { output, connection, signal: new AbortController().signal },
    keysLeft: () => deadLetters.letters.map(({ id }) => id),
    result: () => JSON.parse(out.join('')) as Record<string, unknown>,
  };
}

type Parts = Omit<ReturnType<typeof setUp>, 'context' | 'sent' | 'keysLeft' | 'result'>;

const all: QuarantineOptions = { all: true, most: 100, execute: true, note: 'a test' };
const commands = [
  ['redrive', redriveAll, 'redriven'],
  ['drop', dropAll, 'dropped'],
] as const;

describe.each(commands)('quarantine %s', (_, command, name) => {
  it('changes every case', async () => {
    const { context, keysLeft, result } = setUp();
    await expect(command(context, [], all)).resolves.toBe(exit.success);
    expect(result()).toMatchObject({ [name]: [{}, {}, {}], left: [], mayBeMore: false });
    expect(keysLeft()).toEqual([]);
  });

  it('changes nothing without --execute', async () => {
    const { context, sent, store, keysLeft, result } = setUp();
    await expect(command(context, [], { all: true, most: 100 })).resolves.toBe(exit.success);
    expect(result()).toMatchObject({ plan: [{}, {}, {}], mayBeMore: false });
    expect(keysLeft()).toEqual(['a', 'b', 'c']);
    expect([sent, store.keys('archive')]).toEqual([[], []]);
  });

  it('fails if a dead letter could not be removed', async () => {
    const { context, result } = setUp(['a'], ({ deadLetters }) => ({
      deadLetters: { ...deadLetters, remove: async (letters) => [...letters] },
    }));
    await expect(command(context, [], all)).resolves.toBe(exit.failure);
    expect(result()).toMatchObject({ [name]: [{ lettersLeft: 1 }] });
  });

  it('says which cases it changed before it failed, and makes the others visible again', async () => {
    const { context, deadLetters, keysLeft, result } = setUp(undefined, ({ deadLetters }) => ({
      deadLetters: {
        ...deadLetters,
        remove: async (letters) => {
          if (letters.some(({ id }) => id === 'b')) throw new Error('broken');
          return deadLetters.remove(letters);
        },
      },
    }));
    await expect(command(context, [], all)).rejects.toThrow('broken');
    expect(result()).toMatchObject({ [name]: [{}], left: [{}, {}].map(() => expect.any(String)) });
    expect(keysLeft()).toEqual(['b', 'c']);
    expect([...deadLetters.hidden]).toEqual(['a']);
  });

  it('stops after the current case at Ctrl-C, and makes the others visible again', async () => {
    const interrupt = new AbortController();
    const { context, deadLetters, keysLeft, result } = setUp(undefined, ({ deadLetters }) => ({
      deadLetters: {
        ...deadLetters,
        async remove(letters) {
          interrupt.abort();
          return deadLetters.remove(letters);
        },
      },
    }));
    const { signal } = interrupt;
    await expect(command({ ...context, signal }, [], all)).resolves.toBe(exit.later);
    expect(result()).toMatchObject({ [name]: [{}], left: [{}, {}].map(() => expect.any(String)) });
    expect(keysLeft()).toEqual(['b', 'c']);
    expect([...deadLetters.hidden]).toEqual(['a']);
  });

  it('has not changed all cases while there may be more dead letters than were read', async () => {
    const keys = Array.from({ length: 11 }, (_, index) => String(index));
    const { context, keysLeft, result } = setUp(keys);
    await expect(command(context, [], { ...all, most: 10 })).resolves.toBe(exit.later);
    expect(result()).toMatchObject({ left: [], mayBeMore: true });
    expect(keysLeft()).toEqual(['10']);
    await expect(command(setUp(keys).context, ['3'], { ...all, all: false, most: 10 })).resolves.toBe(
      exit.success,
    );
  });
});

it('quarantine redrive goes on after a case that the queue refuses, and fails', async () => {
  const { context, keysLeft, result } = setUp(undefined, () => ({
    queue: { send: async (messages) => messages.map(({ body }) => !body.includes('"b"')) },
  }));
  await expect(redriveAll(context, [], all)).resolves.toBe(exit.failure);
  expect(result()).toMatchObject({ redriven: [{ sent: true }, { sent: false }, { sent: true }] });
  expect(keysLeft()).toEqual(['b']);
});

it('quarantine list says whether there may be more', async () => {
  const few = setUp();
  await expect(list(few.context, { most: 100 })).resolves.toBe(exit.success);
  expect(few.result()).toMatchObject({ cases: [{}, {}, {}], mayBeMore: false });
  const many = setUp();
  await list(many.context, { most: 1, reason: 'archived' });
  expect(many.result()).toEqual({ reasons: [], cases: [], mayBeMore: true });
});
