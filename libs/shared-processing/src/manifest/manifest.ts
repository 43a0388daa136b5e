import * as v from 'valibot';
import { identityOf, type ObjectVersion } from '../s3-event/object-version.ts';
import { manifestSchema, type ManifestText } from './schema.ts';
import type { Checksums, Manifest, ManifestMember } from './types.ts';

/** The text is not a valid manifest. The message names its source and the problem. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/** Prefix of manifests in the archive bucket. */
export const MANIFEST_PREFIX = 'manifests/';

/** The key of a bundle's manifest in the archive bucket. */
export function manifestKey(bundleKey: string): string {
  return `${MANIFEST_PREFIX}${bundleKey}.json`;
}

/**
 * A manifest as JSON, with one line per member. The same manifest always has the same text.
 *
 * @throws ManifestError if the text could not be parsed again. No bundle is better than one without a valid manifest.
 */
export function serializeManifest(manifest: Manifest): string {
  const { bundle, members } = manifest;
  const place = `the manifest of ${bundle.bucket}/${bundle.key}`;
  const text: ManifestText = {
    schemaVersion: 1,
    bundle: {
      bucket: bundle.bucket,
      key: bundle.key,
      size: bundle.size,
      ...checksumsOf(bundle),
      format: bundle.format,
      createdAt: isoTime(bundle.createdAt, place),
      ...(bundle.group !== undefined && { group: bundle.group }),
    },
    members: members.map((member) => memberText(member, place)),
  };
  check(text, place);
  const lines = text.members.map((member) => `    ${JSON.stringify(member)}`);
  return `{\n  "schemaVersion": 1,\n  "bundle": ${JSON.stringify(text.bundle)},\n  "members": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

/**
 * @param where bucket and key, for messages
 * @throws ManifestError
 */
export function parseManifest(text: string, where: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ManifestError(`${where} is not JSON`, { cause });
  }
  return check(json, where);
}

/** Whether an object version is in a bundle. For many lookups, build a set of the members' identities instead. */
export function containsObject(manifest: Manifest, object: ObjectVersion): boolean {
  const identity = identityOf(object);
  return manifest.members.some((member) => member.key === object.key && identityOf(member) === identity);
}

/** How bytes differ from the checksums in a manifest, in words; undefined if they do not. */
export function checksumDifference(
  actual: { sha256: string; crc64nvme: string },
  expected: Checksums,
): string | undefined {
  for (const [name, algorithm] of [
    ['SHA-256', 'sha256'],
    ['CRC-64/NVME', 'crc64nvme'],
  ] as const) {
    const stated = expected[algorithm];
    if (stated !== undefined && actual[algorithm] !== stated) {
      return `${name} is ${actual[algorithm]}; the manifest says ${stated}`;
    }
  }
  return undefined;
}

function check(json: unknown, where: string): Manifest {
  const result = v.safeParse(manifestSchema, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new ManifestError(`${where}: ${v.getDotPath(issue) ?? 'the manifest'}: ${issue.message}`);
}

function memberText(member: ManifestMember, place: string): ManifestText['members'][number] {
  const { bucket, key, version, etag, name, size, verifiedBy, lastModified, landedAt } = member;
  return {
    bucket,
    key,
    ...(version.kind === 'id' ? { versionId: version.versionId } : { sequencer: version.sequencer }),
    etag,
    name,
    size,
    ...checksumsOf(member),
    ...(verifiedBy !== undefined && { verifiedBy }),
    lastModified: isoTime(lastModified, place),
    landedAt: isoTime(landedAt, place),
  };
}

/** In the order in which they are written. */
function checksumsOf({ sha256, crc64nvme }: Checksums): Pick<Checksums, 'sha256' | 'crc64nvme'> {
  return { ...(sha256 !== undefined && { sha256 }), ...(crc64nvme !== undefined && { crc64nvme }) };
}

function isoTime(ms: number, place: string): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) throw new ManifestError(`${place}: ${ms} is not a valid time`);
  return date.toISOString();
}
