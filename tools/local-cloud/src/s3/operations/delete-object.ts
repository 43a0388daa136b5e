import { emptyAnswer } from '../http/answer.ts';
import { commitDeletion } from '../objects/changes.ts';
import { versionHeader } from '../objects/object-headers.ts';
import type { Operation } from '../operation.ts';

export const deleteObject: Operation = {
  name: 'DeleteObject',
  method: 'DELETE',
  on: 'object',
  query: ['versionId'],
  actions: ({ query }) => [query.has('versionId') ? 's3:DeleteObjectVersion' : 's3:DeleteObject'],
  async run(call) {
    const versionId = call.request.query.get('versionId');
    await call.beforeEffect();
    const deletion = commitDeletion(call, call.key, versionId);
    switch (deletion.kind) {
      case 'nothing':
        return emptyAnswer(204, versionId === undefined ? {} : versionHeader({ versionId }, call.bucket));
      case 'removed':
        return emptyAnswer(204, {
          ...versionHeader(deletion.version, call.bucket),
          ...(deletion.version.kind === 'delete-marker' ? MARKER : {}),
        });
      case 'marked':
        return emptyAnswer(204, { ...versionHeader(deletion.marker, call.bucket), ...MARKER });
    }
  },
};

const MARKER = { 'x-amz-delete-marker': 'true' };
