import { Agent, createServer } from 'node:http';
import { createConnection, type NetConnectOpts } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { readConfig } from '@data-aggregator/shared-processing/config';
import { recordingLog, recordingMetrics } from '@data-aggregator/shared-processing/observability/testing';
import { standInForAws } from '@data-aggregator/shared-processing/testing';
import { candidate } from '../testing/landed.ts';
import { connect } from './connect.ts';
import { settings } from './settings.ts';

const MiB = 1024 ** 2;
const environment = {
  LANDING_BUCKET: 'landing',
  DISTRIBUTION_BUCKET: 'distribution',
  ARCHIVE_BUCKET: 'archive',
  LEDGER_TABLE: 'ledger',
  QUEUE_URL: 'http://localhost/queue',
  DEAD_LETTER_QUEUE_URL: 'http://localhost/dead-letters',
  CLAIM_RETENTION_DAYS: '21',
};

/** The dependencies of an invocation with these variables. */
function connected(variables: Record<string, string> = {}) {
  const config = readConfig(settings, { ...environment, ...variables });
  return connect(config, recordingLog(), recordingMetrics())();
}

type Connect = typeof Agent.prototype.createConnection;

/** A Node that passes on the bytes of a connection before the connection itself. */
const connectTooLate: Connect = (options, done) => {
  const socket = createConnection(options as NetConnectOpts);
  const finish = async () => {
    while (socket.bytesRead === 0) await turn();
    done?.(new Error('too late'), socket);
  };
  void finish();
  return undefined;
};

const member = candidate('large', 200 * MiB);

afterEach(() => jest.restoreAllMocks());

describe('the connected function', () => {
  it('names bundles by their format, and copied ones as what they are', () => {
    const { newBundleKey } = connected({ BUNDLE_FORMAT: 'tar.zst' });
    expect(newBundleKey({ kind: 'single', member })).toMatch(/^bundles\/.+\.tar\.zst$/);
    expect(newBundleKey({ kind: 'copy', member })).toMatch(/^bundles\/.+\.tar$/);
    const group = { name: 'acme', text: 'acme' };
    expect(newBundleKey({ kind: 'copy', member, group })).toMatch(/^bundles\/acme\/.+\.acme\.tar$/);
  });

  it('builds one bundle at a time in its memory, and begins no upload while it fits', async () => {
    const { newWriter } = connected();
    const parts = { put: () => Promise.reject(new Error('unexpected part')), stop: () => undefined };
    const first = newWriter({ kind: 'single', member }, parts);
    expect(() => newWriter({ kind: 'single', member }, parts)).toThrow('in use by another bundle');
    await first.append({ name: 'a', size: 7, mtime: 0 }, Buffer.from('content'));
    const { staged } = await first.finish();
    expect(staged.kind).toBe('whole');
    await first.discard();
    await newWriter({ kind: 'packed', members: [member], bytes: 7 }, parts).discard();
  });

  it('forwards large objects only to a queue', () => {
    expect(connected().largeObjects).toBeUndefined();
    expect(connected().planLimits.forwardBytes).toBeUndefined();
    const forwarding = connected({ LARGE_OBJECTS_QUEUE_URL: 'http://localhost/large-objects' });
    expect(forwarding.largeObjects).toBeDefined();
    expect(forwarding.planLimits.forwardBytes).toBe(32 * MiB);
  });

  it('copies above COPY_ABOVE_BYTES, or where streaming would need too many parts', () => {
    expect(connected().routes.isCopied(member, Infinity)).toBe(false);
    expect(connected({ COPY_ABOVE_BYTES: '100MiB' }).routes.isCopied(member, Infinity)).toBe(true);
    const huge = candidate('huge', 10_000 * 5 * MiB);
    expect(connected({ SPOOL_MEMORY_BYTES: '10MiB' }).routes.isCopied(huge, Infinity)).toBe(true);
    expect(connected().routes.isCopied(huge, Infinity)).toBe(false);
  });

  it('keeps claims as long as the settings say, in milliseconds', () => {
    expect(connected({ CLAIM_GRACE_SECONDS: '60' })).toMatchObject({
      claimGraceMs: 60_000,
      claimRetentionMs: 21 * 24 * 3_600_000,
    });
  });

  it.each(['true', 'false'])(
    'demands a version in each notification if landing keeps versions: %s',
    (value) => {
      const { admission } = connected({ LANDING_VERSIONED: value });
      expect(admission.landingIsVersioned).toBe(value === 'true');
    },
  );

  it('counts for the alarm that it stops reading into a shared buffer', async () => {
    jest.spyOn(Agent.prototype, 'createConnection').mockImplementation(connectTooLate);
    const aws = await standInForAws(createServer().on('connection', (socket) => socket.write('early')));
    const metrics = recordingMetrics();
    const { store } = connect(readConfig(settings, environment), recordingLog(), metrics)();
    await expect(store.get({ bucket: 'landing', key: 'a' })).rejects.toThrow('too late');
    expect([...metrics.counts]).toEqual([['ReadsDegraded', 1]]);
    await aws.stop();
  });

  it('looks up bundles anew in each invocation', () => {
    const config = readConfig(settings, environment);
    const newDependencies = connect(config, recordingLog(), recordingMetrics());
    const [first, second] = [newDependencies(), newDependencies()];
    expect(first.ledger).not.toBe(second.ledger);
    expect(first.store).toBe(second.store);
  });
});
