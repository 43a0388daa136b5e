import { environment as dev } from './dev.ts';
import { environmentNames, loadEnvironment, withSettings } from './load.ts';

describe('environments', () => {
  it('are the files of the folder', () => {
    expect(environmentNames()).toEqual(['dev', 'prod', 'sandbox']);
  });

  it.each(['dev', 'prod', 'sandbox'])('%s names itself', async (name) => {
    await expect(loadEnvironment(name)).resolves.toMatchObject({ name });
  });

  it('that do not exist are answered with those that do', async () => {
    await expect(loadEnvironment('staging')).rejects.toThrow(
      'There is no environment "staging"; there are dev, prod, sandbox.',
    );
  });
});

describe('settings in place of those of an environment', () => {
  it('replace those, and leave the others', () => {
    const uploader = { principals: ['arn:aws:iam::000000000000:role/uploader'], sourceIps: [] };
    expect(withSettings(dev, JSON.stringify({ uploader }))).toEqual({ ...dev, uploader });
  });

  it.each([
    ['{"uploder":1}', '"uploder" is no setting of an environment.'],
    ['{"name":"prod"}', '"name" is no setting of an environment.'],
    ['null', 'Settings are a JSON object.'],
    ['{', /^Settings are JSON: /],
  ])('%s are refused', (json, sentence) => {
    expect(() => withSettings(dev, json)).toThrow(sentence);
  });
});
