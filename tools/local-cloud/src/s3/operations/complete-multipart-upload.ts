import * as v from 'valibot';
import { writeContext } from '../access.ts';
import { type Answer, xmlAnswer } from '../http/answer.ts';
import { openBody, readDocument } from '../http/body.ts';
import { assemble, type ChosenPart } from '../objects/assemble.ts';
import { commitObject } from '../objects/changes.ts';
import { type Checksum, checksumElement, checksumHeader, checksumNodes } from '../objects/checksums.ts';
import { parseWriteCondition, type WriteCondition } from '../objects/conditions.ts';
import { S3Error } from '../errors.ts';
import type { ObjectVersion, Part, Upload } from '../model.ts';
import { versionHeader } from '../objects/object-headers.ts';
import type { ObjectCall, Operation, Service } from '../operation.ts';
import { latestVersion } from '../objects/versions.ts';
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
    upload.isCompleting = true;
    try {
      const object = await complete(call, upload, parts, condition);
      bucket.uploads.delete(upload.id);
      discardOthers(call.service, upload, parts);
      return answer(call, object);
    } catch (error) {
      // After a conflict a new upload is needed; otherwise the request can be repeated.
      if (error instanceof S3Error && error.code === 'ConditionalRequestConflict') {
        bucket.uploads.delete(upload.id);
        discardOthers(call.service, upload, []);
      }
      upload.isCompleting = false;
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
  const { request, service, bucket, key } = call;
  const before = latestVersion(bucket, key);
  const assembled = await assemble(service.blobs, parts, upload.checksum);
  checkDeclared(request.header, assembled.blob.size, assembled.checksum);
  await call.beforeEffect();
  const now = latestVersion(bucket, key);
  if (condition.kind !== 'none' && now !== before && now?.kind !== 'object') {
    // S3 then gives up the upload: "re-initiate the multipart upload" (CompleteMultipartUpload, S3 API Reference).
    throw new S3Error('ConditionalRequestConflict', { details: { Key: key } });
  }
  const { headers, metadata, storageClass, tags } = upload;
  const draft = { headers, metadata, storageClass, tags, ...assembled };
  return commitObject(call, draft, condition, 'ObjectCreated:CompleteMultipartUpload');
}

/** @throws S3Error InvalidPart, InvalidPartOrder, EntityTooSmall */
function chosenParts(upload: Upload, listed: readonly ListedPart[], minBytes: number): ChosenPart[] {
  if (listed.some((item, index) => item.PartNumber <= (listed[index - 1]?.PartNumber ?? 0))) {
    throw new S3Error('InvalidPartOrder');
  }
  return listed.map((item, index) => {
    const part = upload.parts.get(item.PartNumber);
    const details = { PartNumber: String(item.PartNumber) };
    if (part === undefined || part.tag.toString('hex') !== item.ETag.replaceAll('"', '')) {
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

function discardOthers({ blobs }: Service, upload: Upload, kept: readonly Pick<Part, 'blob'>[]): void {
  const blobsKept = new Set(kept.map(({ blob }) => blob));
  for (const { blob } of upload.parts.values()) if (!blobsKept.has(blob)) blobs.discard(blob);
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
