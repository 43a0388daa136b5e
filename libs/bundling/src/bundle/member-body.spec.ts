import { Readable } from 'node:stream';
import { MemberBodyError, memberBody } from './member-body.ts';

const entry = { name: 'a', size: 4 };

describe('memberBody', () => {
  it('returns the chunks, then undefined', async () => {
    const body = memberBody(entry, Readable.from([Buffer.from('ab'), Buffer.from('cd')]));
    expect([await body.next(), await body.next(), await body.next()].map(String)).toEqual([
      'ab',
      'cd',
      'undefined',
    ]);
  });

  it('ignores the value that a generator returns', async () => {
    const body = memberBody(
      entry,
      (async function* () {
        yield Buffer.from('abcd');
        return Buffer.from('e');
      })(),
    );
    expect([await body.next(), await body.next()].map(String)).toEqual(['abcd', 'undefined']);
  });

  it('accepts an empty body for an empty file', async () => {
    expect(await memberBody({ name: 'a', size: 0 }, Readable.from([])).next()).toBeUndefined();
  });

  it('when closed, rejects the pending read and every later one', async () => {
    const silent = new Readable({ read: () => undefined });
    const body = memberBody(entry, silent);
    const waiting = body.next();
    body.close();
    body.close();
    await expect(waiting).rejects.toThrow(MemberBodyError);
    await expect(body.next()).rejects.toMatchObject({ cause: new Error('the body was closed') });
  });

  it('does not read from a closed body', async () => {
    const next = jest.fn(() => new Promise<never>(() => undefined));
    const body = memberBody(entry, { [Symbol.asyncIterator]: () => ({ next }) });
    body.close();
    await expect(body.next()).rejects.toThrow(MemberBodyError);
    expect(next).not.toHaveBeenCalled();
  });

  it('ignores that closing the body fails', async () => {
    const iterator = {
      next: () => Promise.reject(new Error('reset')),
      return: () => Promise.reject(new Error('again')),
    };
    const body = memberBody(entry, { [Symbol.asyncIterator]: () => iterator });
    await expect(body.next()).rejects.toMatchObject({ cause: new Error('reset') });
    body.close();
  });
});
