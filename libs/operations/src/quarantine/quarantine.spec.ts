import { joinDeadLetters } from './dead-letters.ts';
import { manualClock, memoryStore, memoryTable } from '@data-aggregator/shared-processing/testing';
import { markQuarantined, quarantineMarkOf } from '@data-aggregator/shared-processing/ledger';
import { exit, OpsError } from '../errors/index.ts';
import { letter, memoryLetters } from '../testing/index.ts';
import { type Case, casesOf, titleOf } from './case.ts';
import { choose } from './choose.ts';
import { drop } from './drop.ts';
import { withAllLetters } from './read-all.ts';
import { redrive } from './redrive.ts';

describe('casesOf', () => {
  it('groups dead letters of the same object and reason, oldest first', () => {
    const cases = casesOf([
      letter('1', 'b', 'gone', 30),
      letter('2', 'a', 'gone', 20),
      letter('3', 'b', 'gone', 10),
      letter('4', 'b', 'too-large', 40),
    ]);
    expect(cases.map((one) => [one.reason, titleOf(one), one.letters.map(({ id }) => id).join()])).toEqual([
      ['gone', 'b', '3,1'],
      ['gone', 'a', '2'],
      ['too-large', 'b', '4'],
    ]);
  });

  it('recognises messages that SQS moved, and malformed ones', () => {
    const malformed = { ...letter('2', 'x', 'malformed-notification', 2), body: 'no JSON' };
    const cases = casesOf([letter('1', 'a', undefined, 1), malformed, { ...malformed, id: '3' }]);
    expect(cases).toMatchObject([
      { reason: 'tried-too-often', objects: [{ key: 'a' }] },
      { reason: 'malformed-notification', objects: [], letters: [{ id: '2' }, { id: '3' }] },
    ]);
    expect(titleOf(cases[1] as Case)).toBe('no JSON');
  });

  it('recognises events that EventBridge could not deliver', () => {
    const attributes = {
      ERROR_CODE: 'NO_PERMISSIONS',
      ERROR_MESSAGE: 'no access',
      RULE_ARN: 'arn:aws:events:…',
    };
    expect(casesOf([{ ...letter('1', 'a'), attributes }])).toMatchObject([
      { reason: 'undelivered', detail: 'NO_PERMISSIONS: no access', objects: [{ key: 'a' }] },
    ]);
  });

  it('keeps a dead letter that says more about the same object in a case of its own', () => {
    const plain = letter('1', 'a');
    const { Records } = JSON.parse(plain.body) as { Records: object[] };
    const body = JSON.stringify({ Records: [...Records, { eventSource: 'aws:s3' }] });
    const cases = casesOf([plain, { ...plain, id: '2', body }]);
    expect(cases).toMatchObject([
      { objects: [{ key: 'a' }], letters: [{ id: '1' }] },
      { objects: [{ key: 'a' }], letters: [{ id: '2' }] },
    ]);
  });

  it('gives a case a stable id', () => {
    const [first] = casesOf([letter('1', 'a', 'gone')]);
    const [later] = casesOf([letter('2', 'a', 'gone', 99)]);
    expect(first?.id).toBe(later?.id);
  });
});

describe('choose', () => {
  const cases = casesOf([letter('one', 'a', 'gone'), letter('two', 'b', 'gone'), letter('three', 'c', 'x')]);
  const keys = (chosen: Case[]) => chosen.map(titleOf);

  it('selects by ids of cases or dead letters, by reason, or all', () => {
    expect(keys(choose(cases, { ids: [(cases[0] as Case).id, 'two'] }))).toEqual(['a', 'b']);
    expect(keys(choose(cases, { ids: [], reason: 'gone' }))).toEqual(['a', 'b']);
    expect(keys(choose(cases, { ids: [], all: true }))).toEqual(['a', 'b', 'c']);
    expect(keys(choose(cases, { ids: ['one', 'on'] }))).toEqual(['a']);
  });

  it.each([
    [{ ids: [] }, 'Select cases with ids, --reason or --all.'],
    [{ ids: ['one'], all: true }, 'Select cases with ids, --reason or --all.'],
    [{ ids: ['nobody'] }, 'No case has an id that starts with "nobody".'],
    [{ ids: [''] }, 'An id must not be empty.'],
    [{ ids: ['t'] }, 'Several ids start with "t". Use more characters.'],
  ])('refuses %j', (choice, sentence) => {
    expect(() => choose(cases, choice)).toThrow(OpsError);
    expect(() => choose(cases, choice)).toThrow(sentence);
  });
});

