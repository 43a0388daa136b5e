import { tokenize, type Tokens } from './tokens.ts';

/** A metric math expression: gives the value of a period, from those of other figures; undefined is no data. */
export type Expression = (valueOf: (id: string) => Value) => Value;
export type Value = number | undefined;

type Combine = (a: number, b: number) => Value;

const TOKEN = /\d+(?:\.\d+)?|[A-Za-z_]\w*|>=|<=|==|!=|[-+*/^()<>,[\]]/;

/** Where one of them has no data, there is none. What is divided by zero is no data either. */
const arithmetic: Readonly<Record<string, Combine>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? undefined : a / b),
  '^': (a, b) => a ** b,
  '>': (a, b) => Number(a > b),
  '<': (a, b) => Number(a < b),
  '>=': (a, b) => Number(a >= b),
  '<=': (a, b) => Number(a <= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
};

/** From the loosest to the tightest. */
const levels: readonly (readonly string[])[] = [
  ['>', '<', '>=', '<=', '==', '!='],
  ['+', '-'],
  ['*', '/'],
];

/** Reads a metric math expression. @throws AlarmError naming what is not known here */
export function parseExpression(text: string): Expression {
  const tokens = tokenize(text, TOKEN);
  const expression = binary(tokens, 0);
  tokens.end();
  return expression;
}

function binary(tokens: Tokens, level: number): Expression {
  const operators = levels[level];
  if (!operators) return power(tokens);
  let left = binary(tokens, level + 1);
  while (operators.includes(tokens.next() ?? '')) {
    left = combined(tokens.take(), left, binary(tokens, level + 1));
  }
  return left;
}

function power(tokens: Tokens): Expression {
  if (tokens.taken('-')) return combined('-', () => 0, power(tokens));
  const base = primary(tokens);
  return tokens.taken('^') ? combined('^', base, power(tokens)) : base;
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
  if (!/^[A-Za-z_]/.test(token)) throw tokens.error(`"${token}" is at a wrong place`);
  if (!tokens.taken('(')) return (valueOf) => valueOf(token);
  return call(token, tokens);
}

function call(name: string, tokens: Tokens): Expression {
  const made = functions[name];
  if (!made) throw tokens.error(`the function ${name} is not known to the local cloud`);
  const list = tokens.taken('[');
  const given: Expression[] = [];
  do given.push(binary(tokens, 0));
  while (tokens.taken(','));
  if (list) tokens.expect(']');
  tokens.expect(')');
  const { count, apply } = made;
  if (count === undefined ? !list : list || given.length !== count) {
    throw tokens.error(`${name} takes ${count === undefined ? 'a list [a, b]' : `${count} arguments`}`);
  }
  return (valueOf) => apply(given.map((argument) => argument(valueOf)));
}

interface MathFunction {
  /** Arguments; undefined where it takes a list. */
  readonly count: number | undefined;
  readonly apply: (values: readonly Value[]) => Value;
}

const ofOne = (apply: (value: number) => number): MathFunction => ({
  count: 1,
  apply: ([value]) => (value === undefined ? undefined : apply(value)),
});

/** Of those that have data. */
const ofList = (apply: (values: readonly number[]) => number): MathFunction => ({
  count: undefined,
  apply: (values) => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : apply(known);
  },
});

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

const functions: Readonly<Record<string, MathFunction>> = {
  ABS: ofOne(Math.abs),
  CEIL: ofOne(Math.ceil),
  FLOOR: ofOne(Math.floor),
  SUM: ofList(sum),
  AVG: ofList((values) => sum(values) / values.length),
  MAX: ofList((values) => Math.max(...values)),
  MIN: ofList((values) => Math.min(...values)),
  FILL: { count: 2, apply: ([value, filler]) => value ?? filler },
  IF: {
    count: 3,
    apply: ([condition, yes, no]) => (condition === undefined ? undefined : condition === 0 ? no : yes),
  },
};
