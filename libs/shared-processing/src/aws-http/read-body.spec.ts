import { Readable } from 'node:stream';
import { readBody } from './read-body.ts';

describe('textOf', () => {
  it('puts characters together that were cut between chunks', async () => {
    const bytes = Buffer.from('añb');
    await expect(readBody(Readable.from([bytes.subarray(0, 2), bytes.subarray(2)]))).resolves.toBe('añb');
  });

  it('gives up an answer that does not end, and closes it', async () => {
    const endless = new Readable({ read: () => void endless.push(Buffer.alloc(65_536)) });
    await expect(readBody(endless)).rejects.toThrow('more than 1048576 bytes');
    expect(endless.destroyed).toBe(true);
  });
});
