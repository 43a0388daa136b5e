import { systemClock, withRetries } from '../retry/index.ts';
import { memoryStore } from '../testing/index.ts';
import { readText, readTextObject } from './read-text.ts';

describe('readText', () => {
  const store = memoryStore(() => 0);
  store.upload('archive', 'manifest.json', Buffer.from('{"members":"é"}'));
  /** A store that corrupts a byte of the first bodies. */
  const corrupting = (bodies: number) => ({
    async get(request: Parameters<typeof store.get>[0]) {
      const received = await store.get(request);
      if (bodies-- <= 0) return received;
      async function* chunks() {
        for await (const chunk of received.body) yield Buffer.from(chunk).fill('x', 2, 3);
      }
      return { ...received, body: Object.assign(chunks(), { destroy: () => undefined }) };
    },
  });

  it('returns the text of the object', async () => {
    await expect(readText('archive', 'manifest.json', store)).resolves.toBe('{"members":"é"}');
  });

  it('refuses an object that is too large, without reading it', async () => {
    await expect(readTextObject('archive', 'manifest.json', store, 15)).rejects.toMatchObject({
      name: 'CallError',
      outcome: 'refused',
      code: 'TooLarge',
    });
    await expect(readTextObject('archive', 'manifest.json', store, 16)).resolves.toEqual({
      text: '{"members":"é"}',
      lastModified: 0,
    });
  });

  it('rejects a corrupted body, so that a retry can succeed', async () => {
    await expect(readText('archive', 'manifest.json', corrupting(1))).rejects.toMatchObject({
      name: 'CallError',
      outcome: 'unknown',
      code: 'CorruptedBody',
    });
    const corrupted = corrupting(2);
    const rules = { clock: systemClock, random: () => 0 };
    await expect(withRetries(() => readText('archive', 'manifest.json', corrupted), rules)).resolves.toBe(
      '{"members":"é"}',
    );
  });
});
