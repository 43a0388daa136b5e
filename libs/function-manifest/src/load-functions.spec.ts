import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionManifestJsonSchema } from './json-schema.ts';
import { loadFunctions, FunctionManifestError, parseFunctionManifest } from './index.ts';

const workspaceRoot = join(import.meta.dirname, '../../..');

const manifest = {
  name: 'thumbnailer',
  description: 'Makes thumbnails.',
  trigger: { type: 's3-sqs', bucket: 'landing' },
};
const parse = (changes: object) =>
  parseFunctionManifest(JSON.stringify({ ...manifest, ...changes }), 'function.json');

describe('parseFunctionManifest', () => {
  it('fills in defaults', () => {
    expect(parse({})).toMatchObject({
      trigger: { batchSize: 10, batchWindowSeconds: 0, maxConcurrency: 10, maxReceiveCount: 5 },
      memoryMb: 512,
      timeoutSeconds: 60,
      access: [],
      sizeBudgetKb: 600,
    });
  });

  it.each<[string, object, RegExp]>([
    ['an invalid name', { name: 'Thumb Nailer' }, /name: a name is lower-case words/],
    ['an unknown trigger', { trigger: { type: 'carrier-pigeon' } }, /trigger\.type/],
    ['a misspelt setting', { memory: 256 }, /memory/],
    ['too few receives', { trigger: { type: 'sqs', maxReceiveCount: 1 } }, /trigger\.maxReceiveCount/],
    ['an unknown verb for a bucket', { access: [{ resource: 'landing', may: ['own'] }] }, /access\.0\.may/],
    ['an environment variable in lower case', { environment: { bucket: 'x' } }, /environment\.bucket/],
  ])('rejects %s, and names the file and the path', (_, changes, message) => {
    expect(() => parse(changes)).toThrow(FunctionManifestError);
    expect(() => parse(changes)).toThrow(message);
    expect(() => parse(changes)).toThrow(/^function\.json: /);
  });

  it('names a file that is not JSON', () => {
    expect(() => parseFunctionManifest('{', 'apps/x/function.json')).toThrow(
      /^apps\/x\/function\.json is not JSON: /,
    );
  });
});

describe('loadFunctions', () => {
  it('finds the functions of this workspace, ordered by name', () => {
    const names = loadFunctions(workspaceRoot).map(({ manifest: { name } }) => name);
    expect(names).toContain('aggregator');
    expect(names).toEqual([...names].sort());
  });
});

describe('function.schema.json', () => {
  it('matches the schema', () => {
    const shipped: unknown = JSON.parse(
      readFileSync(join(import.meta.dirname, '../function.schema.json'), 'utf8'),
    );
    expect(shipped).toEqual(JSON.parse(JSON.stringify(functionManifestJsonSchema())));
  });
});
