import { parseFunctionManifest } from '@data-aggregator/function-manifest';
import { type LambdaOptions, manifestFrom } from './options.ts';

const thumbnailer: LambdaOptions = { name: 'thumbnailer', trigger: 's3-sqs' };

describe('the manifest that options ask for', () => {
  it('has the trigger, the sizes and the tags', () => {
    const options: LambdaOptions = {
      ...thumbnailer,
      bucket: 'archive',
      memory: 1024,
      timeout: 30,
      tags: ['team=media', 'cost=a=b'],
      description: 'Makes thumbnails.',
    };
    expect(manifestFrom(options)).toMatchObject({
      description: 'Makes thumbnails.',
      trigger: { type: 's3-sqs', bucket: 'archive' },
      memoryMb: 1024,
      timeoutSeconds: 30,
      tags: { team: 'media', cost: 'a=b' },
    });
  });

  it('lets the function touch what was asked for, and what its handler needs', () => {
    const { access, environment } = manifestFrom({
      ...thumbnailer,
      reads: ['landing'],
      writes: ['distribution'],
    });
    expect(access).toEqual([
      { resource: 'landing', may: ['read', 'read-version'] },
      { resource: 'distribution', may: ['write'] },
      { resource: 'ledger', may: ['get', 'put', 'delete'] },
      { resource: 'dead-letters', may: ['send'] },
    ]);
    expect(environment).toEqual({
      LANDING_BUCKET: '${landing.name}',
      DISTRIBUTION_BUCKET: '${distribution.name}',
      LEDGER_TABLE: '${ledger.name}',
      CLAIM_RETENTION_DAYS: '${claims.retention-days}',
      DEAD_LETTER_QUEUE_URL: '${dead-letters.url}',
    });
  });

  it('names no dead letters where there is no queue', () => {
    const { access, environment } = manifestFrom({ name: 'sweeper', trigger: 'schedule' });
    expect(JSON.stringify([access, environment])).not.toMatch(/dead-letters/i);
  });

  it('gives one entry to a bucket that is read and written', () => {
    const { access } = manifestFrom({
      name: 'mover',
      trigger: 'sqs',
      reads: ['archive'],
      writes: ['archive'],
    });
    expect(access?.[0]).toEqual({ resource: 'archive', may: ['read', 'read-version', 'write'] });
  });

  it.each<[LambdaOptions, object]>([
    [
      { name: 'a', trigger: 'schedule' },
      { type: 'schedule', expression: 'rate(1 hour)' },
    ],
    [
      { name: 'a', trigger: 'schedule', schedule: 'cron(0 3 * * ? *)' },
      { type: 'schedule', expression: 'cron(0 3 * * ? *)' },
    ],
    [
      { name: 'a', trigger: 'event-bridge' },
      { type: 'event-bridge', pattern: { source: ['data-aggregator'] } },
    ],
    [
      { name: 'a', trigger: 'event-bridge', pattern: '{"source":["my.app"]}' },
      { type: 'event-bridge', pattern: { source: ['my.app'] } },
    ],
    [
      { name: 'a', trigger: 'function-url' },
      { type: 'function-url', auth: 'iam' },
    ],
    [
      { name: 'a', trigger: 'function-url', auth: 'none' },
      { type: 'function-url', auth: 'none' },
    ],
    [{ name: 'a', trigger: 'request' }, { type: 'request' }],
    [{ name: 'a', trigger: 'sqs' }, { type: 'sqs' }],
  ])('%j has a trigger of its kind', (options, trigger) => {
    const manifest = manifestFrom(options);
    expect(manifest.trigger).toEqual(trigger);
    expect(() => parseFunctionManifest(JSON.stringify(manifest), 'function.json')).not.toThrow();
  });
});

describe('options that cannot be met', () => {
  it.each<[Partial<LambdaOptions>, string]>([
    [
      { name: 'Thumb' },
      'name: a name is lower-case words joined by hyphens, such as "thumbnailer" (got "Thumb").',
    ],
    [{ name: '../evil' }, 'name: a name is lower-case words'],
    [{ name: 'x'.repeat(41) }, 'a name has at most 40 characters'],
    [{ memory: 64 }, 'memoryMb: '],
    [{ timeout: 901 }, 'timeoutSeconds: '],
    [{ reads: ['landng'] }, '--reads knows no bucket "landng"; there are landing, distribution, archive.'],
    [{ writes: ['s3'] }, '--writes knows no bucket "s3"'],
    [{ bucket: 'inbox' }, '--bucket knows no bucket "inbox"'],
    [{ tags: ['team'] }, '--tags takes key=value, not "team".'],
    [
      { writes: ['landing'] },
      'A function that landing invokes must not write to landing: it would invoke itself without end.',
    ],
    [{ schedule: 'rate(1 hour)' }, '--schedule is for --trigger=schedule, and the trigger is s3-sqs.'],
    [{ pattern: '{}' }, '--pattern is for --trigger=event-bridge, and the trigger is s3-sqs.'],
    [{ auth: 'none' }, '--auth is for --trigger=function-url, and the trigger is s3-sqs.'],
    [{ trigger: 'sqs', bucket: 'landing' }, '--bucket is for --trigger=s3-sqs, and the trigger is sqs.'],
    [{ trigger: 'schedule', schedule: 'hourly' }, 'an expression is rate(…) or cron(…)'],
    [{ trigger: 'event-bridge', pattern: '{' }, '--pattern is an event pattern as JSON, such as'],
    [{ trigger: 'event-bridge', pattern: '[1]' }, '--pattern is an event pattern as JSON, such as'],
    [{ trigger: 'function-url', auth: 'basic' }, '--auth is iam or none, not "basic".'],
  ])('are refused with a sentence: %j', (options, sentence) => {
    const ask = () => manifestFrom({ ...thumbnailer, ...options });
    expect(ask).toThrow(sentence);
    expect(ask).toThrow(
      expect.objectContaining({ name: 'OptionsError', message: expect.stringMatching(/^[^\n]+\.$/) }),
    );
  });
});
