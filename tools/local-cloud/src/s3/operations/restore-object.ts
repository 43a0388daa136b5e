import * as v from 'valibot';
import { emptyAnswer } from '../http/answer.ts';
import { isArchived, restoreState } from '../objects/archive.ts';
import { openBody, readDocument } from '../http/body.ts';
import { S3Error } from '../errors.ts';
import { notify } from '../objects/changes.ts';
import { findObject } from '../objects/lookup.ts';
import type { ObjectVersion, Restore } from '../model.ts';
import type { ObjectCall, Operation } from '../operation.ts';
import { replaceVersion } from '../objects/versions.ts';
import { parseXml } from '../http/xml.ts';

const text = v.optional(v.string());
const tier = v.picklist(['Standard', 'Bulk', 'Expedited']);
/** Supports only restores; queries over the archive (`Type`, `SelectParameters`) are refused. */
const document = v.object({
  RestoreRequest: v.strictObject({
    Days: v.pipe(v.string(), v.regex(/^[1-9]\d{0,5}$/), v.transform(Number)),
    GlacierJobParameters: v.optional(v.object({ Tier: tier, '#text': text })),
    Tier: v.optional(tier),
    Description: text,
    '#text': text,
  }),
});

const DAY = 24 * 60 * 60 * 1000;

/** The tier is ignored; the object is restored after the configured delay. */
export const restoreObject: Operation = {
  name: 'RestoreObject',
  method: 'POST',
  on: 'object',
  selectedBy: { restore: true },
  query: ['versionId'],
  actions: () => ['s3:RestoreObject'],
  async run(call) {
    const { bucket, key, request, service } = call;
    const { Days } = parseXml(await readDocument(openBody(request)), document).RestoreRequest;
    await call.beforeEffect();
    const object = findObject(call, bucket, key, request.query.get('versionId'));
    if (!isArchived(object)) {
      const message = "Restore is not allowed for the object's current storage class.";
      throw new S3Error('InvalidObjectState', { message, details: { StorageClass: object.storageClass } });
    }
    const now = service.clock();
    const state = restoreState(object, now);
    if (state === 'ongoing') throw new S3Error('RestoreAlreadyInProgress');
    const readyAt = state === 'restored' ? now : now + service.restoreDelayMs;
    const restore = { readyAt, expiresAt: midnightAfter(readyAt + Days * DAY) };
    replaceVersion(bucket, object, { ...object, restore });
    if (state === 'restored') return emptyAnswer(200);
    notifyRestore(call, 'ObjectRestore:Post', object, restore);
    const complete = () => notifyRestore(call, 'ObjectRestore:Completed', object, restore);
    if (service.restoreDelayMs === 0) complete();
    else setTimeout(complete, service.restoreDelayMs).unref();
    return emptyAnswer(202);
  },
};

function notifyRestore(
  call: ObjectCall,
  name: 'ObjectRestore:Post' | 'ObjectRestore:Completed',
  { key, versionId, blob, etag, storageClass }: ObjectVersion,
  { expiresAt }: Restore,
): void {
  const object = { key, versionId, size: blob.size, etag: etag.slice(1, -1), sequence: undefined };
  notify(call, { ...object, name, restored: { storageClass, expiresAt } });
}

/** A restored copy expires at midnight (UTC) after its last day. */
function midnightAfter(time: number): number {
  return Math.ceil(time / DAY) * DAY;
}
