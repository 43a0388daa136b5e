/** The targets of `Ref` and `Fn::GetAtt`: resources, parameters and conditions of one template. */
export interface Lookups {
  /** Value of a resource, parameter or pseudo parameter; undefined if there is none with that name. */
  readonly ref: (name: string) => unknown;
  readonly attribute: (logicalId: string, attribute: string) => unknown;
  /** Expression of a named condition; undefined if there is none. */
  readonly condition: (name: string) => unknown;
}

/** An intrinsic function is not supported, or its arguments are invalid. */
export class IntrinsicError extends Error {
  override readonly name = 'IntrinsicError';
}

/** `{ Ref: 'AWS::NoValue' }`: the property or list item that contains it is dropped. */
const noValue = Symbol('AWS::NoValue');

/**
 * Evaluates CloudFormation's intrinsic functions in a value, recursively.
 *
 * @throws IntrinsicError for an unsupported function or a dangling reference
 */
export function resolveIntrinsics(value: unknown, lookups: Lookups): unknown {
  const resolved = evaluate(value, lookups);
  return resolved === noValue ? undefined : resolved;
}

/** Whether a resource with this condition exists. @throws IntrinsicError */
export function holds(conditionName: string, lookups: Lookups): boolean {
  const expression = lookups.condition(conditionName);
  if (expression === undefined) throw new IntrinsicError(`there is no condition ${conditionName}`);
  return evaluate(expression, lookups) === true;
}

function evaluate(value: unknown, lookups: Lookups): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => evaluate(item, lookups)).filter((item) => item !== noValue);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined) {
    const [name, argument] = first;
    if (name === 'Ref') return reference(argument, lookups);
    if (name === 'Condition' && typeof argument === 'string') return holds(argument, lookups);
    if (name.startsWith('Fn::')) return call(name, argument, lookups);
  }
  return Object.fromEntries(
    entries
      .map(([key, item]) => [key, evaluate(item, lookups)] as const)
      .filter(([, item]) => item !== noValue),
  );
}

function reference(name: unknown, { ref }: Lookups): unknown {
  if (name === 'AWS::NoValue') return noValue;
  const found = ref(asText(name, 'Ref'));
  if (found === undefined) throw new IntrinsicError(`Ref ${String(name)} refers to nothing in this template`);
  return found;
}

function call(name: string, argument: unknown, lookups: Lookups): unknown {
  const list = () => asList(evaluate(argument, lookups), name);
  switch (name) {
    case 'Fn::GetAtt': {
      const [id, attribute] =
        typeof argument === 'string' ? argument.split(/\.(.*)/s) : asList(argument, name);
      return lookups.attribute(asText(id, name), asText(attribute, name));
    }
    case 'Fn::Join': {
      const [separator, parts] = list();
      return asList(parts, name).map(String).join(asText(separator, name));
    }
    case 'Fn::Sub':
      return substitute(argument, lookups);
    case 'Fn::Select': {
      const [index, items] = list();
      const item = asList(items, name)[Number(index)];
      if (item === undefined) throw new IntrinsicError(`Fn::Select has no item ${String(index)}`);
      return item;
    }
    case 'Fn::Split': {
      const [separator, whole] = list();
      return asText(whole, name).split(asText(separator, name));
    }
    case 'Fn::If': {
      const [condition, yes, no] = asList(argument, name);
      return evaluate(holds(asText(condition, name), lookups) ? yes : no, lookups);
    }
    case 'Fn::Equals': {
      const [left, right] = list();
      return JSON.stringify(left) === JSON.stringify(right);
    }
    case 'Fn::Not':
      return list()[0] !== true;
    case 'Fn::And':
      return list().every((item) => item === true);
    case 'Fn::Or':
      return list().some((item) => item === true);
    case 'Fn::Base64':
      return Buffer.from(asText(evaluate(argument, lookups), name)).toString('base64');
    default:
      throw new IntrinsicError(`${name} is not supported by the local cloud`);
  }
}

function substitute(argument: unknown, lookups: Lookups): string {
  const [pattern, given] = Array.isArray(argument) ? (argument as unknown[]) : [argument, {}];
  const variables = asRecord(evaluate(given, lookups), 'Fn::Sub');
  return asText(pattern, 'Fn::Sub').replaceAll(
    /\$\{(!?)([^}]+)\}/g,
    (_whole, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`;
      const own = variables[name];
      if (own !== undefined) return String(own);
      const [id, attribute] = name.split(/\.(.*)/s);
      return String(
        attribute === undefined
          ? reference(name, lookups)
          : lookups.attribute(asText(id, 'Fn::Sub'), attribute),
      );
    },
  );
}

function asText(value: unknown, where: string): string {
  if (typeof value !== 'string')
    throw new IntrinsicError(`${where} expects text, not ${JSON.stringify(value)}`);
  return value;
}

function asList(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value))
    throw new IntrinsicError(`${where} expects a list, not ${JSON.stringify(value)}`);
  return value;
}

function asRecord(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null)
    throw new IntrinsicError(`${where} expects a map of variables`);
  return value as Record<string, unknown>;
}
