import type { Ignorer } from '@stryker-mutator/api/ignore';

/** The part of Babel's syntax tree that the rule reads. */
interface Node {
  readonly type: string;
  readonly name?: string;
  readonly value?: unknown;
  readonly callee?: Node;
  readonly expression?: Node;
  readonly object?: Node;
  readonly property?: Node;
  readonly properties?: readonly { readonly key?: Node }[];
  readonly quasis?: readonly { readonly value: { readonly raw: string } }[];
  readonly key?: Node;
}

/**
 * Leaves out wording, which may change without a test: texts with a space, log lines, and the name and cause of an error. Which error is
 * thrown, and when, is mutated.
 */
export const wordingIgnorer: Ignorer = {
  shouldIgnore(path) {
    const { node } = path as { node: Node };
    if (node.type === 'NewExpression' && /Error$/.test(node.callee?.name ?? ''))
      return 'the wording of an error';
    if (isLog(node.type === 'ExpressionStatement' ? node.expression : node))
      return 'the wording of a log line';
    if (isText(node)) return 'a text for people';
    if (node.type === 'ClassProperty' && node.key?.name === 'name') return 'the name of an error';
    const [only, ...others] = node.properties ?? [];
    if (only?.key?.name === 'cause' && others.length === 0) return 'the cause of an error';
    return undefined;
  },
};

function isText(node: Node): boolean {
  if (node.type === 'StringLiteral') return String(node.value).includes(' ');
  return node.quasis?.some(({ value }) => value.raw.includes(' ')) ?? false;
}

function isLog(node: Node | undefined): boolean {
  const callee = node?.type === 'CallExpression' ? node.callee : undefined;
  return (
    callee?.type === 'MemberExpression' &&
    /^(info|warn|error|debug)$/.test(callee.property?.name ?? '') &&
    (callee.object?.name ?? callee.object?.property?.name) === 'log'
  );
}
