import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settings } from '@data-aggregator/bundling/function';
import { definedSettings } from '@data-aggregator/shared-processing/config/testing';

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../function.json'), 'utf8')) as {
  environment: Record<string, string>;
};

describe('function.json', () => {
  const defined = Object.entries(definedSettings(settings));

  it('sets every required environment variable', () => {
    const required = defined.flatMap(([name, { default: value }]) => (value === 'required' ? [name] : []));
    expect(Object.keys(manifest.environment)).toEqual(expect.arrayContaining(required));
  });

  it('sets no variable that the function does not read', () => {
    const names = defined.map(([name]) => name);
    expect(Object.keys(manifest.environment).filter((name) => !names.includes(name))).toEqual([]);
  });
});
