import { mkdir, rm } from 'node:fs/promises';
import type { Measured } from '@data-aggregator/shared-processing/checksum';
import {
  checksumDifference,
  type Manifest,
  ManifestError,
  type ManifestMember,
  manifestKey,
  parseManifest,
} from '@data-aggregator/shared-processing/manifest';
import type { PulledBundle } from '../pull.ts';
import { extract, type Tar } from './extract.ts';
import { tarEntries } from './tar-entries.ts';

/** A pulled bundle after its check. */
export interface CheckedBundle {
  key: string;
  /** Bytes. */
  size: number;
  members: CheckedMember[];
  /** Problems of the bundle as a whole. */
  problems: string[];
}

export type CheckedMember = ManifestMember & {
  /** SHA-256 of the extracted file, hex; undefined if there is none. */
  extractedSha256?: string | undefined;
  /** The member's problem, if any. */
  problem: string | undefined;
};

export interface CheckBundleOptions {
  tar: Tar;
  /** Folder to extract to; created and removed again. */
  scratch: string;
}

/**
 * Compares a bundle with its manifest: its bytes, its tar entries, and the files that tar extracts from it.
 *
 * @param manifestText undefined if the archive has none
 */
export async function checkBundle(
  pulled: PulledBundle,
  manifestText: string | undefined,
  { tar, scratch }: CheckBundleOptions,
): Promise<CheckedBundle> {
  const { key, file, size } = pulled;
  const manifest = readManifest(manifestText, manifestKey(key));
  if (typeof manifest === 'string') return { key, size, members: [], problems: [manifest] };

  const problems = [...(pulled.problem ? [pulled.problem] : []), ...bundleProblems(pulled, manifest)];
  const inTar = new Map<string, Measured>();
  try {
    const entries = await tarEntries(file, manifest.bundle.format);
    if (entries.length !== manifest.members.length) {
      problems.push(
        `it has ${entries.length} entries, but its manifest has ${manifest.members.length} members`,
      );
    }
    for (const entry of entries) if (entry.type === 'file') inTar.set(entry.name, entry);
  } catch (error) {
    problems.push(`it cannot be read: ${(error as Error).message}`);
  }

  let extracted = new Map<string, Measured | undefined>();
  try {
    await mkdir(scratch, { recursive: true });
    extracted = await extract(tar, file, scratch);
    if (extracted.size !== manifest.members.length) {
      problems.push(`${extracted.size} files were extracted from ${manifest.members.length} members`);
    }
  } catch (error) {
    problems.push(`it cannot be extracted: ${(error as Error).message}`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }

  const members = manifest.members.map((member) => ({
    ...member,
    extractedSha256: extracted.get(member.name)?.sha256,
    problem: memberProblem(member, inTar, extracted),
  }));
  return { key, size, members, problems };
}

/** The manifest, or its problem. */
function readManifest(text: string | undefined, where: string): Manifest | string {
  if (text === undefined) return `it has no manifest ${where}`;
  try {
    return parseManifest(text, where);
  } catch (error) {
    if (error instanceof ManifestError) return error.message;
    throw error;
  }
}

function bundleProblems(pulled: PulledBundle, { bundle }: Manifest): string[] {
  const { key, size } = pulled;
  const difference = checksumDifference(pulled, bundle);
  return [
    ...(bundle.key === key ? [] : [`its manifest belongs to ${bundle.key}`]),
    ...(bundle.size === size ? [] : [`it has ${size} bytes, but its manifest says ${bundle.size}`]),
    ...(difference === undefined ? [] : [`its ${difference}`]),
  ];
}

function memberProblem(
  member: ManifestMember,
  inTar: ReadonlyMap<string, Measured>,
  extracted: ReadonlyMap<string, Measured | undefined>,
): string | undefined {
  const { name } = member;
  const entry = inTar.get(name);
  if (!entry) return `the tar has no file "${name}"`;
  if (checksumDifference(entry, member)) return `"${name}" in the tar does not match the manifest`;
  if (!extracted.has(name)) return `"${name}" was not extracted`;
  const file = extracted.get(name);
  if (!file || checksumDifference(file, member)) return `"${name}" was extracted with other bytes`;
  return undefined;
}
