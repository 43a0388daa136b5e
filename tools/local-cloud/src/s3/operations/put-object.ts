import { writeContext } from '../access.ts';
import { emptyAnswer } from '../http/answer.ts';
import { openBody } from '../http/body.ts';
import { commitOrDiscard } from '../objects/changes.ts';
import { DEFAULT_ALGORITHM } from '../objects/checksums.ts';
import { parseWriteCondition } from '../objects/conditions.ts';
import { parseDescription } from '../objects/description.ts';
import { checksumHeaders, versionHeader } from '../objects/object-headers.ts';
import type { Operation } from '../operation.ts';

export const putObject: Operation = {
  name: 'PutObject',
  method: 'PUT',
  on: 'object',
  conditions: ['if-match', 'if-none-match'],
  context: writeContext,
  actions: ({ header }) => [
    's3:PutObject',
    ...(header('x-amz-tagging') === undefined ? [] : (['s3:PutObjectTagging'] as const)),
    // A condition on the entity tag reveals the object's content.
    ...(header('if-match') === undefined ? [] : (['s3:GetObject'] as const)),
  ],
  async run(call) {
    const { request, service } = call;
    const condition = parseWriteCondition(request.header);
    const description = parseDescription(request);
    const body = openBody(request, 'body', DEFAULT_ALGORITHM);
    const blob = await service.blobs.write(body.chunks);
    await call.beforeEffect();
    const { md5, checksum } = body.digests();
    const draft = { ...description, blob, etag: `"${md5.toString('hex')}"`, checksum };
    const object = commitOrDiscard(call, draft, condition, 'ObjectCreated:Put');
    return emptyAnswer(200, {
      etag: object.etag,
      ...versionHeader(object, call.bucket),
      ...checksumHeaders(object),
    });
  },
};
