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

it('is a readable line on a terminal, with control characters escaped', () => {
  const { report, text } = reportTo(true);
  report.event('error', 'bundle.set-aside', { bundle: 'bundles/x', detail: 'evil \u001b[2J' });
  report.update({ bundles: 1, waiting: 2 });
  report.stop();
  const shown = text();
  expect(shown).toContain('ERROR bundle.set-aside  bundle=bundles/x  detail="evil \\u001b[2J"');
});

it('is served as metrics, on this machine only', async () => {
  const { report } = reportTo(false);
  report.update({ bundles: 3, files: 40, condition: 'disk-full' });
  const metrics = await serveMetrics(0, report.figures);
  try {
    const response = await fetch(`http://127.0.0.1:${metrics.port}/metrics`);
    const body = await response.text();
    expect(body).toBe(prometheusText(report.figures));
    expect(body).toContain(
      '# TYPE consumer_bundles_delivered_total counter\nconsumer_bundles_delivered_total 3\n',
    );
    expect(body).toContain('consumer_stopped 1\n');
    expect(body).not.toContain('landing_to_disk');
    expect((await fetch(`http://127.0.0.1:${metrics.port}/`)).status).toBe(404);
  } finally {
    metrics.close();
  }
});
