/**
 * An EventBridge event pattern: the same fields as in the event, with lists as leaves, one element of which must match.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export interface EventPattern {
  readonly fields: ReadonlyMap<string, Field>;
}

type Field = EventPattern | readonly Matcher[];

/** Whether a leaf of the event matches. Undefined means that the field is missing. */
type Matcher = (value: unknown) => boolean;

/** The pattern is invalid or uses an unsupported operator. */
export class EventPatternError extends Error {
  override readonly name = 'EventPatternError';
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isPlain = (value: unknown): value is string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

/** @throws EventPatternError that names the field and the unsupported operator */
export function parseEventPattern(pattern: unknown, path = 'pattern'): EventPattern {
  if (!isObject(pattern)) throw new EventPatternError(`${path} is neither a list nor an object`);
  const fields = Object.entries(pattern).map(([name, inner]): readonly [string, Field] => {
    const where = `${path}.${name}`;
    if (name.startsWith('$')) throw unknownOperator(where, name);
    if (!Array.isArray(inner)) return [name, parseEventPattern(inner, where)];
    if (inner.length === 0) throw new EventPatternError(`${where} is an empty list, which matches nothing`);
    return [name, inner.map((entry: unknown) => matcherOf(entry, where))];
  });
  if (fields.length === 0) throw new EventPatternError(`${path} is empty, which EventBridge refuses`);
  return { fields: new Map(fields) };
}

/** Whether an event, or part of one, matches the pattern. */
export function matchesEvent({ fields }: EventPattern, event: unknown): boolean {
  const values = isObject(event) ? event : {};
  return [...fields].every(([name, inner]) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    // A list in the event matches if any of its elements does. An empty list counts as missing.
    const elements: readonly unknown[] = Array.isArray(value)
      ? value.length > 0
        ? value
        : [undefined]
      : [value];
    return elements.some((element) =>
      'fields' in inner ? matchesEvent(inner, element) : inner.some((matches) => matches(element)),
    );
  });
}

const unknownOperator = (where: string, operator: string) =>
  new EventPatternError(`${where}: the operator ${operator} is not supported by the local cloud`);

function matcherOf(entry: unknown, where: string): Matcher {
  if (isPlain(entry)) return (value) => value === entry;
  const [[operator, operand] = ['', undefined], ...others] = isObject(entry) ? Object.entries(entry) : [];
  if (operator === '' || others.length > 0) {
    throw new EventPatternError(`${where} contains something other than a value or a single operator`);
  }
  const make = operators[operator];
  if (make === undefined) throw unknownOperator(where, operator);
  const matcher = make(operand, where);
  if (matcher === undefined) {
    throw new EventPatternError(`${where}: ${operator} does not take ${JSON.stringify(operand)}`);
  }
  return matcher;
}

/** Each turns an operand into a matcher; undefined if the operand is invalid. */
const operators: Readonly<Record<string, (operand: unknown, where: string) => Matcher | undefined>> = {
  prefix: (operand) =>
    typeof operand === 'string'
      ? (value) => typeof value === 'string' && value.startsWith(operand)
      : undefined,
  suffix: (operand) =>
    typeof operand === 'string' ? (value) => typeof value === 'string' && value.endsWith(operand) : undefined,
  wildcard: (operand) => (typeof operand === 'string' ? wildcard(operand) : undefined),
  exists: (operand) =>
    typeof operand === 'boolean' ? (value) => (value !== undefined) === operand : undefined,
  numeric: (operand) => (Array.isArray(operand) ? comparisons(operand) : undefined),
  // A missing field does not match "anything but".
  'anything-but': (operand, where) => {
    const entries: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
    if (entries.length === 0) return undefined;
    const refused = entries.map((entry) => matcherOf(entry, `${where}.anything-but`));
    return (value) => value !== undefined && !refused.some((matches) => matches(value));
  },
};

/**
 * `in/*.csv`: `*` matches any text, and a backslash makes the next character literal. EventBridge refuses consecutive wildcards.
 */
function wildcard(pattern: string): Matcher | undefined {
  const parts = [''];
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern.charAt(index);
    if (char === '*') {
      if (pattern[index + 1] === '*') return undefined;
      parts.push('');
      continue;
    }
    if (char === '\\') index++;
    if (index === pattern.length || (char === '\\' && !/[*\\]/.test(pattern.charAt(index)))) return undefined;
    parts.push(`${parts.pop()}${pattern.charAt(index)}`);
  }
  return (value) => typeof value === 'string' && matchesParts(value, parts);
}

/** Whether the parts occur in a text one after the other, the first at its start and the last at its end. */
function matchesParts(text: string, [first = '', ...others]: readonly string[]): boolean {
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let position = first.length;
  for (const part of others) {
    const found = text.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return text.length - last.length >= position && text.endsWith(last);
}

const comparators: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

/** `[">", 0, "<=", 5]` */
function comparisons(operand: readonly unknown[]): Matcher | undefined {
  const checks: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const compare = comparators[String(operand[index])];
    const limit = operand[index + 1];
    if (compare === undefined || typeof limit !== 'number') return undefined;
    checks.push((value) => compare(value, limit));
  }
  if (checks.length === 0) return undefined;
  return (value) => typeof value === 'number' && checks.every((holds) => holds(value));
}
