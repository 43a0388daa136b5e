import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import type { Change, ChangeResult, Load, LoadAction, LoadActionName, LoadRun } from '../api.ts';
import type { LoadBackend, Prepared } from '../server/backend.ts';
import { ConsoleError } from '../server/console-error.ts';
import { DELIVERING, type Environment, physicalName } from './environment.ts';
import type { Control } from './control.ts';
import type { Scenarios } from './scenarios.ts';
import { counted } from './words.ts';

/** As in the scenarios: small text files, uploaded by many connections. */
const FILE_BYTES = 5_000;
const UPLOADS = 16;
const MAX_RUNS = 20;
/** How long a kill waits for a process that is in the middle of an invocation. */
const KILL_WAIT_MS = 60_000;
/** Files that arrive while a fault is under way, for each second of it. */
const FILES_PER_SECOND = 5;
const KILL_FILES = 500;

const ACTIONS: readonly LoadAction[] = [
  {
    name: 'burst',
    title: 'Send a burst',
    description: 'Uploads small files to landing as fast as this machine can, as in the scenario "burst".',
    amount: { label: 'Files', unit: 'files', default: 1_000, min: 1, max: 20_000 },
  },
  {
    name: 'poison',
    title: 'Send a poison file',
    description:
      'Sends a notification with a key that has no safe name, and one that is no notification. Both go to the quarantine; no other file is affected.',
  },
  {
    name: 'kill',
    title: 'Kill a process',
    description: `Uploads ${KILL_FILES} files, and kills a process of the aggregator in the middle of an invocation. Another takes over.`,
  },
  {
    name: 'outage',
    title: 'Start an outage',
    description: `The ledger does not answer the functions for a while, as in e2e:heal, while ${FILES_PER_SECOND} files a second arrive. Nothing is lost.`,
    amount: { label: 'Duration', unit: 's', default: 30, min: 1, max: 300 },
  },
];
const SCENARIO: LoadAction = {
  name: 'scenario',
  title: 'Run a scenario',
  description:
    'Runs an end-to-end scenario, as e2e:run does: uploads its files, takes their bundles, and checks every byte.',
};

/** Load and faults, on the embedded cloud only. */
export interface LoadQueries extends LoadBackend {
  prepare(change: Change & { kind: 'load' }): Promise<Prepared>;
}

