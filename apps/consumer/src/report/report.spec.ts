import { createTerminal } from '@data-aggregator/terminal';
import { PassThrough } from 'node:stream';
import { prometheusText, serveMetrics } from './metrics.ts';
import { createReport } from './report.ts';

function reportTo(isTTY: boolean, json?: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 200 });
  const report = createReport(createTerminal(stream, {}), () => 0, json);
  return { report, text: () => (stream.read() as Buffer | null)?.toString() ?? '' };
}

it('is a JSON line for each event without a terminal', () => {
  const { report, text } = reportTo(false);
  report.event('warn', 'stopped.network', { detail: 'a\nb' });
  expect(JSON.parse(text())).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    level: 'warn',
    event: 'stopped.network',
    detail: 'a\nb',
  });
});

it('is a JSON line on a terminal too if asked for', () => {
  const { report, text } = reportTo(true, true);
  report.update({ bundles: 1 });
  report.event('info', 'bundle.known', { bundle: 'bundles/x' });
  report.stop();
  expect(JSON.parse(text())).toMatchObject({ level: 'info', event: 'bundle.known', bundle: 'bundles/x' });
});

it('is a readable line on a terminal, with control characters escaped', () => {
  const { report, text } = reportTo(true);
  report.event('error', 'bundle.set-aside', { bundle: 'bundles/x', detail: 'evil \u001b[2J' });
  report.event('info', 'bundle.known', { bundle: 'a b', files: 2 });
  report.update({ bundles: 1, waiting: 2, condition: 'disk-full' });
  report.stop();
  const shown = text();
  expect(shown).toContain('ERROR bundle.set-aside  bundle=bundles/x  detail="evil \\u001b[2J"');
  expect(shown).toContain('bundle.known  bundle="a b"  files=2');
  expect(shown).not.toContain('INFO');
  expect(shown).toContain('1 bundles');
  expect(shown).toContain('disk-full');
});

it('has a metric for each figure', () => {
  const { report } = reportTo(false);
  report.update({
    ...{ bundles: 1, files: 2, bytes: 3, received: 4, setAside: 5, waiting: 6, oldestSeconds: 7 },
    ...{ landingToDiskSeconds: 8.5, lastDeliveredAt: 9_500, pendingHooks: 10 },
  });
  const samples = prometheusText(report.figures)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(samples).toEqual([
    'consumer_bundles_delivered_total 1',
    'consumer_files_delivered_total 2',
    'consumer_file_bytes_delivered_total 3',
    'consumer_downloaded_bytes_total 4',
    'consumer_bundles_set_aside_total 5',
    'consumer_bundles_waiting 6',
    'consumer_oldest_bundle_age_seconds 7',
    'consumer_landing_to_disk_seconds 8.5',
    'consumer_last_delivery_timestamp_seconds 9.5',
    'consumer_hooks_pending 10',
    'consumer_stopped 0',
  ]);
});

describe('metrics', () => {
  const served = async (condition: string | undefined) => {
    const { report } = reportTo(false);
    report.update({ bundles: 3, files: 40, condition });
    return { report, metrics: await serveMetrics(0, report.figures) };
  };

  it('are served as they are at the moment, and have no value before the first delivery', async () => {
    const { report, metrics } = await served('disk-full');
    const url = `http://127.0.0.1:${metrics.port}/metrics`;
    try {
      const body = await (await fetch(url)).text();
      expect(body).toBe(prometheusText(report.figures));
      expect(body).toContain(
        '# TYPE consumer_bundles_delivered_total counter\nconsumer_bundles_delivered_total 3\n',
      );
      expect(body).toContain('consumer_stopped 1\n');
      expect(body).not.toContain('landing_to_disk');
      expect(body).not.toContain('last_delivery');
      report.update({ bundles: 4 });
      await expect((await fetch(url)).text()).resolves.toContain('consumer_bundles_delivered_total 4\n');
      expect((await fetch(`http://127.0.0.1:${metrics.port}/`)).status).toBe(404);
      expect((await fetch(url, { method: 'POST' })).status).toBe(404);
    } finally {
      metrics.close();
    }
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('are served at the address of this machine alone', async () => {
    const { metrics } = await served(undefined);
    try {
      // A server for all addresses would answer at this one too.
      await expect(fetch(`http://127.0.0.2:${metrics.port}/metrics`)).rejects.toThrow('fetch failed');
    } finally {
      metrics.close();
    }
  });

  it('are not served if the port is taken', async () => {
    const { report, metrics } = await served(undefined);
    try {
      await expect(serveMetrics(metrics.port, report.figures)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    } finally {
      metrics.close();
    }
  });
});
