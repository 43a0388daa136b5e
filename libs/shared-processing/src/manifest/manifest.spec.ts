import { hash } from 'node:crypto';
import * as fc from 'fast-check';
import {
  checksumDifference,
  containsObject,
  type Manifest,
  ManifestError,
  manifestKey,
  type ManifestMember,
  parseManifest,
  serializeManifest,
} from './index.ts';

const sha256 = hash('sha256', 'content');

const versioned: ManifestMember = {
  bucket: 'landing',
  key: 'in/CON.txt',
  version: { kind: 'id', versionId: 'v1' },
  etag: 'abc',
  name: 'in/_CON.txt',
  size: 7,
  sha256,
  lastModified: Date.UTC(2026, 2, 1),
  landedAt: Date.UTC(2026, 2, 1, 0, 0, 1),
};
const sequenced: ManifestMember = {
  ...versioned,
  key: 'b',
  name: 'b',
  version: { kind: 'sequencer', sequencer: '0055AED6', etag: 'abc' },
};
const manifest: Manifest = {
  bundle: {
    bucket: 'distribution',
    key: 'bundles/2026/x.tar.gz',
    size: 99,
    sha256,
    format: 'tar.gz',
    createdAt: Date.UTC(2026, 2, 1, 0, 1),
  },
  members: [versioned, sequenced],
};

/** The manifest's text with one replacement. */
const textWith = (from: string | RegExp, to: string) => {
  const text = serializeManifest(manifest);
  expect(text).toMatch(from);
  return text.replace(from, to);
};

