import { xmlAnswer } from '../http/answer.ts';
import { digestsOfCopy } from '../objects/blob-digests.ts';
import { checksumNodes } from '../objects/checksums.ts';
import { checkCopySize, copySourceHeader, findCopySource, parseCopyRange } from '../objects/copy-source.ts';
import type { Operation } from '../operation.ts';
import { parsePartNumber } from '../objects/parts.ts';
import { findUpload } from './multipart-upload.ts';
import { etagOfPart, keepPart } from './upload-part.ts';

/** Creates a part from an existing object, or from a range of one. They share the stored bytes. */
export const uploadPartCopy: Operation = {
  name: 'UploadPartCopy',
  method: 'PUT',
  on: 'object',
  selectedBy: { partNumber: true, uploadId: true },
  selectedByHeader: 'x-amz-copy-source',
  // findCopySource checks the permission to read the source.
  actions: () => ['s3:PutObject'],
  async run(call) {
    const { request, service } = call;
    const upload = findUpload(call);
    const number = parsePartNumber(request.query.get('partNumber') ?? '');
    const source = findCopySource(call);
    const { blobs } = service;
    const { blob: bytes } = source.object;
    const header = request.header('x-amz-copy-source-range');
    const { start, end } = parseCopyRange(header, bytes.size, service.minPartBytes);
    checkCopySize(end - start);
    const blob = blobs.share(bytes, start, end);
    const digests = await digestsOfCopy(blobs, blob, upload.checksum?.algorithm);
    await call.beforeEffect();
    const { tag, checksum, lastModified } = keepPart(call, number, { blob, ...digests });
    return xmlAnswer(
      [
        'CopyPartResult',
        [
          ['LastModified', new Date(lastModified).toISOString()],
          ['ETag', etagOfPart(tag)],
          ...checksumNodes(checksum),
        ],
      ],
      copySourceHeader(source),
    );
  },
};
