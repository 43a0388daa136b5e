import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { writeContext } from '../access.ts';
import { type Answer, xmlAnswer } from '../http/answer.ts';
import { openBody, readDocument } from '../http/body.ts';
import type { Blob } from '../objects/blobs.ts';
import { commitObject } from '../objects/changes.ts';
import {
  type Checksum,
  checksumElement,
  checksumHeader,
  checksumNodes,
  compositeChecksum,
  DEFAULT_ALGORITHM,
  startChecksum,
} from '../objects/checksums.ts';
import { parseWriteCondition, type WriteCondition } from '../objects/conditions.ts';
import { S3Error } from '../errors.ts';
import type { ObjectPart, ObjectVersion, Part, Upload } from '../model.ts';
import { versionHeader } from '../objects/object-headers.ts';
import type { ObjectCall, Operation, Service } from '../operation.ts';
import type { S3Request } from '../http/request.ts';
import { parseXml, xmlText } from '../http/xml.ts';
import { findUpload } from './multipart-upload.ts';

const document = v.object({
  CompleteMultipartUpload: v.object({
    Part: v.pipe(
      v.array(
        v.looseObject({
          PartNumber: v.pipe(v.string(), v.regex(/^\d{1,5}$/), v.transform(Number)),
          ETag: xmlText,
        }),
      ),
      v.minLength(1),
    ),
  }),
});

type ListedPart = v.InferOutput<typeof document>['CompleteMultipartUpload']['Part'][number];

export const completeMultipartUpload: Operation = {
  name: 'CompleteMultipartUpload',
  method: 'POST',
  on: 'object',
  selectedBy: { uploadId: true },
  conditions: ['if-match', 'if-none-match'],
  context: writeContext,
  actions: ({ header }) => [
    's3:PutObject',
    ...(header('if-match') === undefined ? [] : (['s3:GetObject'] as const)),
  ],
  async run(call) {
    const { request, bucket } = call;
    const condition = parseWriteCondition(request.header);
    const text = await readDocument(openBody(request, 'object'));
    const listed = parseXml(text, document).CompleteMultipartUpload.Part;
    const upload = findUpload(call);
    const parts = chosenParts(upload, listed, call.service.minPartBytes);
    // No other request may complete, abort or change the upload meanwhile. If this one fails, it can be retried.
    bucket.uploads.delete(upload.id);
    try {
      const object = await complete(call, upload, parts, condition);
      discardOthers(call.service, upload, parts);
      return answer(call, object);
    } catch (error) {
      bucket.uploads.set(upload.id, upload);
      throw error;
    }
  },
};

async function complete(
  call: ObjectCall,
  upload: Upload,
  parts: readonly ChosenPart[],
  condition: WriteCondition,
): Promise<ObjectVersion> {
  const { request, service } = call;
  const blob = service.blobs.concat(parts.map((part) => part.blob));
  const checksum = await checksumOf(upload, parts, blob, service);
  checkDeclared(request.header, blob.size, checksum);
  await call.beforeEffect();
  const { headers, metadata, storageClass, tags } = upload;
  const draft = {
    headers,
    metadata,
    storageClass,
    tags,
    blob,
    etag: etagOf(parts),
    checksum,
    parts: remains(parts),
  };
  return commitObject(call, draft, condition, 'ObjectCreated:CompleteMultipartUpload');
}

interface ChosenPart extends Part {
  number: number;
}

/** @throws S3Error InvalidPart, InvalidPartOrder, EntityTooSmall */
function chosenParts(upload: Upload, listed: readonly ListedPart[], minBytes: number): ChosenPart[] {
  if (listed.some((item, index) => item.PartNumber <= (listed[index - 1]?.PartNumber ?? 0))) {
    throw new S3Error('InvalidPartOrder');
  }
  return listed.map((item, index) => {
    const part = upload.parts.get(item.PartNumber);
    const details = { PartNumber: String(item.PartNumber) };
    if (part === undefined || part.md5.toString('hex') !== item.ETag.replaceAll('"', '')) {
      throw new S3Error('InvalidPart', { details });
    }
    const declared = part.checksum && item[checksumElement(part.checksum.algorithm)];
    if (declared !== undefined && declared !== part.checksum?.value) {
      throw new S3Error('InvalidPart', { details });
    }
    if (index < listed.length - 1 && part.blob.size < minBytes) {
      throw new S3Error('EntityTooSmall', { details });
    }
    return { ...part, number: item.PartNumber };
  });
}

function remains(parts: readonly ChosenPart[]): ObjectPart[] {
  return parts.map(({ number, blob, checksum }) => ({ number, size: blob.size, checksum }));
}

/** MD5 of the parts' MD5s, and their number. */
function etagOf(parts: readonly Part[]): string {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.md5);
  return `"${md5.digest('hex')}-${parts.length}"`;
}

async function checksumOf(
  { checksum: demanded = { algorithm: DEFAULT_ALGORITHM, type: 'FULL_OBJECT' } }: Upload,
  parts: readonly Part[],
  blob: Blob,
  { blobs }: Service,
): Promise<Checksum> {
  const { algorithm, type } = demanded;
  if (type === 'COMPOSITE') {
    return compositeChecksum(
      algorithm,
      parts.flatMap((part) => part.checksum?.value ?? []),
    );
  }
  const running = startChecksum(algorithm);
  for await (const chunk of blobs.read(blob)) running.update(chunk);
  return { algorithm, type, value: running.digest().toString('base64') };
}

/** The request's expectations of the resulting object. */
function checkDeclared(header: S3Request['header'], size: number, checksum: Checksum): void {
  const declaredSize = header('x-amz-mp-object-size');
  if (declaredSize !== undefined && declaredSize !== String(size)) {
    const message = `The parts have ${size} bytes in total, but x-amz-mp-object-size is ${declaredSize}.`;
    throw new S3Error('InvalidRequest', { message });
  }
  const value = header(checksumHeader(checksum.algorithm));
  if (value !== undefined && value !== checksum.value) throw new S3Error('BadDigest');
}

function discardOthers({ blobs }: Service, upload: Upload, chosen: readonly Part[]): void {
  const kept = new Set(chosen.map(({ blob }) => blob));
  for (const { blob } of upload.parts.values()) if (!kept.has(blob)) blobs.discard(blob);
}

function answer({ bucket }: ObjectCall, object: ObjectVersion): Answer {
  const { checksum, key, etag } = object;
  return xmlAnswer(
    [
      'CompleteMultipartUploadResult',
      [
        ['Location', `/${bucket.name}/${encodeURIComponent(key)}`],
        ['Bucket', bucket.name],
        ['Key', key],
        ['ETag', etag],
        ['ChecksumType', checksum?.type],
        ...checksumNodes(checksum),
      ],
    ],
    versionHeader(object, bucket),
  );
}
