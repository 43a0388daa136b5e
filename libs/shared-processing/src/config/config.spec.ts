import {
  bucketName,
  bytes,
  ConfigError,
  int,
  oneOf,
  optional,
  readConfig,
  seconds,
  text,
  url,
  type Variable,
  withDefault,
} from './index.ts';

const variables = {
  LANDING_BUCKET: bucketName(),
  LEDGER_TABLE: text('the name of a table'),
  QUEUE_URL: url(),
  BUNDLE_BYTES: withDefault(bytes({ min: 1, max: 10_000_000_000 }), '64MiB'),
  GRACE_SECONDS: withDefault(seconds({ min: 1, max: 900 }), '60'),
  BUNDLE_FORMAT: withDefault(oneOf('gzip', 'zstd'), 'gzip'),
  ENDPOINT: optional(url()),
};
const env = {
  LANDING_BUCKET: 'landing-1',
  LEDGER_TABLE: 'ledger',
  QUEUE_URL: 'http://127.0.0.1:4000/q',
  HOME: '/root',
};

describe('readConfig', () => {
  it('returns the values from the environment, and defaults', () => {
    expect(readConfig(variables, { ...env, BUNDLE_BYTES: '1MB', BUNDLE_FORMAT: 'zstd' })).toEqual({
      LANDING_BUCKET: 'landing-1',
      LEDGER_TABLE: 'ledger',
      QUEUE_URL: 'http://127.0.0.1:4000/q',
      BUNDLE_BYTES: 1_000_000,
      GRACE_SECONDS: 60,
      BUNDLE_FORMAT: 'zstd',
      ENDPOINT: undefined,
    });
  });

  it('has the types of its variables', () => {
    const { BUNDLE_BYTES, BUNDLE_FORMAT, ENDPOINT } = readConfig(variables, env);
    const typed: [number, 'gzip' | 'zstd', string | undefined] = [BUNDLE_BYTES, BUNDLE_FORMAT, ENDPOINT];
    expect(typed).toEqual([64 * 1024 * 1024, 'gzip', undefined]);
  });

  it('treats an empty variable as not set', () => {
    expect(readConfig(variables, { ...env, GRACE_SECONDS: '', ENDPOINT: '' })).toMatchObject({
      GRACE_SECONDS: 60,
    });
    expect(() => readConfig(variables, { ...env, LEDGER_TABLE: '' })).toThrow('LEDGER_TABLE is not set');
  });

  it('reports everything missing or invalid at once, with its value and the expected one', () => {
    const read = () =>
      readConfig(variables, { LANDING_BUCKET: 'Landing', QUEUE_URL: 'queue', GRACE_SECONDS: '1h' });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(
      expect.objectContaining({
        message:
          'the environment is wrong: ' +
          'LANDING_BUCKET is "Landing": expected the name of a bucket: ' +
          '3 to 63 lower-case letters, digits, hyphens and single dots; ' +
          'LEDGER_TABLE is not set: expected the name of a table; ' +
          'QUEUE_URL is "queue": expected a URL that begins with https:// or http://; ' +
          'GRACE_SECONDS is "1h": expected whole seconds from 1 to 900',
      }),
    );
  });

  it.each(['API_TOKEN', 'DB_PASSWORD', 'SIGNING_KEY', 'CLIENT_SECRET'])(
    'does not print the value of %s',
    (name) => {
      const read = () => readConfig({ [name]: int({ min: 1, max: 2 }) }, { [name]: 'hush' });
      expect(read).toThrow(`${name} has a value that is not shown: expected a whole number from 1 to 2`);
      expect(read).not.toThrow('hush');
    },
  );

  it('does not print a password in a URL, and shortens long values', () => {
    const read = () =>
      readConfig({ ENDPOINT: url() }, { ENDPOINT: `ftp://me:hush@host/${'x'.repeat(1_000_000)}` });
    expect(read).toThrow('ENDPOINT is "ftp://…@host/xxx');
    expect(read).not.toThrow('hush');
    expect(read).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,250}$/) }));
  });

  it('checks defaults too', () => {
    expect(() => readConfig({ N: withDefault(int({ min: 1, max: 2 }), '3') }, {})).toThrow(ConfigError);
  });
});

describe('a variable', () => {
  const valueOf = (variable: Variable, value: string) => readConfig({ IT: variable }, { IT: value }).IT;

  const variable = {
    int: int({ min: 0, max: 10_000 }),
    'signed int': int({ min: -5, max: 5 }),
    seconds: seconds({ min: 0, max: 900 }),
    bytes: bytes({ min: 1, max: 10_000_000_000 }),
    bucketName: bucketName(),
    url: url(),
    oneOf: oneOf('a', 'b'),
  };
  type Kind = keyof typeof variable;

  it.each<[Kind, string, unknown]>([
    ['int', '10000', 10_000],
    ['signed int', '-5', -5],
    ['seconds', '0', 0],
    ['bytes', '67108864', 67_108_864],
    ['bytes', '64MB', 64_000_000],
    ['bytes', '64MiB', 67_108_864],
    ['bytes', '3KiB', 3072],
    ['bytes', '10GB', 10_000_000_000],
    ['bucketName', 'abc', 'abc'],
    ['bucketName', 'a.b-c--d.123', 'a.b-c--d.123'],
    ['bucketName', 'x'.repeat(63), 'x'.repeat(63)],
    ['url', 'https://sqs.example.com/1/q', 'https://sqs.example.com/1/q'],
    ['oneOf', 'b', 'b'],
  ])('of kind %s accepts %j', (kind, value, expected) => {
    expect(valueOf(variable[kind], value)).toBe(expected);
  });

  it.each<[Kind, string[]]>([
    ['int', ['', ' ', '1.5', '1e3', '0x10', '６', '10001', '-1', '9007199254740993', 'NaN', '1 ']],
    ['seconds', ['901', '1m']],
    ['bytes', ['64 MB', '64mb', 'MB', '0', '1.5GB', '11GB', '-1', '64XB', '10MBMB']],
    ['bucketName', ['ab', 'Abc', 'a_b', '-abc', 'abc-', 'a..b', '.abc', 'abc.', '10.0.0.1', 'x'.repeat(64)]],
    ['url', ['file:///etc/passwd', 'example.com', '//example.com']],
    ['oneOf', ['A', 'c', 'toString']],
  ])('of kind %s rejects all of %j', (kind, values) => {
    for (const value of values) expect(() => valueOf(variable[kind], value)).toThrow(ConfigError);
  });

  it('that is long and invalid is rejected quickly', () => {
    const started = performance.now();
    expect(() => valueOf(variable.bucketName, `${'a-'.repeat(31)}_`)).toThrow(ConfigError);
    expect(() => valueOf(variable.bytes, `${'1'.repeat(100_000)}_`)).toThrow(ConfigError);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
