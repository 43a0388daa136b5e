import { environment as dev } from './dev.ts';
import { environmentNames, loadEnvironment, withSettings } from './load.ts';

describe('environments', () => {
  it('are the files of the folder', () => {
    expect(environmentNames()).toEqual(['dev', 'prod', 'sandbox']);
  });

  it.each(['dev', 'prod', 'sandbox'])('%s has the name of its file', async (name) => {
    await expect(loadEnvironment(name)).resolves.toMatchObject({ name });
  });

  it('that do not exist are refused with a list of those that do', async () => {
    await expect(loadEnvironment('staging')).rejects.toThrow(
      'There is no environment "staging". Environments: dev, prod, sandbox.',
    );
  });
});

describe('settings that override an environment', () => {
  it('replace only the given settings', () => {
    const uploader = { principals: ['arn:aws:iam::000000000000:role/uploader'], sourceIps: [] };
    expect(withSettings(dev, JSON.stringify({ uploader }))).toEqual({ ...dev, uploader });
  });

  it.each([
    ['{"uploder":1}', '"uploder" is not a setting of an environment.'],
    ['{"name":"prod"}', '"name" is not a setting of an environment.'],
    ['null', 'Settings must be a JSON object.'],
    ['{', /^Settings must be JSON: /],
  ])('%s are refused', (json, sentence) => {
    expect(() => withSettings(dev, json)).toThrow(sentence);
  });
});