export function createLoad(environment: Environment, control: Control, scenarios: Scenarios): LoadQueries {
  const { clock, resources, s3 } = environment;
  const listeners = new Set<() => void>();
  const stopping = new AbortController();
  const sqs = new SQSClient({});
  const choices = scenarios.list().map(({ name, description }) => ({ value: name, description }));
  const actions: LoadAction[] = [...ACTIONS, ...(choices.length > 0 ? [{ ...SCENARIO, choices }] : [])];
  let runs: LoadRun[] = [];

  const changed = () => {
    for (const listener of listeners) listener();
  };

  async function upload(name: string, count: number, onUploaded: (done: number) => void): Promise<void> {
    let done = 0;
    await mapConcurrently(
      Array.from({ length: count }, (_, n) => n),
      UPLOADS,
      async (n) => {
        stopping.signal.throwIfAborted();
        const key = `console/${name}/${String(n).padStart(5, '0')}.txt`;
        const body = Buffer.alloc(FILE_BYTES, `${key} ${randomBytes(16).toString('hex')} `);
        await s3.send(new PutObjectCommand({ Bucket: resources.buckets.landing, Key: key, Body: body }));
        onUploaded(++done);
      },
    );
  }

  /** Starts a run; the answer does not wait for its end. */
  function start(
    action: LoadActionName,
    sentence: string,
    work: (say: Say, id: string) => Promise<string>,
  ): LoadRun {
    const id = `${action}-${randomUUID().slice(0, 8)}`;
    const run: LoadRun = { id, action, state: 'running', startedAt: clock.now(), progress: 0, sentence };
    runs = [run, ...runs].slice(0, MAX_RUNS);
    const say: Say = (progress, words) => {
      Object.assign(run, { progress, sentence: words });
      changed();
    };
    changed();
    work(say, id)
      .then(
        (words) => Object.assign(run, { state: 'done', progress: 1, sentence: words }),
        (error: unknown) => Object.assign(run, { state: 'failed', sentence: `It failed: ${String(error)}` }),
      )
      .then(() => {
        run.endedAt = clock.now();
        changed();
      })
      .catch(() => undefined); // Nothing in it throws.
    return run;
  }

  const burst = (files: number) =>
    start('burst', 'Uploading.', async (say, id) => {
      await upload(id, files, (done) => {
        if (done % 50 === 0)
          say(done / files, `${done.toLocaleString('en')} of ${counted(files, 'file')} uploaded.`);
      });
      return `${counted(files, 'file')} uploaded under console/${id}/. Watch them in Flow.`;
    });

  const poison = () =>
    start('poison', 'Sending.', async (_say, id) => {
      const { landing } = resources.buckets;
      const record = {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: environment.region,
        eventTime: new Date(clock.now()).toISOString(),
        eventName: 'ObjectCreated:Put',
        s3: {
          s3SchemaVersion: '1.0',
          bucket: { name: landing, arn: `arn:aws:s3:::${landing}` },
          object: {
            key: encodeURIComponent(`console/${id}/../../etc/passwd`).replaceAll('%2F', '/'),
            size: 7,
            eTag: 'd41d8cd98f00b204e9800998ecf8427e',
            versionId: randomBytes(16).toString('hex'),
            sequencer: '0055AED6DCD90281E5',
          },
        },
      };
      for (const body of [JSON.stringify({ Records: [record] }), `{"poison": "${id}"}`]) {
        await sqs.send(new SendMessageCommand({ QueueUrl: resources.queueUrl, MessageBody: body }));
      }
      return 'Two poison messages were sent. They appear in Quarantine once the aggregator has received them.';
    });

  const kill = () =>
    start('kill', `Uploading ${KILL_FILES} files.`, async (say, id) => {
      const uploading = upload(id, KILL_FILES, (done) => {
        if (done % 50 === 0) say((done / KILL_FILES) * 0.5, `${done} of ${KILL_FILES} files uploaded.`);
      });
      // It is awaited below; until then, a failure must not count as unhandled.
      uploading.catch(() => undefined);
      const until = clock.now() + KILL_WAIT_MS;
      let isKilled = false;
      while (!isKilled && clock.now() < until) {
        isKilled = await control.kill('aggregator');
        await sleep(20, undefined, { signal: stopping.signal });
      }
      await uploading;
      if (!isKilled) throw new Error('no process ran an invocation in the last minute');
      return 'A process was killed in the middle of an invocation. Another one bundles its files after its claims expire.';
    });

  const outage = (seconds: number) =>
    start('outage', 'The ledger does not answer.', async (say, id) => {
      await control.outage('dynamodb', seconds);
      try {
        for (let second = 0; second < seconds; second++) {
          const begun = clock.now();
          await upload(`${id}/${String(second).padStart(3, '0')}`, FILES_PER_SECOND, () => undefined);
          say((second + 1) / seconds, `The ledger does not answer for another ${seconds - second - 1} s.`);
          await sleep(Math.max(0, 1000 - (clock.now() - begun)), undefined, { signal: stopping.signal });
        }
      } finally {
        await control.outage('dynamodb', 0);
      }
      return `The outage is over. ${counted(seconds * FILES_PER_SECOND, 'file')} arrived during it; watch them being delivered in Flow.`;
    });

  const scenario = (name: string) =>
    start('scenario', `Starting ${name}.`, (say) =>
      scenarios.run({
        name,
        names: {
          landing_bucket: resources.buckets.landing,
          distribution_bucket: resources.buckets.distribution,
          lambda_function_name: physicalName(environment, DELIVERING),
        },
        onLine: (line) => say(0, line.trim()),
        signal: stopping.signal,
      }),
    );

  function run(action: LoadActionName, amount: number, name: string): LoadRun {
    switch (action) {
      case 'burst':
        return burst(amount);
      case 'poison':
        return poison();
      case 'kill':
        return kill();
      case 'outage':
        return outage(amount);
      case 'scenario':
        return scenario(name);
    }
  }

  return {
    state: (): Load => ({ actions, runs: structuredClone(runs) }),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: async () => {
      const hasOutage = runs.some(({ action, state }) => action === 'outage' && state === 'running');
      stopping.abort();
      if (hasOutage) await control.outage('dynamodb', 0);
    },
    async prepare({ action, amount, choice = '' }) {
      const found = actions.find(({ name }) => name === action);
      if (!found) throw new ConsoleError('invalid', `There is no action ${action}.`);
      if (found.choices && !found.choices.some(({ value }) => value === choice)) {
        throw new ConsoleError('invalid', `There is no scenario "${choice}".`);
      }
      const { amount: bounds } = found;
      const number = amount ?? bounds?.default ?? 1;
      if (bounds && (number < bounds.min || number > bounds.max)) {
        throw new ConsoleError('invalid', `${bounds.label}: at least ${bounds.min}, at most ${bounds.max}.`);
      }
      if (runs.some((one) => one.action === action && one.state === 'running')) {
        throw new ConsoleError('busy', `"${found.title}" is running already.`);
      }
      const detail = bounds && (bounds.unit === 's' ? `${number} s` : counted(number, 'file'));
      const label = [found.title, detail ?? choice].filter((part) => part !== '').join(': ');
      return {
        preview: {
          title: label,
          consequences: CONSEQUENCES[action](number, resources.buckets.landing),
          affected: [],
          affectedTotal: 0,
          isFinal: false,
          confirmLabel: found.title,
        },
        log: { kind: 'load', action, ...(bounds && { amount: number }), ...(found.choices && { choice }) },
        execute: async (): Promise<ChangeResult> => {
          const started = run(action, number, choice);
          return { ok: true, sentences: [`Started: ${label}.`], run: structuredClone(started) };
        },
      };
    },
  };
}

type Say = (progress: number, sentence: string) => void;

const CONSEQUENCES: Record<LoadActionName, (amount: number, landing: string) => string[]> = {
  burst: (files, landing) => [
    `${counted(files, 'file')} of ${FILE_BYTES.toLocaleString('en')} bytes each land in ${landing}, under console/.`,
    'The aggregator bundles them; the consumer, if one runs, gets them.',
  ],
  poison: () => [
    'Two messages that can never succeed go to the queue.',
    'The aggregator sends both to the quarantine at once, and the alarm on dead letters goes off.',
    'Drop them there afterwards.',
  ],
  kill: (_amount, landing) => [
    `${KILL_FILES} files land in ${landing}, under console/.`,
    'A process of the aggregator is killed while it bundles. Its invocation fails, and the alarm on errors goes off.',
    'No file is lost or delivered twice: another invocation takes over when the claims expire.',
  ],
  outage: (seconds) => [
    `The ledger does not answer the functions for ${seconds} s. Invocations fail, and the alarm on errors goes off.`,
    `${counted(seconds * FILES_PER_SECOND, 'file')} land meanwhile. They wait in the queue, and are delivered afterwards.`,
  ],
  scenario: (_amount, landing) => [
    `The files of the scenario land in ${landing}, and are removed at its end.`,
    'The scenario takes the bundles of its files. A consumer that runs at the same time may take them first, and the scenario fails.',
  ],
};
