import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { Answer } from './answer.ts';
import type { JsonService } from './api-services.ts';
import { element, queryError, xmlAnswer } from './protocol.ts';
import { parseQuery } from './query-protocol.ts';

/*
 * SQS's older protocol, used by the AWS CLI up to 2.12 and boto3 up to 1.28: parameters in a form, responses in XML.
 * Converts requests to the JSON protocol and its responses to XML. Source: the query examples in the Amazon SQS API
 * Reference.
 */

/** Lists of strings: name in the form, and in JSON. */
const lists: ReadonlyMap<string, string> = new Map(
  Object.entries({
    AttributeName: 'AttributeNames',
    MessageAttributeName: 'MessageAttributeNames',
    MessageSystemAttributeName: 'MessageSystemAttributeNames',
  }),
);
const maps: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Attribute: 'Attributes',
    MessageAttribute: 'MessageAttributes',
    MessageSystemAttribute: 'MessageSystemAttributes',
  }),
);
const entries: ReadonlySet<string> = new Set([
  'SendMessageBatchRequestEntry',
  'DeleteMessageBatchRequestEntry',
  'ChangeMessageVisibilityBatchRequestEntry',
]);
const numbers: ReadonlySet<string> = new Set([
  'DelaySeconds',
  'MaxNumberOfMessages',
  'MaxResults',
  'VisibilityTimeout',
  'WaitTimeSeconds',
]);

const object = v.record(v.string(), v.unknown());
const isObject = (value: unknown): value is Record<string, unknown> => v.is(object, value);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function attributeMap(value: unknown): Record<string, unknown> {
  return Object.fromEntries(
    list(value).flatMap((member) =>
      isObject(member) && typeof member['Name'] === 'string' ? [[member['Name'], member['Value']]] : [],
    ),
  );
}

function jsonOf(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    const listName = lists.get(name);
    const mapName = maps.get(name);
    if (listName !== undefined) json[listName] = list(value);
    else if (mapName !== undefined) json[mapName] = attributeMap(value);
    else if (entries.has(name)) {
      json['Entries'] = list(value).map((entry) => (isObject(entry) ? jsonOf(entry) : entry));
    } else json[name] = numbers.has(name) && typeof value === 'string' ? Number(value) : value;
  }
  return json;
}

/** Converts a query protocol request to the JSON protocol. */
export function readForm(form: string): { operation: string; body: string } {
  const { operation, input } = parseQuery(form);
  return { operation: operation || '(no Action)', body: JSON.stringify(jsonOf(input)) };
}

/** Elements of lists and maps: name in JSON, and in XML. */
const members: Readonly<Record<string, string>> = {
  Messages: 'Message',
  QueueUrls: 'QueueUrl',
  Attributes: 'Attribute',
  MessageAttributes: 'MessageAttribute',
  Failed: 'BatchResultErrorEntry',
  Tags: 'Tag',
};
/** Maps whose keys and values are elements, with their names. */
const pairs: Readonly<Record<string, readonly [key: string, value: string]>> = {
  Attributes: ['Name', 'Value'],
  MessageAttributes: ['Name', 'Value'],
  Tags: ['Key', 'Value'],
};

function xmlOf(name: string, value: unknown, operation: string): string {
  const pair = pairs[name];
  const member = name === 'Successful' ? `${operation}ResultEntry` : members[name];
  if (pair && member !== undefined && isObject(value)) {
    const [keyName, valueName] = pair;
    return Object.entries(value)
      .map(([key, content]) => wrap(member, element(keyName, key) + xmlOf(valueName, content, operation)))
      .join('');
  }
  if (Array.isArray(value)) {
    return value.map((content: unknown) => xmlOf(member ?? name, content, operation)).join('');
  }
  if (isObject(value)) return wrap(name, content(value, operation));
  return value === undefined || value === null ? '' : element(name, String(value));
}

function content(fields: Record<string, unknown>, operation: string): string {
  return Object.entries(fields)
    .map(([name, value]) => xmlOf(name, value, operation))
    .join('');
}

const wrap = (name: string, inner: string) => `<${name}>${inner}</${name}>`;

const failure = v.object({ __type: v.string(), message: v.optional(v.string(), '') });

/** Converts a JSON protocol response to the query protocol. */
function toXml(operation: string, { status, headers, body }: Answer): Answer {
  const json: unknown = body === '' ? {} : JSON.parse(body);
  if (status !== 200) {
    const { __type, message } = v.parse(failure, json);
    const [code = __type.split('#').at(-1) ?? __type] = (headers['x-amzn-query-error'] ?? '')
      .split(';')
      .filter(Boolean);
    return queryError(status, code, message);
  }
  const result = isObject(json) ? content(json, operation) : '';
  const hasResult = !/^(DeleteMessage|ChangeMessageVisibility|DeleteQueue|PurgeQueue)$/.test(operation);
  const metadata = wrap('ResponseMetadata', element('RequestId', randomUUID()));
  return xmlAnswer(
    200,
    `<${operation}Response xmlns="http://queue.amazonaws.com/doc/2012-11-05/">` +
      `${hasResult ? wrap(`${operation}Result`, result) : ''}${metadata}</${operation}Response>`,
  );
}

/** SQS with its older protocol. */
export function overQuery(sqs: JsonService): JsonService {
  return {
    ...sqs,
    perform: async (operation, body) => toXml(operation, await sqs.perform(operation, body)),
    error: queryError,
  };
}
