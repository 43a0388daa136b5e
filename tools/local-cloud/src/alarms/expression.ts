import { tokenize, type Tokens } from './tokens.ts';

/**
 * A metric math expression: computes the value of a period from the values of other figures. Undefined means no data.
 * Only the basic operations and comparisons are supported, because the templates use nothing else.
 */
export type Expression = (valueOf: (id: string) => Value) => Value;
export type Value = number | undefined;

const TOKEN = /\d+(?:\.\d+)?|[A-Za-z_]\w*|[<>]=?|[=!]=|[-+*/(),]/;

/** If an operand has no data, neither has the result. A division by zero gives no data either. A comparison is 1 or 0. */
const arithmetic: Readonly<Record<string, (a: number, b: number) => Value>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? undefined : a / b),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
};

/** Operators, from lowest to highest precedence. */
const levels: readonly (readonly string[])[] = [
  ['<', '>', '<=', '>=', '==', '!='],
  ['+', '-'],
  ['*', '/'],
];

/** Parses a metric math expression. @throws AlarmError for unsupported or invalid syntax */
export function parseExpression(text: string): Expression {
  const tokens = tokenize(text, TOKEN);
  const expression = binary(tokens, 0);
  tokens.end();
  return expression;
}

function binary(tokens: Tokens, level: number): Expression {
  const operators = levels[level];
  if (!operators) return primary(tokens);
  let left = binary(tokens, level + 1);
  while (operators.includes(tokens.next() ?? '')) {
    left = combined(tokens.take(), left, binary(tokens, level + 1));
  }
  return left;
}

function combined(operator: string, left: Expression, right: Expression): Expression {
  const combine = arithmetic[operator];
  return (valueOf) => {
    const [a, b] = [left(valueOf), right(valueOf)];
    return a === undefined || b === undefined ? undefined : combine?.(a, b);
  };
}

function primary(tokens: Tokens): Expression {
  if (tokens.taken('(')) {
    const inner = binary(tokens, 0);
    tokens.expect(')');
    return inner;
  }
  const token = tokens.take();
  if (/^\d/.test(token)) return () => Number(token);
  if (!/^[A-Za-z_]/.test(token)) throw tokens.error(`unexpected "${token}"`);
  if (tokens.next() === '(') {
    throw tokens.error(`the function ${token} is not supported by the local cloud`);
  }
  return (valueOf) => valueOf(token);
}
