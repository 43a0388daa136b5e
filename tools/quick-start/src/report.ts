import { visible } from '@data-aggregator/terminal';
import Table from 'cli-table3';
import { createColors } from 'picocolors';
import type { Delivery } from '@data-aggregator/pipeline-client';
import type { Collection } from './collect.ts';

/** The outcome of a run. */
export interface Outcome {
  files: number;
  bytesIn: number;
  bundles: number;
  bytesOut: number;
  /** Notifications dropped because their object was already in a bundle. */
  duplicates: number;
  delivery: Delivery;
  leftOut: Collection['leftOut'];
  /** From the first upload until every notification was processed. */
  seconds: number;
  /** The folder into which the consumer put the files. */
  inbox: string;
}

const MAX_LISTED = 20;

/** Whether no file is missing or mismatched. */
export function isGood({ delivery: { missing, mismatched } }: Outcome): boolean {
  return missing.length === 0 && mismatched.length === 0;
}

/** The outcome as one line of JSON. */
export function jsonReport(outcome: Outcome): string {
  const { files, bytesIn, bundles, bytesOut, duplicates, delivery, seconds } = outcome;
  return JSON.stringify({
    files,
    bytesIn,
    bundles,
    bytesOut,
    duplicates,
    quarantined: delivery.quarantined.length,
    missing: delivery.missing.length,
    mismatched: delivery.mismatched.length,
    seconds: Number(seconds.toFixed(3)),
  });
}

/** The outcome for people: a table, followed by what went wrong. */
export function textReport(outcome: Outcome, colour: boolean): string {
  const { files, bytesIn, bundles, bytesOut, duplicates, delivery, leftOut, seconds, inbox } = outcome;
  const { quarantined, missing, mismatched } = delivery;
  const { green, red, yellow } = createColors(colour);
  const bad = (count: number) => (count === 0 ? green('0') : red(whole(count)));
  const table = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'right'] });
  table.push(
    ['files in', whole(files)],
    ['bytes in', whole(bytesIn)],
    ['bundles out', whole(bundles)],
    ['bytes out', whole(bytesOut)],
    ['ratio', bytesOut > 0 ? `${(bytesIn / bytesOut).toFixed(2)} : 1` : '-'],
    ['seconds', seconds.toFixed(1)],
    ['files/s', (files / seconds).toFixed(1)],
    ['duplicates dropped', whole(duplicates)],
    ['quarantined', quarantined.length === 0 ? '0' : yellow(whole(quarantined.length))],
    ['missing', bad(missing.length)],
    ['mismatched', bad(mismatched.length)],
  );
  return [
    table.toString(),
    ...section(
      'Quarantined',
      quarantined.map(({ key, reason, detail }) => `${quoted(key)}: ${visible(`${reason} (${detail})`)}`),
    ),
    ...section('Missing', missing.map(quoted)),
    ...section(
      'Mismatched',
      mismatched.map(({ key, problem }) => `${quoted(key)}: ${visible(problem)}`),
    ),
    ...section(
      'Left out',
      leftOut.map(({ path, reason }) => `${quoted(path)}: ${reason}`),
    ),
    isGood(outcome)
      ? `${whole(delivery.delivered.length)} files are on disk as they went in, by SHA-256, each once.`
      : red('Not every file is on disk as it went in.'),
    `The consumer put them into ${visible(inbox)}`,
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - MAX_LISTED;
  return [
    `${title}: ${whole(lines.length)}`,
    ...lines.slice(0, MAX_LISTED).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${whole(more)} more`] : []),
  ];
}

/** In quotes, with line feeds and terminal control characters escaped. */
function quoted(text: string): string {
  return visible(JSON.stringify(text));
}

function whole(value: number): string {
  return value.toLocaleString('en-US');
}
