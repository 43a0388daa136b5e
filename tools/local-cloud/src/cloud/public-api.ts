import { setTimeout as sleep } from 'node:timers/promises';
import type { Alarms } from '../alarms/alarms.ts';
import type { Place } from '../assembly/identity.ts';
import type { CloudModel, TriggerModel } from '../assembly/model.ts';
import type { Cloud, FunctionProcess } from './cloud.ts';
import type { CredentialStore, Credentials } from '../iam/credentials.ts';
import type { FaultHooks } from '../gateway/faults.ts';
import type { FunctionRunner } from '../lambda/function-runner.ts';
import type { Functions } from '../lambda/functions.ts';
import type { LogStore } from '../lambda/log-store.ts';
import type { EventSourceMapping } from '../mapping/event-source-mapping.ts';
import type { Sqs } from '../services/sqs.ts';
import type { Collector } from '../traces/collector.ts';

/** The parts of a running cloud. */
export interface Parts {
  readonly model: CloudModel;
  readonly place: Place;
  readonly credentials: CredentialStore;
  readonly faults: FaultHooks;
  readonly functions: Functions;
  readonly mappings: readonly EventSourceMapping[];
  readonly sqs: Sqs;
  readonly logs: LogStore;
  readonly alarms: Alarms;
  readonly traces: Collector;
  readonly putSparse: Cloud['putSparse'];
  readonly eventOf: (trigger: TriggerModel) => string;
  /** Number of notifications and replicas under way. */
  readonly inTransit: () => number;
}

const idleCheckMs = 50;

function perRole({ model, credentials }: Parts): Record<string, Credentials> {
  const byLogicalId = model.roles
    .filter(({ logicalId }) => model.roles.filter((role) => role.logicalId === logicalId).length === 1)
    .map((role) => [role.logicalId, credentials.ofRole(role)] as const);
  const byName = model.roles.map((role) => [role.name, credentials.ofRole(role)] as const);
  return Object.fromEntries([...byLogicalId, ...byName]);
}

/** Builds the public interface of the cloud from its parts. */
export function publicApi(parts: Parts): Omit<Cloud, 'stop'> {
  const { model, place, credentials, functions, mappings, sqs, logs } = parts;
  const roles = perRole(parts);

  function runnerOf(name: string): FunctionRunner {
    const runner = functions.find(name);
    if (!runner)
      throw new Error(
        `there is no function ${name}; there are ${functions
          .all()
          .map((fn) => fn.model.name)
          .join(', ')}`,
      );
    return runner;
  }

  const processes = (): FunctionProcess[] =>
    functions
      .all()
      .flatMap((runner) =>
        runner.processes().map((process) => ({ functionName: runner.model.name, ...process })),
      );
  const running = () => functions.all().reduce((sum, runner) => sum + runner.running(), 0);

  const stats: Cloud['stats'] = async () => {
    const depths = sqs.depths();
    const depth = (name: string) => {
      const { visible = 0, inFlight = 0, delayed = 0 } = depths.get(name) ?? {};
      return { visible, inFlight: inFlight + delayed };
    };
    return {
      queues: model.queues.map(({ name, deadLetterArn }) => {
        const dead = depth(model.queues.find(({ arn }) => arn === deadLetterArn)?.name ?? '');
        return { name, ...depth(name), dead: dead.visible + dead.inFlight };
      }),
      mappings: mappings.map((mapping) => mapping.stats()),
      running: running(),
    };
  };

  async function busy(): Promise<boolean> {
    if (parts.inTransit() > 0 || functions.pending() > 0 || running() > 0) return true;
    const { queues, mappings: feeding } = await stats();
    const isFed = new Set(
      mappings
        .map((mapping) => mapping.describe())
        .filter(({ enabled }) => enabled)
        .map(({ queueArn }) => queueArn),
    );
    const sources = new Set(model.queues.filter(({ arn }) => isFed.has(arn)).map(({ name }) => name));
    if (feeding.some((mapping) => mapping.running > 0)) return true;
    return queues.some(({ name, visible, inFlight }) => sources.has(name) && visible + inFlight > 0);
  }

  return {
    endpoint: place.endpoint,
    region: place.region,
    credentials: { admin: credentials.admin, perRole: roles },
    buckets: Object.fromEntries(model.buckets.map(({ shortName, name }) => [shortName, name])),
    queues: Object.fromEntries(model.queues.map(({ name, url, arn }) => [name, { url, arn }])),
    tables: model.tables.map(({ name }) => name),
    functions: Object.fromEntries(model.functions.map(({ name, arn }) => [name, { name, arn }])),
    schedules: model.triggers.map(({ name }) => name),
    accepted: model.accepted,
    clientConfig: (role) => {
      const keys = role === undefined ? credentials.admin : roles[role];
      if (!keys)
        throw new Error(`there is no role ${role ?? ''}; there are ${Object.keys(roles).join(', ')}`);
      return { endpoint: place.endpoint, region: place.region, credentials: keys, forcePathStyle: true };
    },
    invoke: (name, payload) => runnerOf(name).invoke(JSON.stringify(payload)),
    fireSchedule: (name) => {
      const trigger = model.triggers.find((candidate) => candidate.name === name);
      if (!trigger) throw new Error(`there is no schedule ${name}`);
      return runnerOf(trigger.functionArn).invoke(parts.eventOf(trigger));
    },
    onLog: logs.listen,
    alarms: parts.alarms.report,
    passTime: parts.alarms.passTime,
    spans: parts.traces.spans,
    stats,
    idle: async (signal) => {
      while (await busy()) {
        signal?.throwIfAborted();
        await sleep(idleCheckMs);
      }
    },
    releaseHidden: async (queueName) => {
      let released = 0;
      for (const mapping of mappings) {
        if (queueName === undefined || mapping.stats().queueName === queueName)
          released += await mapping.releaseHidden();
      }
      return released;
    },
    redeploy: (name, codeFolder) => runnerOf(name).redeploy(codeFolder),
    putSparse: parts.putSparse,
    faults: parts.faults,
    processes,
    killFunctionProcess: (name) => {
      const only = name === undefined ? undefined : runnerOf(name).model.name;
      const candidates = processes().filter(
        ({ busy: working, functionName }) => working && (only === undefined || only === functionName),
      );
      const victim = candidates[Math.floor(Math.random() * candidates.length)];
      if (victim) process.kill(victim.pid, 'SIGKILL');
      return victim;
    },
  };
}
