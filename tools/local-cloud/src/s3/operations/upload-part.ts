import { emptyAnswer } from '../http/answer.ts';
import { openBody } from '../http/body.ts';
import { wholeSecond } from '../objects/changes.ts';
import { checksumHeader } from '../objects/checksums.ts';
import { S3Error } from '../errors.ts';
import type { Part, Upload } from '../model.ts';
import type { ObjectCall, Operation } from '../operation.ts';
import { parsePartNumber } from '../objects/parts.ts';
import { findUpload } from './multipart-upload.ts';

export const uploadPart: Operation = {
  name: 'UploadPart',
  method: 'PUT',
  on: 'object',
  selectedBy: { partNumber: true, uploadId: true },
  actions: () => ['s3:PutObject'],
  async run(call) {
    const { request, service } = call;
    const { checksum: demanded } = findUpload(call);
    const number = parsePartNumber(request.query.get('partNumber') ?? '');
    const body = openBody(request);
    if (demanded !== undefined && body.checksum !== demanded.algorithm) {
      const message = `The upload was created for ${demanded.algorithm} checksums, but the part has none.`;
      throw new S3Error('InvalidRequest', { message });
    }
    const blob = await service.blobs.write(body.chunks);
    await call.beforeEffect();
    const { checksum, md5 } = body.digests();
    const { tag } = keepPart(call, number, { blob, tag: md5, checksum });
    return emptyAnswer(200, {
      etag: etagOfPart(tag),
      // A part's checksum has no type.
      ...(checksum === undefined ? {} : { [checksumHeader(checksum.algorithm)]: checksum.value }),
    });
  },
};

/**
 * Stores a part of the request's upload, replacing one with the same number.
 *
 * @throws S3Error NoSuchUpload or OperationAborted if the upload was completed or aborted meanwhile; the part is then discarded
 */
export function keepPart(call: ObjectCall, number: number, kept: Omit<Part, 'lastModified'>): Part {
  const { service } = call;
  let upload: Upload;
  try {
    upload = findUpload(call);
  } catch (error) {
    service.blobs.discard(kept.blob);
    throw error;
  }
  const displaced = upload.parts.get(number);
  if (displaced !== undefined) service.blobs.discard(displaced.blob);
  const part = { ...kept, lastModified: wholeSecond(service.clock()) };
  upload.parts.set(number, part);
  return part;
}

/** Entity tag of a part, with quotes. */
export function etagOfPart(tag: Buffer): string {
  return `"${tag.toString('hex')}"`;
}
