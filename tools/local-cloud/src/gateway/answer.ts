import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** A complete response before it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A success response of a service with a JSON protocol. */
export function jsonAnswer(body: object): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() },
    body: JSON.stringify(body),
  };
}

/** An error response of a service with a JSON protocol. */
export function jsonError(status: number, type: string, message: string): Answer {
  return {
    status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-errortype': type,
      'x-amzn-requestid': randomUUID(),
    },
    body: JSON.stringify({ __type: type, message, Message: message }),
  };
}

/** Errors of SQS that its older protocol calls `AWS.SimpleQueueService.` and a name. */
const olderNames: ReadonlyMap<string, string> = new Map([
  ...[
    'BatchEntryIdsNotDistinct',
    'BatchRequestTooLong',
    'EmptyBatchRequest',
    'InvalidBatchEntryId',
    'MessageNotInflight',
    'TooManyEntriesInBatchRequest',
    'UnsupportedOperation',
  ].map((code) => [code, code] as const),
  ['QueueDoesNotExist', 'NonExistentQueue'],
]);

/** An error response of SQS, which adds the error code of its older protocol. */
export function sqsError(status: number, code: string, message: string): Answer {
  const answer = jsonError(status, `com.amazonaws.sqs#${code}`, message);
  const fault = status >= 500 ? 'Receiver' : 'Sender';
  const older = olderNames.get(code);
  const queryCode = older === undefined ? code : `AWS.SimpleQueueService.${older}`;
  const { 'x-amzn-errortype': _notSent, ...headers } = answer.headers;
  return { ...answer, headers: { ...headers, 'x-amzn-query-error': `${queryCode};${fault}` } };
}

export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
