import { xmlAnswer } from '../http/answer.ts';
import { checksumNodes } from '../objects/checksums.ts';
import type { Part } from '../model.ts';
import type { Operation } from '../operation.ts';
import { pageOfParts } from '../objects/parts.ts';
import type { XmlNode } from '../http/xml.ts';
import { findUpload } from './multipart-upload.ts';
import { etagOfPart } from './upload-part.ts';

/** @see "ListParts" in the Amazon S3 API Reference */
export const listParts: Operation = {
  name: 'ListParts',
  method: 'GET',
  on: 'object',
  selectedBy: { uploadId: true },
  query: ['max-parts', 'part-number-marker'],
  actions: () => ['s3:ListMultipartUploadParts'],
  run(call) {
    const { bucket, key, request, service } = call;
    const upload = findUpload(call);
    const uploaded = [...upload.parts].map(([number, part]) => ({ ...part, number }));
    const page = pageOfParts(uploaded, {
      limit: request.query.get('max-parts'),
      marker: request.query.get('part-number-marker'),
    });
    return xmlAnswer([
      'ListPartsResult',
      [
        ['Bucket', bucket.name],
        ['Key', key],
        ['UploadId', upload.id],
        ...page.paging,
        ...page.parts.map((part): XmlNode => ['Part', describe(part)]),
        ['Initiator', [['ID', service.accountId]]],
        ['Owner', [['ID', service.accountId]]],
        ['StorageClass', upload.storageClass],
        ['ChecksumAlgorithm', upload.checksum?.algorithm],
        ['ChecksumType', upload.checksum?.type],
      ],
    ]);
  },
};

function describe({ number, lastModified, tag, blob, checksum }: Part & { number: number }): XmlNode[] {
  return [
    ['PartNumber', number],
    ['LastModified', new Date(lastModified).toISOString()],
    ['ETag', etagOfPart(tag)],
    ['Size', blob.size],
    ...checksumNodes(checksum),
  ];
}
