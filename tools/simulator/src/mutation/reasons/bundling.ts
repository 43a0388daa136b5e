import type { Reason } from '../report.ts';

export const BUNDLING: readonly Reason[] = [
  {
    file: 'libs/bundling/src/claim-members.ts',
    line: '} catch (error) {',
    original: `{
      // The claim expires by itself.
      log.warn('claim.unreleased', { bundle, object: id, error });
    }`,
    replacement: '{}',
    reason: 'It only logs: the claim expires by itself.',
  },
  {
    file: 'libs/bundling/src/message-records.ts',
    line: "const source = { messageId: 'event', body: JSON.stringify(event) };",
    original: "'event'",
    replacement: '""',
    reason: 'A direct invocation has no messages; only its trace shows this name instead of an id.',
  },
];
