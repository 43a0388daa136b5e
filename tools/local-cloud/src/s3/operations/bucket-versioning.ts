import * as v from 'valibot';
import { emptyAnswer, xmlAnswer } from '../http/answer.ts';
import { openBody, readDocument } from '../http/body.ts';
import { S3Error } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { parseXml } from '../http/xml.ts';

export const getBucketVersioning: Operation = {
  name: 'GetBucketVersioning',
  method: 'GET',
  on: 'bucket',
  selectedBy: { versioning: true },
  actions: () => ['s3:GetBucketVersioning'],
  run: ({ bucket: { versioning, mfaDelete } }) =>
    xmlAnswer([
      'VersioningConfiguration',
      [
        ['Status', versioning === 'Unversioned' ? undefined : versioning],
        ['MfaDelete', mfaDelete],
      ],
    ]),
};

const document = v.object({
  VersioningConfiguration: v.union([
    // An empty element is parsed as an empty string.
    v.string(),
    v.strictObject({
      Status: v.optional(v.picklist(['Enabled', 'Suspended'])),
      MfaDelete: v.optional(v.picklist(['Enabled', 'Disabled'])),
      '#text': v.optional(v.string()),
    }),
  ]),
});

/** @see "PutBucketVersioning" in the Amazon S3 API Reference */
export const putBucketVersioning: Operation = {
  name: 'PutBucketVersioning',
  method: 'PUT',
  on: 'bucket',
  selectedBy: { versioning: true },
  actions: () => ['s3:PutBucketVersioning'],
  async run({ bucket, request, beforeEffect }) {
    const text = await readDocument(openBody(request));
    const configuration = parseXml(text, document).VersioningConfiguration;
    const { Status, MfaDelete } =
      typeof configuration === 'string' ? { Status: undefined, MfaDelete: undefined } : configuration;
    if (Status === undefined) throw new S3Error('IllegalVersioningConfigurationException');
    if (MfaDelete === 'Enabled') {
      throw new S3Error('NotImplemented', { message: 'This S3 does not implement MFA delete.' });
    }
    await beforeEffect();
    bucket.versioning = Status;
    if (MfaDelete !== undefined) bucket.mfaDelete = MfaDelete;
    return emptyAnswer(200);
  },
};
