import { randomUUID } from 'node:crypto';
import { XMLBuilder } from 'fast-xml-parser';
import type { Answer } from './answer.ts';
import { type Notation, translate } from './protocol.ts';

/*
 * The AWS query protocol: a form with `Action` and flattened members as input, XML as output.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */

/** A call of the query protocol. */
export interface QueryCall {
  readonly operation: string;
  /** Members as in the form, so all leaves are text. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** Parses `Action=DescribeAlarms&AlarmNames.member.1=a` into an operation and `{ AlarmNames: ['a'] }`. */
export function parseQuery(form: string): QueryCall {
  const tree: Tree = new Map();
  let operation = '';
  for (const [name, value] of new URLSearchParams(form)) {
    if (name === 'Action') operation = value;
    else if (name !== 'Version') place(tree, name.split('.'), value);
  }
  return { operation, input: Object.fromEntries([...tree].map(([name, node]) => [name, valueOf(node)])) };
}

type Node = string | Tree;
type Tree = Map<string, Node>;

function place(tree: Tree, [name = '', ...rest]: readonly string[], value: string): void {
  if (rest.length === 0) return void tree.set(name, value);
  const existing = tree.get(name);
  const inner: Tree = existing instanceof Map ? existing : new Map<string, Node>();
  tree.set(name, inner);
  place(inner, rest, value);
}

/** A list ordered by number if all members are numbered, otherwise a structure. */
function valueOf(node: Node): unknown {
  if (typeof node === 'string') return node;
  const inner = node.size === 1 ? node.get('member') : undefined;
  if (inner instanceof Map) return valueOf(inner);
  const entries = [...node];
  if (entries.every(([name]) => /^\d+$/.test(name))) {
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => valueOf(item));
  }
  return Object.fromEntries(entries.map(([name, item]) => [name, valueOf(item)]));
}

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/** A success response. @param namespace XML namespace of the API */
export function queryAnswer(operation: string, result: object, namespace: string): Answer {
  return xml(200, {
    [`${operation}Response`]: {
      '@xmlns': namespace,
      [`${operation}Result`]: translate(result, inXml),
      ResponseMetadata: { RequestId: randomUUID() },
    },
  });
}

function xml(status: number, document: object): Answer {
  return { status, headers: { 'content-type': 'text/xml' }, body: builder.build(document) };
}

/** Lists become `<member>` elements, times become ISO 8601. */
const inXml: Notation = { time: (time) => time.toISOString(), list: (items) => ({ member: items }) };
