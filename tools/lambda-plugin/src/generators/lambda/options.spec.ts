import { parseFunctionManifest } from '@data-aggregator/function-manifest';
import { type LambdaOptions, manifestFrom } from './options.ts';

const thumbnailer: LambdaOptions = { name: 'thumbnailer', trigger: 's3-sqs' };

describe('the manifest for the options', () => {
  it('contains trigger, sizes and tags', () => {
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

  it.each(['s3', 'sns', 'event-bridge'])('can have the function notified by %s', (notifiedBy) => {
    const manifest = manifestFrom({ ...thumbnailer, notifiedBy });
    expect(manifest.trigger).toEqual({ type: 's3-sqs', bucket: 'landing', notifiedBy });
    expect(() => parseFunctionManifest(JSON.stringify(manifest), 'function.json')).not.toThrow();
  });

  it('gives access to what the options name and to what the handler needs', () => {
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

  it('has no dead-letter queue without a queue', () => {
    const { access, environment } = manifestFrom({ name: 'sweeper', trigger: 'schedule' });
    expect(JSON.stringify([access, environment])).not.toMatch(/dead-letters/i);
  });

  it('has one access entry for a bucket that is read and written', () => {
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
  ])('of %j has the matching trigger', (options, trigger) => {
    const manifest = manifestFrom(options);
    expect(manifest.trigger).toEqual(trigger);
    expect(() => parseFunctionManifest(JSON.stringify(manifest), 'function.json')).not.toThrow();
  });
});

describe('invalid options', () => {
  it.each<[Partial<LambdaOptions>, string]>([
    [
      { name: 'Thumb' },
      'name: a name is lower-case words joined by hyphens, such as "thumbnailer" (got "Thumb").',
    ],
    [{ name: '../evil' }, 'name: a name is lower-case words'],
    [{ name: 'x'.repeat(41) }, 'a name has at most 40 characters'],
    [{ memory: 64 }, 'memoryMb: '],
    [{ timeout: 901 }, 'timeoutSeconds: '],
    [{ reads: ['landng'] }, '--reads: there is no bucket "landng", only landing, distribution, archive.'],
    [{ writes: ['s3'] }, '--writes: there is no bucket "s3"'],
    [{ bucket: 'inbox' }, '--bucket: there is no bucket "inbox"'],
    [{ tags: ['team'] }, '--tags must be key=value, not "team".'],
    [
      { writes: ['landing'] },
      'A function that landing invokes must not write to landing: it would invoke itself forever.',
    ],
    [{ schedule: 'rate(1 hour)' }, '--schedule requires --trigger=schedule; the trigger is s3-sqs.'],
    [{ pattern: '{}' }, '--pattern requires --trigger=event-bridge; the trigger is s3-sqs.'],
    [{ auth: 'none' }, '--auth requires --trigger=function-url; the trigger is s3-sqs.'],
    [{ trigger: 'sqs', bucket: 'landing' }, '--bucket requires --trigger=s3-sqs; the trigger is sqs.'],
    [{ trigger: 'sqs', notifiedBy: 'sns' }, '--notifiedBy requires --trigger=s3-sqs; the trigger is sqs.'],
    [{ notifiedBy: 'mail' }, '--notifiedBy must be s3, sns, event-bridge, not "mail".'],
    [{ trigger: 'schedule', schedule: 'hourly' }, 'an expression is rate(…) or cron(…)'],
    [{ trigger: 'event-bridge', pattern: '{' }, '--pattern must be an event pattern as JSON, such as'],
    [{ trigger: 'event-bridge', pattern: '[1]' }, '--pattern must be an event pattern as JSON, such as'],
    [{ trigger: 'function-url', auth: 'basic' }, '--auth must be iam or none, not "basic".'],
  ])('are refused with one sentence: %j', (options, sentence) => {
    const ask = () => manifestFrom({ ...thumbnailer, ...options });
    expect(ask).toThrow(sentence);
    expect(ask).toThrow(
      expect.objectContaining({ name: 'UsageError', message: expect.stringMatching(/^[^\n]+\.$/) }),
    );
  });
});