describe('withAllLetters', () => {
  const many = Array.from({ length: 25 }, (_, n) => letter(`id-${n}`, `${n}`, 'gone'));

  it('reads the whole queue, and makes every message visible again', async () => {
    const queue = memoryLetters(many);
    const read = await withAllLetters(queue, 1_000, async (letters) => letters.length);
    expect(read).toBe(25);
    expect(queue.hidden.size).toBe(0);
  });

  it('makes the remaining messages visible again if the work fails', async () => {
    const queue = memoryLetters(many);
    const failing = withAllLetters(queue, 1_000, async (letters, remove) => {
      await remove(letters.slice(0, 5));
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    expect(queue.letters).toHaveLength(20);
    expect([...queue.hidden]).toEqual(many.slice(0, 5).map(({ id }) => id));
  });

  it('reports why the work failed, even if the messages stay hidden', async () => {
    const queue = { ...memoryLetters(many), giveBack: () => Promise.reject(new Error('no permission')) };
    const failing = withAllLetters(queue, 10, () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    await expect(withAllLetters(queue, 10, async () => undefined)).rejects.toThrow('no permission');
  });

  it('ends the reading when messages return that it has read', async () => {
    const queue = memoryLetters(many);
    const slow = {
      ...queue,
      async receive() {
        if (queue.hidden.size === many.length) queue.hidden.clear();
        return queue.receive();
      },
    };
    await expect(
      withAllLetters(slow, 1_000, async (letters, _, more) => [letters.length, more]),
    ).resolves.toEqual([25, true]);
  });

  it('stops reading when the signal aborts, and makes every message visible again', async () => {
    const queue = memoryLetters(many);
    const controller = new AbortController();
    const interrupted = {
      ...queue,
      async receive() {
        controller.abort();
        return queue.receive();
      },
    };
    const use = jest.fn();
    await expect(withAllLetters(interrupted, 1_000, use, controller.signal)).rejects.toMatchObject({
      code: exit.later,
    });
    expect(use).not.toHaveBeenCalled();
    expect(queue.hidden.size).toBe(0);
  });

  it('stops at the maximum, and reports that there may be more', async () => {
    const queue = memoryLetters(many);
    await expect(
      withAllLetters(queue, 10, async (letters, _, more) => [letters.length, more]),
    ).resolves.toEqual([10, true]);
  });
});

/** A case of two dead letters with a marked object, and the dependencies to end it. */
async function setUp(takes = true) {
  const clock = manualClock();
  const table = memoryTable();
  const store = memoryStore(clock.now);
  const queue = memoryLetters([letter('1', 'a', 'gone'), letter('2', 'a', 'gone')]);
  const [one] = casesOf(queue.letters) as [Case];
  const sent: string[] = [];
  const dependencies = {
    clock,
    table,
    store,
    random: () => 0.5,
    archive: 'archive',
    claimRetentionMs: 86_400_000,
    remove: queue.remove,
    queue: {
      send: async (messages: readonly { body: string }[]) => {
        if (takes) sent.push(...messages.map(({ body }) => body));
        return messages.map(() => takes);
      },
    },
  };
  const [object] = one.objects as [Case['objects'][0]];
  const mark = () => quarantineMarkOf(object, dependencies);
  await markQuarantined(object, 'gone', clock.now() / 1000 + 86_400, dependencies);
  return { one, queue, sent, mark, store, dependencies };
}

describe('redrive', () => {
  it('sends a case once, unmarks its object, and removes all its dead letters', async () => {
    const { one, queue, sent, mark, dependencies } = await setUp();
    await expect(redrive(one, dependencies)).resolves.toEqual({ sent: true, lettersLeft: 0 });
    expect(sent).toEqual([one.letters[0]?.body]);
    expect(queue.letters).toEqual([]);
    await expect(mark()).resolves.toBeUndefined();
  });

  it('leaves the mark of a new refusal', async () => {
    const { one, mark, dependencies } = await setUp();
    const [object] = one.objects as [Case['objects'][0]];
    const queue = {
      async send(messages: readonly unknown[]) {
        await markQuarantined(object, 'archived', 9e9, dependencies);
        return messages.map(() => true);
      },
    };
    await redrive(one, { ...dependencies, queue });
    await expect(mark()).resolves.toMatchObject({ reason: 'archived' });
  });

  it('sends nothing if an object cannot be unmarked', async () => {
    const { one, queue, sent, dependencies } = await setUp();
    const table = { ...dependencies.table, delete: () => Promise.reject(new Error('no permission')) };
    await expect(redrive(one, { ...dependencies, table })).rejects.toThrow('no permission');
    expect(sent).toEqual([]);
    expect(queue.letters).toHaveLength(2);
  });

  it('keeps the dead letters if the case cannot be sent', async () => {
    const { one, queue, dependencies } = await setUp(false);
    await expect(redrive(one, dependencies)).resolves.toEqual({ sent: false, lettersLeft: 2 });
    expect(queue.letters).toHaveLength(2);
  });
});

describe('drop', () => {
  it('stores the case with its note, marks its object, and removes its dead letters', async () => {
    const { one, queue, store, mark, dependencies } = await setUp();
    const { key } = await drop(one, 'a test of the uploader', dependencies);
    expect(key).toBe(`dropped/2026-01-01/000000Z-${one.id}.json`);
    const kept = JSON.parse(String(store.versions('archive', key)[0]?.content)) as Record<string, unknown>;
    expect(kept).toMatchObject({
      note: 'a test of the uploader',
      reason: 'gone',
      letters: [{ id: '1' }, { id: '2' }],
    });
    expect(queue.letters).toEqual([]);
    await expect(mark()).resolves.toMatchObject({ reason: 'dropped' });
  });

  it('keeps the dead letters if an object cannot be marked', async () => {
    const { one, queue, dependencies } = await setUp();
    const table = { ...dependencies.table, put: () => Promise.reject(new Error('no permission')) };
    await expect(drop(one, 'x', { ...dependencies, table })).rejects.toThrow('no permission');
    expect(queue.letters).toHaveLength(2);
  });

  it('marks every object of the case, for as long as claims are kept', async () => {
    const { dependencies } = await setUp();
    const records = ['a', 'b'].flatMap((key) => {
      const { Records } = JSON.parse(letter('1', key).body) as { Records: object[] };
      return Records;
    });
    const [both] = casesOf([{ ...letter('1', 'a'), body: JSON.stringify({ Records: records }) }]) as [Case];
    await drop(both, 'x', dependencies);
    dependencies.clock.advance(dependencies.claimRetentionMs - 1);
    const marks = () => Promise.all(both.objects.map((object) => quarantineMarkOf(object, dependencies)));
    await expect(marks()).resolves.toMatchObject([{ reason: 'dropped' }, { reason: 'dropped' }]);
    dependencies.clock.advance(1_000);
    await expect(marks()).resolves.toEqual([undefined, undefined]);
  });

  it('keeps the dead letters if the case cannot be stored', async () => {
    const { one, queue, dependencies } = await setUp();
    const store = { put: () => Promise.reject(new Error('no such bucket')) };
    await expect(drop(one, 'x', { ...dependencies, store })).rejects.toThrow('no such bucket');
    expect(queue.letters).toHaveLength(2);
  });
});

describe('joinDeadLetters', () => {
  it('reads every queue, and removes and returns each dead letter in its own', async () => {
    const [first, second] = [memoryLetters([letter('a', 'a.txt')]), memoryLetters([letter('b', 'b.txt')])];
    await withAllLetters(joinDeadLetters([first, second]), 100, async (letters, remove) => {
      expect(letters.map(({ id }) => id)).toEqual(['a', 'b']);
      expect(await remove(letters.filter(({ id }) => id === 'b'))).toEqual([]);
    });
    expect([first.letters.length, second.letters.length]).toEqual([1, 0]);
    expect(first.hidden.size).toBe(0);
  });

  it('asks a queue that was empty only once in a reading', async () => {
    const long = memoryLetters(Array.from({ length: 25 }, (_, n) => letter(`${n}`, `${n}`)));
    const late = memoryLetters([]);
    const receive = jest.fn(late.receive);
    const joined = joinDeadLetters([long, { ...late, receive }]);
    await expect(withAllLetters(joined, 100, async ({ length }) => length)).resolves.toBe(25);
    expect(receive).toHaveBeenCalledTimes(1);
    late.letters.push(letter('late', 'late'));
    await expect(withAllLetters(joined, 100, async ({ length }) => length)).resolves.toBe(26);
  });

  it('makes the messages of each queue visible again, even if that fails for another', async () => {
    const broken = {
      ...memoryLetters([letter('a', 'a.txt')]),
      giveBack: () => Promise.reject(new Error('no permission')),
    };
    const second = memoryLetters([letter('b', 'b.txt')]);
    const joined = joinDeadLetters([broken, second]);
    await expect(withAllLetters(joined, 100, async () => undefined)).rejects.toThrow('no permission');
    expect(second.hidden.size).toBe(0);
  });

  it('makes what it received visible again if another queue cannot be read', async () => {
    const first = memoryLetters([letter('a', 'a.txt')]);
    const broken = { ...memoryLetters([]), receive: () => Promise.reject(new Error('no permission')) };
    await expect(joinDeadLetters([first, broken]).receive()).rejects.toThrow('no permission');
    expect(first.hidden.size).toBe(0);
  });
});
