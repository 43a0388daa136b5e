import { pointAt } from './target.ts';

const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
const local = { target: 'local', env: 'dev' } as const;

describe('pointAt', () => {
  it('points at the embedded cloud, by the option before the variable', () => {
    const env: Record<string, string | undefined> = { ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    pointAt({ ...local, endpoint: 'http://127.0.0.1:2' }, env);
    expect(env).toMatchObject({ AWS_ENDPOINT_URL: 'http://127.0.0.1:2', AWS_REGION: 'eu-central-1' });
  });

  it('does not let a leftover of the embedded cloud lead it astray on AWS', () => {
    const env: Record<string, string | undefined> = {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:2',
      AWS_REGION: 'eu-west-1',
    };
    pointAt({ target: 'aws', env: 'prod' }, env);
    expect(env).toEqual({ AWS_REGION: 'eu-west-1' });
  });

  it.each([
    ['no endpoint', local, keys, 'Where is the embedded cloud?'],
    ['what is no URL', { ...local, endpoint: 'here' }, keys, 'is not a URL'],
    ['no credentials', { ...local, endpoint: 'http://127.0.0.1:1' }, {}, 'Set AWS_ACCESS_KEY_ID'],
    [
      'an endpoint on AWS',
      { target: 'aws', env: 'dev', endpoint: 'http://x' } as const,
      {},
      '--endpoint is for',
    ],
  ])('refuses %s', (_, options, env, sentence) => {
    expect(() => pointAt(options, { ...env })).toThrow(sentence);
  });
});
