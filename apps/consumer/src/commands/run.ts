import type { Terminal } from '@data-aggregator/terminal';
import { isBundle } from '../inbox/bundle-id.ts';
import { exit, type ExitCode, UsageError } from './exit.ts';
import { openSession } from './session.ts';
import type { Settings } from './settings.ts';

export interface CommandContext {
  settings: Settings;
  output: Terminal;
  json: boolean;
  /** Aborts at SIGTERM, SIGINT or SIGHUP. */
  signal: AbortSignal;
}

/** `run`: works until it is stopped. */
export async function run(context: CommandContext): Promise<ExitCode> {
  await using session = await openSession({ ...context, isReplay: false });
  const { report, consuming, signal } = session;
  try {
    return await consuming.run();
  } catch (error) {
    if (!context.signal.aborted) throw error;
    report.event('info', 'consumer.stopped', { reason: String(signal.reason) });
    return exit.success;
  }
}

/** `once`: processes what is waiting. */
export async function once(context: CommandContext): Promise<ExitCode> {
  await using session = await openSession({ ...context, isReplay: false });
  const { report, consuming } = session;
  const { stopped, postponed, setAside } = await consuming.once();
  const { bundles, files, bytes, condition } = report.figures;
  report.event('info', 'consumer.finished', {
    bundles,
    files,
    bytes,
    setAside,
    postponed,
    ...(condition && { condition }),
  });
  if (stopped || postponed > 0) return exit.later;
  return setAside > 0 ? exit.findings : exit.success;
}

/** `replay`: processes one bundle again. @throws UsageError if the key cannot be that of a bundle, which would be set aside otherwise */
export async function replay(context: CommandContext, key: string): Promise<ExitCode> {
  const { prefixes } = context.settings;
  if (!isBundle(key) || !prefixes.some((prefix) => key.startsWith(prefix))) {
    throw new UsageError(
      `${JSON.stringify(key)} is not the key of a bundle. It begins with ${prefixes.join(' or ')}, and ends with .tar, .tar.gz or .tar.zst.`,
    );
  }
  await using session = await openSession({ ...context, isReplay: true });
  const { inbox, report, consuming } = session;
  const restore = await inbox.forget(key);
  const outcome = await consuming.one(key).finally(restore);
  const { condition } = report.figures;
  report.event(outcome ? 'info' : 'warn', 'consumer.finished', {
    bundle: key,
    outcome: outcome?.kind ?? 'postponed',
    ...(condition && { condition }),
    ...(outcome?.kind === 'gone' && {
      advice:
        'The bundle is no longer in the bucket. Ask its operator to replay it from the archive: the copy arrives by itself.',
    }),
  });
  switch (outcome?.kind) {
    case undefined:
      return exit.later;
    case 'delivered':
    case 'known':
      return exit.success;
    case 'gone':
    case 'taken':
    case 'set-aside':
      return exit.findings;
  }
}
