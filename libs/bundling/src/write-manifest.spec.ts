import { CallError, SystemFault } from '@data-aggregator/shared-processing/errors';
import {
  ManifestError,
  manifestKey,
  manifestText,
  parseManifest,
} from '@data-aggregator/shared-processing/manifest';
import type { StoredObject } from '@data-aggregator/shared-processing/s3';
import { manualClock, memoryStore } from '@data-aggregator/shared-processing/testing';
import { writeManifest as storeManifest } from './write-manifest.ts';
import { candidate } from './testing/landed.ts';

const bundle: StoredObject = {
  bucket: 'distribution',
  key: 'bundles/2026/03/01/00/K.tar.gz',
  size: 1,
  sha256: '0'.repeat(64),
  open: () => Buffer.from('x'),
  contentType: 'application/gzip',
};
const member = {
  candidate: candidate('a', 1),
  name: 'a',
  size: 1,
  sha256: '1'.repeat(64),
  verifiedBy: 'crc64nvme' as const,
  lastModified: 0,
};
const key = manifestKey(bundle.key);
const lost = new CallError('PUT', { outcome: 'unknown', code: 'ECONNRESET' });

/** A store that performs this many PUTs but loses their responses. */
function setUp(losses = 0, manifestEncoding: 'gzip' | 'identity' = 'identity') {
  const clock = manualClock();
  const memory = memoryStore(clock.now);
  const conditions: (boolean | undefined)[] = [];
  const contentTypes: string[] = [];
  const store: typeof memory = {
    ...memory,
    async put(object) {
      conditions.push(object.onlyIfAbsent);
      contentTypes.push(object.contentType);
      await memory.put(object);
      if (conditions.length <= losses) throw lost;
    },
  };
  const dependencies = {
    store,
    clock: { ...clock, sleep: () => Promise.resolve() },
    random: () => 0,
    buckets: { archive: 'archive' },
    format: 'tar.gz' as const,
    manifestEncoding,
  };
  return {
    memory,
    conditions,
    contentTypes,
    run: () => storeManifest(bundle, [member], undefined, dependencies),
  };
}

describe('a manifest', () => {
  it('is stored on the condition that the key is free', async () => {
    const { run, memory, conditions } = setUp();
    await run();
    expect(conditions).toEqual([true]);
    expect(memory.versions('archive', key)).toHaveLength(1);
  });

  it('is compressed if the setting says so, and read like any other', async () => {
    const plain = setUp();
    await plain.run();
    const { run, memory, contentTypes } = setUp(0, 'gzip');
    await run();
    expect([plain.contentTypes, contentTypes]).toEqual([['application/json'], ['application/gzip']]);
    const stored = memory.versions('archive', key).at(-1)?.content ?? Buffer.of();
    expect([...stored.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    const text = String(plain.memory.versions('archive', key).at(-1)?.content);
    expect(parseManifest(stored, key)).toEqual(parseManifest(text, key));
    expect(manifestText(stored)).toBe(text);
    expect(() => parseManifest(stored.subarray(0, -9), key)).toThrow(ManifestError);
  });

  it('is stored once, even after a lost response', async () => {
    const { run, memory, conditions } = setUp(1);
    await run();
    expect(conditions).toEqual([true, true]);
    expect(memory.versions('archive', key)).toHaveLength(1);
  });

  it('never replaces another one', async () => {
    const { run, memory } = setUp();
    memory.upload('archive', key, Buffer.from('another manifest'));
    await expect(run()).rejects.toThrow(SystemFault);
    expect(memory.versions('archive', key)).toHaveLength(1);
  });
});
