import * as v from 'valibot';
import { xmlAnswer } from '../http/answer.ts';
import { openBody, readDocument } from '../http/body.ts';
import { commitDeletion } from '../objects/changes.ts';
import { S3Error } from '../errors.ts';
import type { BucketCall, Operation } from '../operation.ts';
import { parseXml, type XmlNode, xmlText } from '../http/xml.ts';

/** Unsupported members (ETag, conditions) are refused. */
const doomed = v.strictObject({
  Key: v.pipe(xmlText, v.minLength(1)),
  VersionId: v.optional(xmlText),
  '#text': v.optional(v.string()),
});
const document = v.object({
  Delete: v.object({
    Object: v.pipe(v.array(doomed), v.minLength(1), v.maxLength(1000)),
    Quiet: v.optional(v.picklist(['true', 'false'])),
  }),
});

export const deleteObjects: Operation = {
  name: 'DeleteObjects',
  method: 'POST',
  on: 'bucket',
  selectedBy: { delete: true },
  // Each object is authorized separately.
  actions: () => [],
  async run(call) {
    const body = openBody(call.request);
    const text = await readDocument(body);
    if (call.request.header('content-md5') === undefined && body.digests().checksum === undefined) {
      const message = 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*';
      throw new S3Error('InvalidRequest', { message });
    }
    const { Delete: list } = parseXml(text, document);
    await call.beforeEffect();
    const results = list.Object.map(({ Key, VersionId }) => deleteOne(call, Key, VersionId));
    const shown = list.Quiet === 'true' ? results.filter(([name]) => name === 'Error') : results;
    return xmlAnswer(['DeleteResult', shown]);
  },
};

function deleteOne(call: BucketCall, key: string, versionId: string | undefined): XmlNode {
  const named: XmlNode[] = [
    ['Key', key],
    ['VersionId', versionId],
  ];
  const action = versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
  if (!call.may(action, { bucket: call.bucket.name, key, versionId })) {
    return ['Error', [...named, ['Code', 'AccessDenied'], ['Message', 'Access Denied']]];
  }
  const deletion = commitDeletion(call, key, versionId);
  const marker =
    deletion.kind === 'marked'
      ? deletion.marker
      : deletion.kind === 'removed' && deletion.version.kind === 'delete-marker'
        ? deletion.version
        : undefined;
  if (marker === undefined) return ['Deleted', named];
  return ['Deleted', [...named, ['DeleteMarker', true], ['DeleteMarkerVersionId', marker.versionId]]];
}
