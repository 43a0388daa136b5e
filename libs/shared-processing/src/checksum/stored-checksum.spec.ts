import { storedChecksum } from './stored-checksum.ts';

const MD5 = '9b2cf535f27731c974343645a3985328';
const etag = `"${MD5}"`;
const ofEtag = { algorithm: 'md5', hex: MD5 };

describe('storedChecksum', () => {
  it.each<[string, Record<string, string>, unknown]>([
    [
      'the checksum that S3 adds by default',
      { 'x-amz-checksum-crc64nvme': 'rosUhgp5mIg=', 'x-amz-checksum-type': 'FULL_OBJECT', etag },
      { algorithm: 'crc64nvme', hex: 'ae8b14860a799888' },
    ],
    [
      'a checksum chosen by the uploader',
      { 'x-amz-checksum-crc32': 'y/Q5Jg==', 'x-amz-checksum-type': 'FULL_OBJECT', etag },
      { algorithm: 'crc32', hex: 'cbf43926' },
    ],
    [
      'a checksum whose type is not stated',
      { 'x-amz-checksum-crc32c': '4waSgw==', etag },
      { algorithm: 'crc32c', hex: 'e3069283' },
    ],
    [
      'the checksum of the whole after a multipart upload',
      {
        'x-amz-checksum-crc64nvme': 'rosUhgp5mIg=',
        'x-amz-checksum-type': 'FULL_OBJECT',
        etag: `"${MD5}-3"`,
        'x-amz-server-side-encryption': 'aws:kms',
      },
      { algorithm: 'crc64nvme', hex: 'ae8b14860a799888' },
    ],
    ['the ETag without a checksum', { etag }, ofEtag],
    ['the ETag with SSE-S3', { etag, 'x-amz-server-side-encryption': 'AES256' }, ofEtag],
    [
      'the ETag if the algorithm is not supported',
      { etag, 'x-amz-checksum-xxhash64': 'rosUhgp5mIg=', 'x-amz-checksum-type': 'FULL_OBJECT' },
      ofEtag,
    ],
    [
      'nothing: a composite checksum',
      {
        'x-amz-checksum-sha256': 'y/Q5JuMGkoM=-3',
        'x-amz-checksum-type': 'COMPOSITE',
        etag: `"${MD5}-3"`,
      },
      undefined,
    ],
    [
      'nothing: a composite checksum whose type is not stated',
      { 'x-amz-checksum-crc32': 'y/Q5Jg==-3', etag: `"${MD5}-3"` },
      undefined,
    ],
    ['nothing: the ETag of a multipart upload', { etag: `"${MD5}-1"` }, undefined],
    ['nothing: the ETag with SSE-KMS', { etag, 'x-amz-server-side-encryption': 'aws:kms' }, undefined],
    ['nothing: the ETag with DSSE-KMS', { etag, 'x-amz-server-side-encryption': 'aws:kms:dsse' }, undefined],
    [
      'nothing: the ETag with SSE-C',
      { etag, 'x-amz-server-side-encryption-customer-algorithm': 'AES256' },
      undefined,
    ],
    [
      'nothing: the ETag in a directory bucket',
      { etag, 'x-amz-storage-class': 'EXPRESS_ONEZONE' },
      undefined,
    ],
    ['nothing: no headers', {}, undefined],
  ])('is %s', (_, headers, expected) => {
    expect(storedChecksum((name) => headers[name])).toEqual(expected);
  });
});
