import { systemClock, withRetries } from '../retry/index.ts';
import { memoryStore } from '../testing/index.ts';
import { readBytes, readTextObject } from './read-bytes.ts';

describe('readBytes', () => {
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

  it('returns the bytes of the object', async () => {
    await expect(readBytes('archive', 'manifest.json', store)).resolves.toEqual(
      Buffer.from('{"members":"é"}'),
    );
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

  it('rejects a body that breaks off, so that a retry can succeed', async () => {
    const breaking = (bodies: number) => ({
      async get(request: Parameters<typeof store.get>[0]) {
        const received = await store.get(request);
        if (bodies-- <= 0) return received;
        async function* chunks() {
          yield Buffer.from('{"mem');
          throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
        }
        return { ...received, body: Object.assign(chunks(), { destroy: () => undefined }) };
      },
    });
    await expect(readBytes('archive', 'manifest.json', breaking(1))).rejects.toMatchObject({
      name: 'CallError',
      outcome: 'unknown',
      code: 'ECONNRESET',
    });
    const broken = breaking(2);
    const rules = { clock: systemClock, random: () => 0 };
    await expect(withRetries(() => readBytes('archive', 'manifest.json', broken), rules)).resolves.toEqual(
      Buffer.from('{"members":"é"}'),
    );
  });

  it('rejects a corrupted body, so that a retry can succeed', async () => {
    await expect(readBytes('archive', 'manifest.json', corrupting(1))).rejects.toMatchObject({
      name: 'CallError',
      outcome: 'unknown',
      code: 'CorruptedBody',
    });
    const corrupted = corrupting(2);
    const rules = { clock: systemClock, random: () => 0 };
    await expect(withRetries(() => readBytes('archive', 'manifest.json', corrupted), rules)).resolves.toEqual(
      Buffer.from('{"members":"é"}'),
    );
  });
});
