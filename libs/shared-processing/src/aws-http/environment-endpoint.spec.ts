import { environmentEndpoint } from './environment-endpoint.ts';

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

const addressWith = (variables: Record<string, string>, regional?: () => string) => {
  process.env = { ...variables };
  const { protocol, hostname, port, path, headers } = environmentEndpoint('dynamodb', regional);
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path} as ${headers.host}`;
};

describe('environmentEndpoint', () => {
  it.each([
    [
      { AWS_REGION: 'eu-west-2' },
      'https://dynamodb.eu-west-2.amazonaws.com/ as dynamodb.eu-west-2.amazonaws.com',
    ],
    [
      { AWS_REGION: 'cn-north-1' },
      'https://dynamodb.cn-north-1.amazonaws.com.cn/ as dynamodb.cn-north-1.amazonaws.com.cn',
    ],
    [{ AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' }, 'http://127.0.0.1:4566/ as 127.0.0.1:4566'],
    [
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_DYNAMODB: 'https://tables.example/a/' },
      'https://tables.example/a/ as tables.example',
    ],
    [
      { AWS_USE_FIPS_ENDPOINT: 'false', AWS_REGION: 'us-east-1' },
      'https://dynamodb.us-east-1.amazonaws.com/ as dynamodb.us-east-1.amazonaws.com',
    ],
    [
      {
        AWS_USE_FIPS_ENDPOINT: 'true',
        AWS_ENDPOINT_URL_DYNAMODB: 'https://dynamodb-fips.us-east-1.amazonaws.com',
      },
      'https://dynamodb-fips.us-east-1.amazonaws.com/ as dynamodb-fips.us-east-1.amazonaws.com',
    ],
  ])('with %j is %s', (variables, address) => {
    expect(addressWith(variables)).toBe(address);
  });

  it('is the regional endpoint that the caller gives, unless the environment sets another', () => {
    const queue = () => 'https://sqs.eu-west-2.amazonaws.com/';
    expect(addressWith({}, queue)).toBe(
      'https://sqs.eu-west-2.amazonaws.com/ as sqs.eu-west-2.amazonaws.com',
    );
    expect(addressWith({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, queue)).toMatch(
      /^http:\/\/127\.0\.0\.1:1\//,
    );
  });

  it('rejects settings that only the SDK can apply', () => {
    expect(() => addressWith({})).toThrow('AWS_REGION is not set');
    expect(() => addressWith({ AWS_REGION: 'us-east-1', AWS_USE_DUALSTACK_ENDPOINT: 'true' })).toThrow(
      'AWS_USE_DUALSTACK_ENDPOINT requires AWS_ENDPOINT_URL_DYNAMODB, the URL of dynamodb',
    );
  });
});
