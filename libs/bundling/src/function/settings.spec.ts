import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { definedSettings, documentedSettings } from '@data-aggregator/shared-processing/config/testing';
import { settings } from './settings.ts';

it('README lists every setting with its values and its default', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../README.md'), 'utf8');
  expect(documentedSettings(page, 'Configuration of the aggregator')).toEqual(definedSettings(settings));
});
