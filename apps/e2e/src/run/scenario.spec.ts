import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseScenario, readScenario } from './scenario.ts';

const parse = (scenario: unknown) => parseScenario(JSON.stringify(scenario), 'x.json');

describe('a scenario', () => {
  it('has sensible defaults', () => {
    expect(parse({ report_file: null })).toEqual({
      description: '',
      report_file: null,
      test_type: 's3_trigger',
      generator_type: 'random',
      num_files: 1,
      size_mb: 1,
      concurrency: 10,
      timeout_seconds: 300,
      keep_files: false,
      verbose: false,
      tags: [],
    });
  });

  it.each([
    [{ description: 'x', num_file: 1 }, 'x.json: unknown key "num_file".'],
    [{ landing_bucket: '' }, 'x.json: "landing_bucket" is empty.'],
    [{ description: 'x', num_files: 0 }, 'x.json: "num_files" must be at least 1.'],
    [{ description: 'x', num_files: '5' }, 'x.json: "num_files" must be a number.'],
    [{ description: 'x', num_files: 1.5 }, 'x.json: "num_files" must be a whole number.'],
    [{ description: 'x', size_mb: -1 }, 'x.json: "size_mb" must be at least 0.'],
    [{ description: 'x', keep_files: 'no' }, 'x.json: "keep_files" must be true or false.'],
    [
      { description: 'x', generator_type: 'y' },
      'x.json: "generator_type" must be "random" or "compressible".',
    ],
    [{ description: 'x', tags: [7] }, 'x.json: "tags.0" must be a string.'],
    [null, 'x.json must contain a JSON object.'],
    [[], 'x.json must contain a JSON object.'],
    ['x', 'x.json must contain a JSON object.'],
  ])('%j is refused in one sentence', (scenario, sentence) => {
    expect(() => parse(scenario)).toThrow(new Error(sentence));
  });

  it('that is missing or not JSON is refused in one sentence', () => {
    expect(() => parseScenario('{', 'x.json')).toThrow(/^x\.json is not JSON: .*\.$/);
    expect(() => readScenario('none.json')).toThrow(/^none\.json cannot be read: ENOENT.*\.$/);
  });
});

const folder = join(__dirname, '../../scenarios');
describe.each(readdirSync(folder))('scenarios/%s', (file) => {
  it('is valid and names its report after itself', () => {
    expect(readScenario(join(folder, file)).report_file).toBe(`out/e2e/${file.replace('.json', '.xml')}`);
  });
});
