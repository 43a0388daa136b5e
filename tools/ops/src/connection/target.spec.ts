import { pointAt } from './target.ts';

const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
const local = { target: 'local', env: 'dev' } as const;
const none = () => undefined;
const one = (env: string) =>
  env === 'dev' ? { endpoint: 'http://127.0.0.1:9', region: 'eu-west-1' } : undefined;

describe('pointAt', () => {
  it('points at the embedded cloud, by the option before the variable', () => {
    const env: Record<string, string | undefined> = { ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    pointAt({ ...local, endpoint: 'http://127.0.0.1:2' }, env, one);
    expect(env).toEqual({ ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:2', AWS_REGION: 'eu-central-1' });
  });

  it('finds the embedded cloud that runs here, whatever the shell has for AWS', () => {
    const env: Record<string, string | undefined> = { ...keys, AWS_PROFILE: 'work', AWS_REGION: 'us-east-1' };
    pointAt(local, env, one);
    expect(env).toEqual({
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^AKIA/),
      AWS_SECRET_ACCESS_KEY: expect.any(String),
    });
  });

  it('needs no credentials for an embedded cloud that is named', () => {
    const env: Record<string, string | undefined> = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    pointAt(local, env, none);
    expect(env).toMatchObject({ AWS_ACCESS_KEY_ID: expect.stringMatching(/^AKIA/) });
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
    ['no cloud', local, keys, 'No embedded cloud with the templates of "dev" runs here'],
    ['what is no URL', { ...local, endpoint: 'here' }, keys, 'is not a URL'],
    [
      'an endpoint on AWS',
      { target: 'aws', env: 'dev', endpoint: 'http://x' } as const,
      {},
      '--endpoint is for',
    ],
  ])('refuses %s', (_, options, env, sentence) => {
    expect(() => pointAt(options, { ...env }, none)).toThrow(sentence);
  });
});
