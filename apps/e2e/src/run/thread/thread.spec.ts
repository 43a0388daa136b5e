import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { Failure } from '@data-aggregator/pipeline-client';
import type { Command } from '../testing/thread.ts';
import { startThread } from './thread.ts';

const start = () => startThread<Command, number>(pathToFileURL(join(__dirname, '../testing/thread.ts')), 40);
const { signal } = new AbortController();

it('handles several calls at once', async () => {
  await using thread = start();
  const slow = thread.call({ do: 'wait', ms: 50 }, signal);
  expect(await thread.call({ do: 'add', n: 2 }, signal)).toBe(42);
  expect(await slow).toBe(50);
});

it('rejects with the error of the work, and stays usable', async () => {
  await using thread = start();
  await expect(thread.call({ do: 'fail' }, signal)).rejects.toEqual(new Failure('It is not there.'));
  await expect(thread.call({ do: 'fail' }, signal)).rejects.toBeInstanceOf(Failure);
  const broken = await thread.call({ do: 'break' }, signal).catch((error: unknown) => error);
  expect(broken).toMatchObject({ name: 'TypeError', message: 'broken' });
  expect(broken).not.toBeInstanceOf(Failure);
  expect(await thread.call({ do: 'add', n: 1 }, signal)).toBe(41);
});

it('rejects calls at once when the signal aborts', async () => {
  await using thread = start();
  const controller = new AbortController();
  const reason = new Error('enough');
  const waiting = thread.call({ do: 'wait', ms: 200 }, controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(thread.call({ do: 'add', n: 1 }, controller.signal)).rejects.toBe(reason);
});

it('completes pending calls before it ends, and rejects later ones', async () => {
  const thread = start();
  const waiting = thread.call({ do: 'wait', ms: 50 }, signal);
  await thread[Symbol.asyncDispose]();
  expect(await waiting).toBe(50);
  await expect(thread.call({ do: 'add', n: 1 }, signal)).rejects.toThrow('the thread has ended');
});

it('rejects pending calls if it dies', async () => {
  await using thread = start();
  const waiting = thread.call({ do: 'wait', ms: 60_000 }, signal);
  await expect(thread.call({ do: 'die' }, signal)).rejects.toThrow('the thread has ended');
  await expect(waiting).rejects.toThrow('the thread has ended');
});
