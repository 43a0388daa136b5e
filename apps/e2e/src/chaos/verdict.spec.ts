import { Readable } from 'node:stream';
import { measure } from '@data-aggregator/shared-processing/checksum';
import type { ManifestMember } from '@data-aggregator/shared-processing/manifest';
import type { Quarantined } from '@data-aggregator/pipeline-client';
import { judge, type ReadBundle } from './verdict.ts';

const CLEAN = { lost: [], duplicated: [], mismatched: [], quarantined: [] };
const NONE: ReadonlyMap<string, Quarantined> = new Map();

/** A file in landing, and a bundle on disk that holds it; `algorithm` is that of the checksum in the manifest. */
async function fileAndBundle(algorithm: 'sha256' | 'crc64nvme', onDisk = 'content') {
  const version = { bucket: 'landing', key: 'a.txt', version: { kind: 'id' as const, versionId: 'v1' } };
  const { size, sha256, crc64nvme } = await measure(Readable.from(['content']));
  const checksums = algorithm === 'sha256' ? { sha256 } : { crc64nvme };
  const member: ManifestMember = {
    ...version,
    ...checksums,
    size,
    etag: '0'.repeat(32),
    name: 'a.txt',
    lastModified: 0,
    landedAt: 0,
  };
  const entry = { name: 'a.txt', type: 'file', ...(await measure(Readable.from([onDisk]))) };
  const bundleOf = (key: string): ReadBundle => ({
    key,
    entries: [entry],
    manifest: {
      bundle: { bucket: 'distribution', key, size: 1, format: 'tar.gz', createdAt: 0, ...checksums },
      members: [member],
    },
  });
  return { sent: { ...version, size, sha256 }, bundleOf };
}

describe.each(['sha256', 'crc64nvme'] as const)('a run whose manifests state %s', (checksum) => {
  it('is clean if every file is in one bundle with the bytes that were sent', async () => {
    const { sent, bundleOf } = await fileAndBundle(checksum);
    expect(judge([sent], [bundleOf('bundles/1')], NONE)).toEqual(CLEAN);
  });

  it('reports bytes that match neither the manifest nor the file sent', async () => {
    const { sent, bundleOf } = await fileAndBundle(checksum, 'changed');
    expect(judge([sent], [bundleOf('bundles/1')], NONE).mismatched).toEqual([
      'a.txt in bundles/1 is not as its manifest says',
      'a.txt in bundles/1 has other bytes than were sent',
    ]);
  });

  it('reports a file in two bundles', async () => {
    const { sent, bundleOf } = await fileAndBundle(checksum);
    const verdict = judge([sent], [bundleOf('bundles/1'), bundleOf('bundles/2')], NONE);
    expect(verdict.duplicated).toEqual(['a.txt is in bundles/1 and bundles/2']);
  });
});

it('reports a file that is in no bundle and in no dead letter', async () => {
  const { sent } = await fileAndBundle('sha256');
  expect(judge([sent], [], NONE).lost).toEqual(['a.txt']);
});
