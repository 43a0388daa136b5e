import type { MemoryStore, MemoryVersion } from './memory-store.ts';
import type { ListedObject, ListedVersion, ObjectListing } from '../s3/index.ts';

/** Lists buckets in memory, in S3's order. @param pageSize entries per page, including delete markers */
export function memoryListing(store: MemoryStore, pageSize = 1_000): ObjectListing {
  const sortedKeys = (bucket: string, prefix = '') =>
    store
      .keys(bucket)
      .filter((key) => key.startsWith(prefix))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

  return {
    async objects({ bucket, prefix, after }) {
      const rest = sortedKeys(bucket, prefix).flatMap((key) => {
        const latest = store.versions(bucket, key).at(-1);
        return latest?.content && (after === undefined || isAfter(key, after)) ? [listed(key, latest)] : [];
      });
      const objects = rest.slice(0, pageSize);
      return { objects, next: rest.length > pageSize ? objects.at(-1)?.key : undefined };
    },

    async folders({ bucket, prefix = '', after }) {
      const all = sortedKeys(bucket, prefix).flatMap((key) => {
        const end = key.indexOf('/', prefix.length);
        return end < 0 || !store.versions(bucket, key).at(-1)?.content ? [] : key.slice(0, end + 1);
      });
      const rest = [...new Set(all)].filter((folder) => after === undefined || isAfter(folder, after));
      const folders = rest.slice(0, pageSize);
      return { folders, next: rest.length > pageSize ? folders.at(-1) : undefined };
    },

    async versions({ bucket, prefix, after }) {
      const all = sortedKeys(bucket, prefix).flatMap((key) =>
        store
          .versions(bucket, key)
          .toReversed()
          .map((version, index) => ({ key, version, isLatest: index === 0 })),
      );
      const start = after
        ? all.findIndex(({ key, version }) => key === after.key && version.versionId === after.versionId) + 1
        : 0;
      const page = all.slice(start, start + pageSize);
      const last = start + pageSize < all.length ? page.at(-1) : undefined;
      return {
        versions: page.flatMap(({ key, version, isLatest }) =>
          version.content ? [listedVersion(key, version, isLatest)] : [],
        ),
        next: last && { key: last.key, versionId: last.version.versionId },
      };
    },
  };
}

function isAfter(key: string, marker: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(marker)) > 0;
}

function listed(key: string, { content, lastModified }: MemoryVersion): ListedObject {
  return { key, size: content?.length ?? 0, lastModified };
}

function listedVersion(key: string, version: MemoryVersion, isLatest: boolean): ListedVersion {
  const { versionId, etag } = version;
  return { ...listed(key, version), versionId, etag, isLatest, storageClass: 'STANDARD' };
}
