import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CallError } from '@data-aggregator/shared-processing/errors';
import { failureOf } from './console-error.ts';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });

it('says that credentials are missing, as the SDK reports it before it sends anything', async () => {
  const client = new CloudWatchClient({
    region: 'eu-central-1',
    credentials: async () => Promise.reject(named('CredentialsProviderError', 'The SSO session has expired')),
  });
  const error: unknown = await client.send(new DescribeAlarmsCommand({})).catch((cause: unknown) => cause);
  expect(failureOf(error)).toEqual({
    error: 'aws',
    message: expect.stringMatching('The SSO session has expired.*Sign in again'),
  });
});

it.each([
  ['an expired token', named('TokenProviderError', 'Token is expired')],
  [
    'a cause',
    new CallError(
      'GET a',
      { outcome: 'unknown', code: 'CredentialsProviderError' },
      { cause: named('CredentialsProviderError', 'none') },
    ),
  ],
])('says so for %s', (_, error) => {
  expect(failureOf(error)).toMatchObject({ error: 'aws', message: expect.stringContaining('Sign in again') });
});

it('keeps the text of an unexpected error to itself', () => {
  expect(failureOf(new Error('secret'))).toEqual({
    error: 'internal',
    message: expect.not.stringContaining('secret'),
  });
});
