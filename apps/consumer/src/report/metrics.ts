import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Figures } from './report.ts';

interface Metric {
  name: string;
  type: 'counter' | 'gauge';
  help: string;
  value: (figures: Figures) => number | undefined;
}

const METRICS: readonly Metric[] = [
  metric('bundles_delivered_total', 'counter', 'Bundles put on disk.', ({ bundles }) => bundles),
  metric('files_delivered_total', 'counter', 'Files put on disk.', ({ files }) => files),
  metric('file_bytes_delivered_total', 'counter', 'Bytes of files put on disk.', ({ bytes }) => bytes),
  metric(
    'downloaded_bytes_total',
    'counter',
    'Bytes downloaded, failed attempts included.',
    ({ received }) => received,
  ),
  metric('bundles_set_aside_total', 'counter', 'Damaged bundles set aside.', ({ setAside }) => setAside),
  metric('bundles_waiting', 'gauge', 'Bundles in the bucket at the last listing.', ({ waiting }) => waiting),
  metric(
    'oldest_bundle_age_seconds',
    'gauge',
    'Age of the oldest bundle at the last listing.',
    ({ oldestSeconds }) => oldestSeconds,
  ),
  metric(
    'landing_to_disk_seconds',
    'gauge',
    'From landing to disk, for the first file of the last bundle.',
    ({ landingToDiskSeconds }) => landingToDiskSeconds,
  ),
  metric(
    'last_delivery_timestamp_seconds',
    'gauge',
    'When the last bundle was put on disk.',
    ({ lastDeliveredAt }) => (lastDeliveredAt === undefined ? undefined : lastDeliveredAt / 1000),
  ),
  metric(
    'hooks_pending',
    'gauge',
    'Bundles whose hook has not succeeded.',
    ({ pendingHooks }) => pendingHooks,
  ),
  metric('stopped', 'gauge', '1 while a condition such as a full disk stops the work.', ({ condition }) =>
    condition === undefined ? 0 : 1,
  ),
];

function metric(name: string, type: Metric['type'], help: string, value: Metric['value']): Metric {
  return { name: `consumer_${name}`, type, help, value };
}

/** The figures in Prometheus's text format, version 0.0.4. */
export function prometheusText(figures: Figures): string {
  return METRICS.flatMap(({ name, type, help, value }) => {
    const now = value(figures);
    return now === undefined ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${now}`];
  })
    .concat('')
    .join('\n');
}

/** Serves the metrics on this machine only. @param port 0 for any free port @throws Error if the port is taken */
export async function serveMetrics(
  port: number,
  figures: Figures,
): Promise<{ port: number; close: () => void }> {
  const server = createServer((request, response) => {
    const found = request.method === 'GET' && request.url === '/metrics';
    response.writeHead(found ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(found ? prometheusText(figures) : 'The metrics are at /metrics.\n');
  });
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
