import { createLogger, createMetrics } from './index.ts';
import { recordingLog, recordingMetrics } from './testing/index.ts';

/** The lines that a function writes to standard output, where Lambda collects logs and metrics. */
function linesOf(work: () => void): Record<string, unknown>[] {
  const written: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((chunk) => {
      written.push(String(chunk));
      return true;
    }),
  );
  try {
    work();
  } finally {
    spies.forEach((spy) => spy.mockRestore());
  }
  return written
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log of a function', () => {
  it('writes one line per event, with its name, its fields, the function and the invocation', () => {
    const lines = linesOf(() => {
      const log = createLogger('aggregator');
      log.enterInvocation({ awsRequestId: 'first' });
      log.info('bundle.published', { bundle: 'bundles/x', members: 3 });
      log.enterInvocation({ awsRequestId: 'second' });
      log.warn('member.retried');
    });
    expect(lines).toMatchObject([
      {
        level: 'INFO',
        message: 'bundle.published',
        service: 'aggregator',
        requestId: 'first',
        bundle: 'bundles/x',
        members: 3,
      },
      { level: 'WARN', message: 'member.retried', requestId: 'second' },
    ]);
    expect(lines[1]).not.toHaveProperty('bundle');
  });

  it('includes the name, message and cause of an error', () => {
    const lines = linesOf(() => {
      const error = new TypeError('no table', { cause: new Error('connection refused') });
      createLogger('aggregator').error('invocation.failed', { error });
    });
    expect(lines).toMatchObject([
      {
        level: 'ERROR',
        error: { name: 'TypeError', message: 'no table', cause: { message: 'connection refused' } },
      },
    ]);
  });

  it('omits debug events by default', () => {
    expect(linesOf(() => createLogger('aggregator').debug('claim.tried'))).toEqual([]);
  });
});

describe('the metrics of a function', () => {
  it('are one line in the embedded metric format, with summed counts and every duration', () => {
    const [line, ...others] = linesOf(() => {
      const metrics = createMetrics('aggregator');
      metrics.count('Duplicates', 2);
      metrics.count('Duplicates', 3);
      metrics.count('Retried', 0);
      metrics.seconds('DeliverySeconds', 1.5);
      metrics.seconds('DeliverySeconds', 2);
      metrics.flush();
    });
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: 'DataAggregator',
            Dimensions: [['service']],
            Metrics: [
              { Name: 'DeliverySeconds', Unit: 'Seconds' },
              { Name: 'Duplicates', Unit: 'Count' },
              { Name: 'Retried', Unit: 'Count' },
            ],
          },
        ],
      },
      service: 'aggregator',
      DeliverySeconds: [1.5, 2],
      Duplicates: 5,
      Retried: 0,
    });
  });

  it('start from zero in each invocation, and write nothing if nothing was measured', () => {
    const lines = linesOf(() => {
      const metrics = createMetrics('aggregator');
      metrics.count('Duplicates', 1);
      metrics.flush();
      metrics.flush();
      metrics.count('Retried', 1);
      metrics.flush();
    });
    expect(lines).toHaveLength(2);
    expect(lines[1]).not.toHaveProperty('Duplicates');
    expect(lines[1]).toMatchObject({ service: 'aggregator', Retried: 1 });
  });

  it('keep thousands of durations', () => {
    const lines = linesOf(() => {
      const metrics = createMetrics('aggregator');
      for (let index = 0; index < 2_345; index++) metrics.seconds('DeliverySeconds', index);
      metrics.flush();
    });
    expect(lines.flatMap((line) => line['DeliverySeconds'])).toEqual(
      Array.from({ length: 2_345 }, (_, i) => i),
    );
  });

  it.each([NaN, Infinity])('reject %d, for which CloudWatch would drop the whole line', (value) => {
    const metrics = createMetrics('aggregator');
    expect(() => metrics.count('Duplicates', value)).toThrow('the metric Duplicates cannot be');
    expect(() => metrics.seconds('DeliverySeconds', value)).toThrow(RangeError);
  });
});

describe('the recorders for tests', () => {
  it('record what is logged and measured', () => {
    const log = recordingLog();
    log.info('batch.done', { ms: 1 });
    expect(log.events).toEqual([{ level: 'info', event: 'batch.done', fields: { ms: 1 } }]);

    const metrics = recordingMetrics();
    metrics.count('Bundles', 1);
    metrics.count('Bundles', 2);
    metrics.seconds('DeliverySeconds', 4);
    metrics.seconds('DeliverySeconds', 5);
    expect(metrics.counts).toEqual(new Map([['Bundles', 3]]));
    expect(metrics.durations).toEqual(new Map([['DeliverySeconds', [4, 5]]]));
  });
});
