import type { NormalizedSchema } from '@smithy/core/schema';

/** The parsed options of an AWS CLI command. */
export interface CommandInput {
  /** Members of the operation's input. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly query: string | undefined;
  readonly output: 'json' | 'text';
  /** The file for the response body. */
  readonly outfile: string | undefined;
}

/** `FunctionName` and `functionName` → `function-name`, `UUID` → `uuid`, `SSEKMSKeyId` → `ssekms-key-id`. */
export function optionOf(member: string): string {
  return member
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

/**
 * Parses options as the AWS CLI does, with the schema of the operation's input.
 *
 * @throws Error for an unknown option or an invalid value
 */
export function inputOf(words: readonly string[], schema: NormalizedSchema): CommandInput {
  const members = new Map<string, { readonly name: string; readonly schema: NormalizedSchema }>();
  for (const [name, member] of schema.structIterator()) members.set(optionOf(name), { name, schema: member });
  const input: Record<string, unknown> = {};
  let query: string | undefined;
  let output: CommandInput['output'] = 'json';
  let outfile: string | undefined;

  for (const { option, values } of grouped(words)) {
    const [value] = values;
    if (option === undefined) [outfile] = values;
    else if (option === 'query') query = value;
    else if (option === 'output' && (value === 'text' || value === 'json')) output = value;
    else {
      const negated = option.startsWith('no-') ? members.get(option.slice(3)) : undefined;
      const member = members.get(option) ?? negated;
      if (!member)
        throw new Error(`aws: unknown option --${option}; there are ${[...members.keys()].join(', ')}`);
      input[member.name] = valueOf(values, member.schema, { option, negated: member === negated });
    }
  }
  return { input, query, output, outfile };
}

interface Given {
  readonly option: string;
  readonly negated: boolean;
}

function valueOf(values: readonly string[], schema: NormalizedSchema, { option, negated }: Given): unknown {
  if (schema.isBooleanSchema()) {
    if (values.length > 0) throw new Error(`aws: --${option} takes no value`);
    return !negated;
  }
  const [value] = values;
  if (negated || value === undefined) throw new Error(`aws: --${option} needs a value`);
  if (schema.isListSchema()) {
    const json = value.startsWith('[') ? (JSON.parse(value) as unknown) : undefined;
    return json ?? values.map((item) => single(item, schema.getValueSchema(), option));
  }
  if (values.length > 1) throw new Error(`aws: --${option} takes one value, not ${values.join(' ')}`);
  return single(value, schema, option);
}

function single(value: string, schema: NormalizedSchema, option: string): unknown {
  if (schema.isStructSchema() || schema.isMapSchema()) {
    return value.startsWith('{') ? (JSON.parse(value) as unknown) : shorthand(value, schema, option);
  }
  if (schema.isNumericSchema()) {
    const number = Number(value);
    if (!Number.isFinite(number)) throw new Error(`aws: --${option}: "${value}" is no number`);
    return number;
  }
  if (schema.isTimestampSchema()) return new Date(value);
  if (schema.isBooleanSchema()) return value === 'true';
  return value;
}

/** `MaximumConcurrency=5,Other=text`, without nesting. */
function shorthand(value: string, schema: NormalizedSchema, option: string): Record<string, unknown> {
  return Object.fromEntries(
    value.split(',').map((part) => {
      const [, name = '', text = ''] = /^(\w+)=(.*)$/.exec(part) ?? [];
      if (name === '') throw new Error(`aws: --${option}: "${part}" is no name=value`);
      return [
        name,
        single(text, schema.isMapSchema() ? schema.getValueSchema() : schema.getMemberSchema(name), option),
      ];
    }),
  );
}

/** Options with their values. A word after a boolean option, or in first place, is the output file. */
function grouped(words: readonly string[]): { option: string | undefined; values: string[] }[] {
  const groups: { option: string | undefined; values: string[] }[] = [];
  for (const [index, word] of words.entries()) {
    const last = groups.at(-1);
    if (word.startsWith('--')) groups.push({ option: word.slice(2), values: [] });
    else if (!last || (index === words.length - 1 && last.values.length === 1 && /^\.?\//.test(word)))
      groups.push({ option: undefined, values: [word] });
    else last.values.push(word);
  }
  return groups;
}
