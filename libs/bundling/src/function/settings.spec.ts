import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '@data-aggregator/shared-processing/config';
import { definedSettings, documentedSettings } from '@data-aggregator/shared-processing/config/testing';
import { settings } from './settings.ts';

it('README lists every setting with its values and its default', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../README.md'), 'utf8');
  expect(documentedSettings(page, 'Configuration of the aggregator')).toEqual(definedSettings(settings));
});

it('an invalid BUNDLE_GROUP_BY is refused in one sentence', () => {
  const { BUNDLE_GROUP_BY } = settings;
  const read = (value: string) => readConfig({ BUNDLE_GROUP_BY }, { BUNDLE_GROUP_BY: value });
  expect(() => read('customer')).toThrow(
    'BUNDLE_GROUP_BY is "customer": expected "segments:<count>" or "pattern:<regular expression>"',
  );
  expect(() => read('pattern:^(.+)/')).toThrow(
    'BUNDLE_GROUP_BY is "pattern:^(.+)/": expected a pattern whose repetitions end by themselves, but both .+ and / after it match "/"',
  );
  expect(read('').BUNDLE_GROUP_BY).toBeUndefined();
});
