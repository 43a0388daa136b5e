import { pointAt } from './target.ts';

const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
const local = { target: 'local', env: 'dev' } as const;
const none = { byEnvironment: () => undefined, byEndpoint: () => undefined };
const cloud = {
  endpoint: 'http://127.0.0.1:9',
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local key', secretAccessKey: 'local secret' },
};
const one = {
  byEnvironment: (env: string) => (env === 'dev' ? cloud : undefined),
  byEndpoint: (endpoint: string) => (endpoint === cloud.endpoint ? cloud : undefined),
};
const found = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'local key',
  AWS_SECRET_ACCESS_KEY: 'local secret',
};

describe('pointAt', () => {
  it('prefers the option to the variable', () => {
    const env: Record<string, string | undefined> = { ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    pointAt({ ...local, endpoint: 'http://127.0.0.1:2' }, env, one);
    expect(env).toEqual({ ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:2', AWS_REGION: 'eu-central-1' });
  });

  it('finds the embedded cloud that runs here, and ignores the AWS settings of the shell', () => {
    const env: Record<string, string | undefined> = { ...keys, AWS_PROFILE: 'work', AWS_REGION: 'us-east-1' };
    pointAt(local, env, one);
    expect(env).toEqual(found);
  });

  it('uses the credentials of a named embedded cloud if it runs on this machine', () => {
    const env: Record<string, string | undefined> = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    pointAt(local, env, one);
    expect(env).toEqual(found);
  });

  it('ignores leftover endpoints of the embedded cloud on AWS', () => {
    const env: Record<string, string | undefined> = {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:2',
      AWS_REGION: 'eu-west-1',
    };
    pointAt({ target: 'aws', env: 'prod' }, env);
    expect(env).toEqual({ AWS_REGION: 'eu-west-1' });
  });

  it.each([
    ['no cloud', local, keys, 'No embedded cloud with the templates of "dev" is running'],
    ['a cloud with unknown credentials', { ...local, endpoint: 'http://127.0.0.1:2' }, {}, 'are unknown'],
    ['an endpoint that is not a URL', { ...local, endpoint: 'here' }, keys, 'is not a URL'],
    [
      'an endpoint on AWS',
      { target: 'aws', env: 'dev', endpoint: 'http://x' } as const,
      {},
      '--endpoint works only',
    ],
  ])('refuses %s', (_, options, env, sentence) => {
    expect(() => pointAt(options, { ...env }, none)).toThrow(sentence);
  });
});
