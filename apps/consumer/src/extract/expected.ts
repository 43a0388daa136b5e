import { originalKey } from '@data-aggregator/shared-processing/bundle-key';
import { nameProblem } from '@data-aggregator/shared-processing/keys';
import {
  type Manifest,
  ManifestError,
  manifestKey,
  parseManifest,
} from '@data-aggregator/shared-processing/manifest';
import { DamagedBundle } from './damaged-bundle.ts';

/** At least one of the two. Bundles that were copied inside S3 have no SHA-256. */
export interface Checksums {
  sha256?: string | undefined;
  crc64nvme?: string | undefined;
}

/** The checksum to verify content by. @throws DamagedBundle if there is none */
export function checksumToVerify({ sha256, crc64nvme }: Checksums): {
  algorithm: 'sha256' | 'crc64nvme';
  hex: string;
} {
  if (sha256 !== undefined) return { algorithm: 'sha256', hex: sha256 };
  if (crc64nvme !== undefined) return { algorithm: 'crc64nvme', hex: crc64nvme };
  throw new DamagedBundle('manifest-invalid', 'the manifest has no checksum that this version knows');
}

/**
 * The manifest of a bundle, after the checks that need no bundle.
 *
 * @param content as stored; undefined if the archive has none
 * @throws DamagedBundle
 */
export function expectedContent(key: string, content: Uint8Array | string | undefined): Manifest {
  const where = manifestKey(key);
  if (content === undefined) throw new DamagedBundle('manifest-missing', `the archive has no ${where}`);
  let manifest: Manifest;
  try {
    manifest = parseManifest(content, where);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw new DamagedBundle('manifest-invalid', error.message, { cause: error });
  }
  if (manifest.bundle.key !== originalKey(key)) {
    throw new DamagedBundle('manifest-invalid', `${where} belongs to ${manifest.bundle.key}`);
  }
  const problem = nameProblem(manifest.members.map(({ name }) => name));
  if (problem !== undefined) throw new DamagedBundle('names-unsafe', problem);
  return manifest;
}
