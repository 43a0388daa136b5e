import type { Reason } from '../report.ts';

export const BUNDLING: readonly Reason[] = [
  {
    file: 'libs/bundling/src/build.ts',
    line: '.sort((a, b) => (a.name < b.name ? -1 : 1));',
    original: 'a.name < b.name',
    replacement: 'a.name <= b.name',
    reason: 'No two members of a bundle have the same name.',
  },
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
    file: 'libs/bundling/src/function/connect.ts',
    line: "onError: (error) => log.error('messages.unsent', { queueUrl, error }),",
    original: "(error) => log.error('messages.unsent', { queueUrl, error })",
    replacement: '() => undefined',
    reason: 'It only logs: the sender reports which messages were not sent, and they return to the queue.',
  },
  {
    file: 'libs/bundling/src/function/connect.ts',
    line: "onUnchanged: (messages, cause) => log.warn('visibility.unchanged', { messages, cause }),",
    original: "(messages, cause) => log.warn('visibility.unchanged', { messages, cause })",
    replacement: '() => undefined',
    reason: 'It only logs: the messages return to the queue when their visibility timeout ends.',
  },
  {
    file: 'libs/bundling/src/message-records.ts',
    line: "const source = { messageId: 'event', body: JSON.stringify(event) };",
    original: "'event'",
    replacement: '""',
    reason: 'A direct invocation has no messages; only its trace shows this name instead of an id.',
  },
  {
    file: 'libs/bundling/src/report.ts',
    line: 'for (const [id, outcome] of outcomes) {',
    original: `{
    if (outcome.kind === 'retry')
      log.warn('member.retried', { object: id, why: outcome.why, detail: outcome.detail });
  }`,
    replacement: '{}',
    reason: 'It only logs. The scenario with one file, which runs in the embedded cloud, expects the line.',
  },
];
