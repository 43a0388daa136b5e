import { createHmac, hash } from 'node:crypto';
import { Sha256 } from './sha256.ts';

const sum = async (text: string, secret?: ConstructorParameters<typeof Sha256>[0]): Promise<string> => {
  const sha256 = new Sha256(secret);
  sha256.update(Buffer.from(text));
  return Buffer.from(await sha256.digest()).toString('hex');
};
const expected = (text: string, secret: string) => createHmac('sha256', secret).update(text).digest('hex');

describe('Sha256', () => {
  it('computes SHA-256', async () => {
    await expect(sum('a text')).resolves.toBe(hash('sha256', 'a text'));
  });

  it('computes HMAC-SHA-256 with a key of any type, also when the key is used again', async () => {
    const bytes = Buffer.from('a key');
    const view = new DataView(new Uint8Array([...Buffer.from('--a key--')]).buffer, 2, 5);
    const { buffer } = new Uint8Array([...bytes]);
    for (const key of ['a key', bytes, bytes, view, view, buffer]) {
      await expect(sum('a text', key)).resolves.toBe(expected('a text', 'a key'));
    }
    await expect(sum('another', bytes)).resolves.toBe(expected('another', 'a key'));
    await expect(sum('a text', Buffer.from('other'))).resolves.toBe(expected('a text', 'other'));
  });
});
