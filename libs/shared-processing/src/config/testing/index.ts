import * as v from 'valibot';
import type { Variable, Variables } from '../index.ts';

/** A setting as its table in the documentation shows it. */
export interface DocumentedSetting {
  /** The allowed values: `1–9`, `bytes, to 10,000 MiB`. */
  values: string;
  /** As written in the environment; `required` if there is none. */
  default: string;
}

/** The settings of the table below a heading, by name. Its columns: variable, unit, default, meaning. */
export function documentedSettings(page: string, heading: string): Record<string, DocumentedSetting> {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const rows = (section.split('\n## ')[0] ?? '').matchAll(/^\| `([A-Z_]+)` *\|([^|]+)\|([^|]+)\|/gm);
  return Object.fromEntries(
    [...rows].map(([, name = '', values = '', preset = '']) => [
      name,
      // The noun before a range of numbers exists only in the documentation.
      {
        values: values.trim().replace(/^(days|hours|count), /, ''),
        default: preset.trim().replaceAll('`', ''),
      },
    ]),
  );
}

/** The settings that a function reads, in the form that the documentation must show. */
export function definedSettings(variables: Variables): Record<string, DocumentedSetting> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [
      name,
      { values: valuesOf(variable), default: defaultOf(variable) },
    ]),
  );
}

function defaultOf(variable: Variable): string {
  const preset = v.getDefault(variable);
  if (preset !== undefined) return String(preset);
  return variable.type === 'optional' ? 'not set' : 'required';
}

/** Derives the allowed values from the error message, which describes the expected value. */
function valuesOf(variable: Variable): string {
  const { issues: [{ message } = { message: '' }] = [] } = v.safeParse(variable, '');
  const words = [...message.matchAll(/"([^"]+)"/g)].map(([, word]) => `\`${word}\``);
  if (words.length > 0) return words.join(words.length > 2 ? ', ' : ' or ');
  if (message.startsWith('a URL')) return 'URL';
  if (message.startsWith('the name')) return 'name';
  if (message.startsWith('the id of an AWS account')) return 'account id, 12 digits';
  const [, kind = '', min, max] = /^(.*) from (-?\d+) to (\d+)/.exec(message) ?? [];
  const [least, most] = [Number(min), Number(max)];
  switch (kind) {
    case 'a whole number':
      return `${whole(least)}–${whole(most)}`;
    case 'whole seconds':
      return `seconds, ${whole(least)}–${whole(most)}`;
    case 'bytes':
      return `bytes, ${least === 1 ? '' : `${whole(least / 1024 ** 2)} `}to ${whole(most / 1024 ** 2)} MiB`;
    default:
      throw new Error(`no documented form for the expected value "${message}"`);
  }
}

function whole(value: number): string {
  return value.toLocaleString('en-US');
}
