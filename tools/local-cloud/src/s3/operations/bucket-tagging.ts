import * as v from 'valibot';
import { emptyAnswer, xmlAnswer } from '../http/answer.ts';
import { openBody, readDocument } from '../http/body.ts';
import { S3Error } from '../errors.ts';
import { checkTags } from '../objects/tags.ts';
import type { Operation } from '../operation.ts';
import { parseXml, type XmlNode, xmlText } from '../http/xml.ts';

/** @see "GetBucketTagging" in the Amazon S3 API Reference */
export const getBucketTagging: Operation = {
  name: 'GetBucketTagging',
  method: 'GET',
  on: 'bucket',
  selectedBy: { tagging: true },
  actions: () => ['s3:GetBucketTagging'],
  run({ bucket }) {
    if (bucket.tags.size === 0) throw new S3Error('NoSuchTagSet', { details: { BucketName: bucket.name } });
    const tags = [...bucket.tags].map(([key, value]): XmlNode => [
      'Tag',
      [
        ['Key', key],
        ['Value', value],
      ],
    ]);
    return xmlAnswer(['Tagging', [['TagSet', tags]]]);
  },
};

const document = v.object({
  Tagging: v.object({
    // An empty element is parsed as an empty string.
    TagSet: v.union([v.object({ Tag: v.array(v.object({ Key: xmlText, Value: xmlText })) }), v.string()]),
  }),
});

/** @see "PutBucketTagging" in the Amazon S3 API Reference */
export const putBucketTagging: Operation = {
  name: 'PutBucketTagging',
  method: 'PUT',
  on: 'bucket',
  selectedBy: { tagging: true },
  actions: () => ['s3:PutBucketTagging'],
  async run({ bucket, request, beforeEffect }) {
    const { TagSet } = parseXml(await readDocument(openBody(request)), document).Tagging;
    const listed = typeof TagSet === 'string' ? [] : TagSet.Tag;
    const tags = checkTags(listed.map(({ Key, Value }) => [Key, Value] as const));
    await beforeEffect();
    bucket.tags = tags;
    return emptyAnswer(204);
  },
};
