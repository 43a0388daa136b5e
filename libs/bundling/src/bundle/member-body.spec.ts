import { Readable } from 'node:stream';
import { MemberBodyError, memberBody } from './member-body.ts';

const entry = { name: 'a', size: 4 };

describe('memberBody', () => {
  it('gives the chunks, then nothing', async () => {
    const body = memberBody(entry, Readable.from([Buffer.from('ab'), Buffer.from('cd')]));
    expect([await body.next(), await body.next(), await body.next()].map(String)).toEqual([
      'ab',
      'cd',
      'undefined',
    ]);
  });

  it('takes an empty body for an empty file', async () => {
    expect(await memberBody({ name: 'a', size: 0 }, Readable.from([])).next()).toBeUndefined();
  });

  it('ends a wait that is under way when it is closed, and every later one', async () => {
    const silent = new Readable({ read: () => undefined });
    const body = memberBody(entry, silent);
    const waiting = body.next();
    body.close();
    body.close();
    await expect(waiting).rejects.toThrow(MemberBodyError);
    await expect(body.next()).rejects.toMatchObject({ cause: new Error('the body was closed') });
  });

  it('asks a closed body for nothing', async () => {
    const next = jest.fn(() => new Promise<never>(() => undefined));
    const body = memberBody(entry, { [Symbol.asyncIterator]: () => ({ next }) });
    body.close();
    await expect(body.next()).rejects.toThrow(MemberBodyError);
    expect(next).not.toHaveBeenCalled();
  });

  it('closes a body whose own closing fails', async () => {
    const iterator = {
      next: () => Promise.reject(new Error('reset')),
      return: () => Promise.reject(new Error('again')),
    };
    const body = memberBody(entry, { [Symbol.asyncIterator]: () => iterator });
    await expect(body.next()).rejects.toMatchObject({ cause: new Error('reset') });
    body.close();
  });
});