describe('a manifest', () => {
  it('is stored under its bundle’s key', () => {
    expect(manifestKey('bundles/2026/x.tar.gz')).toBe('manifests/bundles/2026/x.tar.gz.json');
  });

  it('is JSON with one member per line and readable times', () => {
    expect(serializeManifest(manifest)).toBe(`{
  "schemaVersion": 1,
  "bundle": {"bucket":"distribution","key":"bundles/2026/x.tar.gz","size":99,"sha256":"${sha256}","format":"tar.gz","createdAt":"2026-03-01T00:01:00.000Z"},
  "members": [
    {"bucket":"landing","key":"in/CON.txt","versionId":"v1","etag":"abc","name":"in/_CON.txt","size":7,"sha256":"${sha256}","lastModified":"2026-03-01T00:00:00.000Z","landedAt":"2026-03-01T00:00:01.000Z"},
    {"bucket":"landing","key":"b","sequencer":"0055AED6","etag":"abc","name":"b","size":7,"sha256":"${sha256}","lastModified":"2026-03-01T00:00:00.000Z","landedAt":"2026-03-01T00:00:01.000Z"}
  ]
}
`);
  });

  it('has only a CRC-64/NVME of bytes that S3 copied, and both of bytes that were uploaded in parts', () => {
    const crc64nvme = '00b8886dd2f51c3f';
    const { sha256: _, ...copied } = versioned;
    const { sha256: __, ...bundle } = manifest.bundle;
    const byCopy: Manifest = {
      bundle: { ...bundle, format: 'tar', crc64nvme },
      members: [{ ...copied, crc64nvme }],
    };
    const inParts: Manifest = { ...manifest, bundle: { ...manifest.bundle, crc64nvme } };
    for (const each of [byCopy, inParts]) expect(parseManifest(serializeManifest(each), 'x')).toEqual(each);
    expect(serializeManifest(byCopy)).not.toContain('sha256');
  });

  it('is parsed unchanged, whatever its members are called', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).filter((it) => it.isWellFormed());
    const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
    const member = fc
      .record({
        key: text,
        name: text,
        versionId: text,
        isVersioned: fc.boolean(),
        size: fc.maxSafeNat(),
        time,
      })
      .map(({ key, name, versionId, isVersioned, size, time: at }): ManifestMember => ({
        ...versioned,
        ...{ key, name, size, lastModified: at, landedAt: at },
        version: isVersioned
          ? { kind: 'id', versionId }
          : { kind: 'sequencer', sequencer: versionId, etag: 'abc' },
      }));
    fc.assert(
      fc.property(fc.array(member, { minLength: 1 }), (members) => {
        const it = { ...manifest, members };
        expect(parseManifest(serializeManifest(it), 'here')).toEqual(it);
      }),
    );
  });

  it('says what a member was verified by, and can be parsed without that field', () => {
    const compared = { ...manifest, members: [{ ...versioned, verifiedBy: 'crc64nvme' }, sequenced] };
    const text = serializeManifest(compared);
    expect(text).toContain(`"sha256":"${sha256}","verifiedBy":"crc64nvme","lastModified"`);
    expect(parseManifest(text, 'here')).toEqual(compared);
    // A later version may verify by something that is unknown here.
    const later = text.replace('crc64nvme', 'xxhash128');
    expect(parseManifest(later, 'here').members[0]?.verifiedBy).toBe('xxhash128');
  });

  it('names the group of its bundle, whatever it is called', () => {
    const grouped = { ...manifest, bundle: { ...manifest.bundle, group: '../"ACME"\n' } };
    const text = serializeManifest(grouped);
    expect(text).toContain('"createdAt":"2026-03-01T00:01:00.000Z","group":"../\\"ACME\\"\\n"}');
    expect(parseManifest(text, 'here')).toEqual(grouped);
  });

  it('may have unknown fields', () => {
    expect(parseManifest(textWith('"schemaVersion": 1', '"schemaVersion": 1, "note": {}'), 'here')).toEqual(
      manifest,
    );
  });

  it.each<[string, string, string]>([
    ['no JSON', '{', 'archive/m.json is not JSON'],
    ['nothing', 'null', 'archive/m.json: the manifest: Invalid type: Expected Object but received null'],
    [
      'a later version',
      textWith('"schemaVersion": 1', '"schemaVersion": 2'),
      'archive/m.json: schemaVersion: Invalid type: Expected 1 but received 2',
    ],
    [
      'no members',
      textWith(/"members": .*\]/s, '"members": []'),
      'archive/m.json: members: no bundle is empty',
    ],
    [
      'a member without a version',
      textWith('"versionId":"v1",', ''),
      'archive/m.json: members.0: a member has a versionId or a sequencer',
    ],
    [
      'an invalid hash',
      textWith(`"sha256":"${sha256}"`, '"sha256":"abc"'),
      'archive/m.json: bundle.sha256: a SHA-256 is 64 lower-case hex digits',
    ],
    [
      'an invalid CRC',
      textWith(`"sha256":"${sha256}"`, '"crc64nvme":"abc"'),
      'archive/m.json: bundle.crc64nvme: a CRC-64/NVME is 16 lower-case hex digits',
    ],
    [
      'a bundle without a checksum',
      textWith(`"sha256":"${sha256}","format"`, '"format"'),
      'archive/m.json: bundle: a SHA-256 or a CRC-64/NVME is missing',
    ],
    [
      'a member without a checksum',
      textWith(`"sha256":"${sha256}","lastModified"`, '"lastModified"'),
      'archive/m.json: members.0: a SHA-256 or a CRC-64/NVME is missing',
    ],
  ])('with %s is refused, with the reason', (_, text, message) => {
    const parse = () => parseManifest(text, 'archive/m.json');
    expect(parse).toThrow(ManifestError);
    expect(parse).toThrow(expect.objectContaining({ message }));
  });

  it.each<[string, Manifest]>([
    ['without members', { ...manifest, members: [] }],
    ['with an invalid size', { ...manifest, members: [{ ...versioned, size: -1 }] }],
    ['with an invalid time', { ...manifest, members: [{ ...versioned, landedAt: NaN }] }],
  ])('%s is not written', (_, it) => {
    expect(() => serializeManifest(it)).toThrow(ManifestError);
  });
});

describe('containsObject', () => {
  it.each<[string, boolean, Pick<ManifestMember, 'bucket' | 'key' | 'version'>]>([
    ['finds a version by its id', true, versioned],
    ['finds a version by its sequencer', true, sequenced],
    ['does not find another version', false, { ...versioned, version: { kind: 'id', versionId: 'v2' } }],
    ['does not find a version of another bucket', false, { ...versioned, bucket: 'other' }],
    ['does not find a version of another key', false, { ...versioned, key: 'in/_CON.txt' }],
  ])('%s', (_, held, object) => {
    expect(containsObject(manifest, object)).toBe(held);
  });
});

describe('checksumDifference', () => {
  const actual = { sha256: 'a', crc64nvme: 'b' };
  it.each([
    [{ sha256: 'a' }, undefined],
    [{ crc64nvme: 'b' }, undefined],
    [{ sha256: 'a', crc64nvme: 'b' }, undefined],
    [{ sha256: 'x' }, 'SHA-256 is a; the manifest says x'],
    [{ sha256: 'a', crc64nvme: 'x' }, 'CRC-64/NVME is b; the manifest says x'],
    [{ crc64nvme: 'x' }, 'CRC-64/NVME is b; the manifest says x'],
  ])('compares the checksums that there are: %j', (expected, difference) => {
    expect(checksumDifference(actual, expected)).toBe(difference);
  });
});
