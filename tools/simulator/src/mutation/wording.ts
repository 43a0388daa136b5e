import type { Ignorer } from '@stryker-mutator/api/ignore';

/** The part of Babel's syntax tree that the rule reads. */
interface Node {
  readonly type: string;
  readonly name?: string;
  readonly callee?: Node;
  readonly expression?: Node;
  readonly object?: Node;
  readonly property?: Node;
}

/**
 * Leaves out the wording of errors and log lines, which may change without a test: the texts in `new …Error(…)`, and what is passed
 * to `log.info`, `log.warn` and `log.error`. Which error is thrown, and when, is mutated.
 */
export const wordingIgnorer: Ignorer = {
  shouldIgnore(path) {
    const { node } = path as { node: Node };
    if (node.type === 'NewExpression' && /Error$/.test(node.callee?.name ?? ''))
      return 'the wording of an error';
    if (isLog(node.type === 'ExpressionStatement' ? node.expression : node))
      return 'the wording of a log line';
    return undefined;
  },
};

function isLog(node: Node | undefined): boolean {
  const callee = node?.type === 'CallExpression' ? node.callee : undefined;
  return (
    callee?.type === 'MemberExpression' &&
    /^(info|warn|error|debug)$/.test(callee.property?.name ?? '') &&
    (callee.object?.name ?? callee.object?.property?.name) === 'log'
  );
}
