import { emptyAnswer, xmlAnswer } from '../http/answer.ts';
import { addBucket, removeBucket } from '../buckets/buckets.ts';
import type { Operation } from '../operation.ts';
import type { XmlNode } from '../http/xml.ts';

export const listBuckets: Operation = {
  name: 'ListBuckets',
  method: 'GET',
  on: 'service',
  actions: () => ['s3:ListAllMyBuckets'],
  run({ service }) {
    const buckets = [...service.buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return xmlAnswer([
      'ListAllMyBucketsResult',
      [
        ['Owner', [['ID', service.accountId]]],
        [
          'Buckets',
          buckets.map(({ name, createdAt }): XmlNode => [
            'Bucket',
            [
              ['Name', name],
              ['CreationDate', new Date(createdAt).toISOString()],
            ],
          ]),
        ],
      ],
    ]);
  },
};

/** The region in the request is ignored, because there is only one. */
export const createBucket: Operation = {
  name: 'CreateBucket',
  method: 'PUT',
  on: 'bucket-name',
  actions: () => ['s3:CreateBucket'],
  async run({ name, service, beforeEffect }) {
    await beforeEffect();
    addBucket(service, { name, versioning: false });
    return emptyAnswer(200, { location: `/${name}` });
  },
};

export const deleteBucket: Operation = {
  name: 'DeleteBucket',
  method: 'DELETE',
  on: 'bucket',
  actions: () => ['s3:DeleteBucket'],
  async run({ bucket, service, beforeEffect }) {
    await beforeEffect();
    removeBucket(service, bucket.name);
    return emptyAnswer(204);
  },
};

export const headBucket: Operation = {
  name: 'HeadBucket',
  method: 'HEAD',
  on: 'bucket',
  actions: () => ['s3:ListBucket'],
  run: ({ service }) => emptyAnswer(200, { 'x-amz-bucket-region': service.region }),
};

export const getBucketLocation: Operation = {
  name: 'GetBucketLocation',
  method: 'GET',
  on: 'bucket',
  selectedBy: { location: true },
  actions: () => ['s3:GetBucketLocation'],
  // us-east-1 has an empty name here, as in S3.
  run: ({ service: { region } }) => xmlAnswer(['LocationConstraint', region === 'us-east-1' ? '' : region]),
};
