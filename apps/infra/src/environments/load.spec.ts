import { environmentNames, loadEnvironment } from './load.ts';

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
