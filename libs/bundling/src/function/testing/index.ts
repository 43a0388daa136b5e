import { readFileSync } from 'node:fs';
import { definedSettings } from '@data-aggregator/shared-processing/config/testing';
import { settings } from '../settings.ts';

/** Declares the tests that a bundling function's `function.json` sets the right variables. @param file its path */
export function describeFunctionJson(file: string): void {
  const { environment } = JSON.parse(readFileSync(file, 'utf8')) as { environment: Record<string, string> };

  describe('function.json', () => {
    const defined = Object.entries(definedSettings(settings));

    it('sets every required environment variable', () => {
      const required = defined.flatMap(([name, { default: value }]) => (value === 'required' ? [name] : []));
      expect(Object.keys(environment)).toEqual(expect.arrayContaining(required));
    });

    it('sets no variable that the function does not read', () => {
      const names = defined.map(([name]) => name);
      expect(Object.keys(environment).filter((name) => !names.includes(name))).toEqual([]);
    });
  });
}
