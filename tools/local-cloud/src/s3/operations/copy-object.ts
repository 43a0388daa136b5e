import { writeContext } from '../access.ts';
import { xmlAnswer } from '../answer.ts';
import { checkReadable } from '../archive.ts';
import { measured } from '../body.ts';
import { findBucket } from '../buckets.ts';
import { commitOrDiscard } from '../changes.ts';
import { checksumElement, DEFAULT_ALGORITHM, parseAlgorithm } from '../checksums.ts';
import { checkReadConditions, parseWriteCondition } from '../conditions.ts';
import { percentDecode } from '../decode.ts';
import { parseDescription } from '../description.ts';
import { S3Error } from '../errors.ts';
import { findObject } from '../lookup.ts';
import type { Bucket, ObjectDescription, ObjectVersion } from '../model.ts';
import { versionHeader } from '../object-headers.ts';
import type { ObjectCall, Operation } from '../operation.ts';
import type { S3Request } from '../request.ts';

const LARGEST_COPY = 5 * 1024 ** 3;

export const copyObject: Operation = {
  name: 'CopyObject',
  method: 'PUT',
  on: 'object',
  selectedByHeader: 'x-amz-copy-source',
  conditions: ['if-match', 'if-none-match'],
  context: writeContext,
  actions: ({ header }) => [
    's3:PutObject',
    ...(directive(header, 'x-amz-tagging-directive') === 'REPLACE' ? (['s3:PutObjectTagging'] as const) : []),
    ...(header('if-match') === undefined ? [] : (['s3:GetObject'] as const)),
  ],
  async run(call) {
    const { request, service, key } = call;
    const condition = parseWriteCondition(request.header);
    const source = findSource(call);
    const description = describeCopy(request, source.object);
    if (
      source.bucket === call.bucket &&
      source.object.key === key &&
      copiesOntoItself(request, source.object)
    ) {
      const message = 'A copy onto itself must change the metadata, the storage class or the tags.';
      throw new S3Error('InvalidRequest', { message });
    }
    const wanted = request.header('x-amz-checksum-algorithm');
    const checksumAlgorithm =
      wanted === undefined
        ? (source.object.checksum?.algorithm ?? DEFAULT_ALGORITHM)
        : parseAlgorithm(wanted);
    const release = service.blobs.hold(source.object.blob);
    const body = measured(service.blobs.read(source.object.blob), { checksum: checksumAlgorithm });
    const blob = await service.blobs.write(body.chunks).finally(release);
    await call.beforeEffect();
    const { md5, checksum } = body.digests();
    const draft = { ...description, blob, etag: `"${md5.toString('hex')}"`, checksum };
    const object = commitOrDiscard(call, draft, condition, 'ObjectCreated:Copy');
    return xmlAnswer(
      [
        'CopyObjectResult',
        [
          ['LastModified', new Date(object.lastModified).toISOString()],
          ['ETag', object.etag],
          ['ChecksumType', checksum?.type],
          ...(checksum === undefined ? [] : [[checksumElement(checksum.algorithm), checksum.value] as const]),
        ],
      ],
      {
        ...versionHeader(object, call.bucket),
        ...sourceHeader(source),
      },
    );
  },
};

/**
 * The version to be copied; the caller must be allowed to read it, and its tags where it has some that are kept.
 *
 * @throws S3Error as a GET of it would, and InvalidRequest for what cannot be copied
 */
function findSource(call: ObjectCall): { bucket: Bucket; object: ObjectVersion } {
  const { request, service } = call;
  const { name, key, versionId } = parseSource(request.header('x-amz-copy-source') ?? '');
  const bucket = findBucket(service.buckets, name);
  const target = { bucket: name, key, versionId };
  call.demand(versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion', target);
  const object = findObject(call, bucket, key, versionId);
  if (object.tags.size > 0 && directive(request.header, 'x-amz-tagging-directive') === 'COPY') {
    call.demand(versionId === undefined ? 's3:GetObjectTagging' : 's3:GetObjectVersionTagging', target);
    call.demand('s3:PutObjectTagging', { bucket: call.bucket.name, key: call.key });
  }
  checkReadable(object, service.clock());
  const conditions = (header: string) => request.header(`x-amz-copy-source-${header}`);
  checkReadConditions(conditions, object, 'PreconditionFailed');
  if (object.blob.size > LARGEST_COPY) {
    throw new S3Error('InvalidRequest', { message: 'The copy source is larger than 5 GiB.' });
  }
  return { bucket, object };
}

/** `[/]bucket/key[?versionId=id]`, percent-encoded as a whole or not at all. */
function parseSource(header: string): { name: string; key: string; versionId: string | undefined } {
  const [path = '', versionId] = header.split('?versionId=');
  const [, name, key] = /^\/?([^/]+)\/(.+)$/s.exec(percentDecode(path)) ?? [];
  if (name === undefined || key === undefined) {
    throw new S3Error('InvalidArgument', { message: 'Copy Source must mention the source bucket and key.' });
  }
  return { name, key, versionId: versionId === undefined ? undefined : percentDecode(versionId) };
}

/** What the copy is described by: each of metadata and tags is the source's, or what the request says. */
function describeCopy(request: S3Request, source: ObjectVersion): ObjectDescription {
  const own = parseDescription(request);
  const described = directive(request.header, 'x-amz-metadata-directive') === 'REPLACE' ? own : source;
  const tagged = directive(request.header, 'x-amz-tagging-directive') === 'REPLACE' ? own : source;
  // The storage class is never copied.
  const { storageClass } = own;
  return { headers: described.headers, metadata: described.metadata, tags: tagged.tags, storageClass };
}

function copiesOntoItself(request: S3Request, source: ObjectVersion): boolean {
  return (
    !(request.header('x-amz-copy-source') ?? '').includes('?versionId=') &&
    directive(request.header, 'x-amz-metadata-directive') === 'COPY' &&
    directive(request.header, 'x-amz-tagging-directive') === 'COPY' &&
    (request.header('x-amz-storage-class') ?? 'STANDARD') === source.storageClass
  );
}

function directive(header: S3Request['header'], name: string): 'COPY' | 'REPLACE' {
  const value = header(name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw new S3Error('InvalidArgument', { message: `Unknown value of ${name}.` });
}

function sourceHeader({ bucket, object }: { bucket: Bucket; object: ObjectVersion }): Record<string, string> {
  return bucket.versioning === 'Unversioned' ? {} : { 'x-amz-copy-source-version-id': object.versionId };
}
