import * as v from 'valibot';
import { emptyAnswer, xmlAnswer } from '../http/answer.ts';
import { openBody, readDocument } from '../http/body.ts';
import { notify } from '../objects/changes.ts';
import { findObject } from '../objects/lookup.ts';
import { versionHeader } from '../objects/object-headers.ts';
import type { ObjectVersion } from '../model.ts';
import type { ObjectCall, Operation } from '../operation.ts';
import { checkTags } from '../objects/tags.ts';
import { replaceVersion } from '../objects/versions.ts';
import { parseXml, type XmlNode, xmlText } from '../http/xml.ts';

export const getObjectTagging: Operation = {
  name: 'GetObjectTagging',
  method: 'GET',
  on: 'object',
  selectedBy: { tagging: true },
  query: ['versionId'],
  actions: ({ query }) => [query.has('versionId') ? 's3:GetObjectVersionTagging' : 's3:GetObjectTagging'],
  run(call) {
    const object = findObject(call, call.bucket, call.key, call.request.query.get('versionId'));
    const tags = [...object.tags].map(([key, value]): XmlNode => [
      'Tag',
      [
        ['Key', key],
        ['Value', value],
      ],
    ]);
    return xmlAnswer(['Tagging', [['TagSet', tags]]], versionHeader(object, call.bucket));
  },
};

const document = v.object({
  Tagging: v.object({
    // An empty element is parsed as an empty string.
    TagSet: v.union([v.object({ Tag: v.array(v.object({ Key: xmlText, Value: xmlText })) }), v.string()]),
  }),
});

export const putObjectTagging: Operation = {
  name: 'PutObjectTagging',
  method: 'PUT',
  on: 'object',
  selectedBy: { tagging: true },
  query: ['versionId'],
  actions: ({ query }) => [query.has('versionId') ? 's3:PutObjectVersionTagging' : 's3:PutObjectTagging'],
  async run(call) {
    const { bucket, key, request } = call;
    const { TagSet } = parseXml(await readDocument(openBody(request)), document).Tagging;
    const listed = typeof TagSet === 'string' ? [] : TagSet.Tag;
    const tags = checkTags(listed.map(({ Key, Value }) => [Key, Value] as const));
    await call.beforeEffect();
    const object = findObject(call, bucket, key, request.query.get('versionId'));
    replaceVersion(bucket, object, { ...object, tags });
    notifyTags(call, 'ObjectTagging:Put', object);
    return emptyAnswer(200, versionHeader(object, bucket));
  },
};

export const deleteObjectTagging: Operation = {
  name: 'DeleteObjectTagging',
  method: 'DELETE',
  on: 'object',
  selectedBy: { tagging: true },
  query: ['versionId'],
  actions: ({ query }) => [
    query.has('versionId') ? 's3:DeleteObjectVersionTagging' : 's3:DeleteObjectTagging',
  ],
  async run(call) {
    const { bucket, key, request } = call;
    await call.beforeEffect();
    const object = findObject(call, bucket, key, request.query.get('versionId'));
    replaceVersion(bucket, object, { ...object, tags: new Map() });
    notifyTags(call, 'ObjectTagging:Delete', object);
    return emptyAnswer(204, versionHeader(object, bucket));
  },
};

function notifyTags(
  call: ObjectCall,
  name: 'ObjectTagging:Put' | 'ObjectTagging:Delete',
  { key, versionId, etag }: ObjectVersion,
): void {
  notify(call, { name, key, versionId, size: undefined, etag: etag.slice(1, -1), sequence: undefined });
}
