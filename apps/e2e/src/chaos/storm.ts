import type { Cloud, S3Fault, S3FaultCall, ServiceCall, ServiceFault } from '@data-aggregator/local-cloud';
import type { Random } from '@data-aggregator/shared-processing/testing';

/** Frequency and delay of injected faults. */
export interface StormSettings {
  /** Probability that a function's call fails. */
  faultiness: number;
  /** Maximum delay of a late effect, in ms; less than the claims' grace. */
  latestEffectMs: number;
}

export interface Storm {
  /** Faults injected so far. */
  readonly faults: number;
  /** Stops injecting faults. */
  end(): void;
}

/** Injects faults into the functions' calls to S3, DynamoDB and SQS, but not into those of the uploader and the consumer. */
export function startStorm(cloud: Cloud, random: Random, settings: StormSettings): Storm {
  const aggregator = roleOf(cloud, 'aggregator');
  let faults = 0;
  const strike = <T>(choose: () => T): T | undefined => {
    if (!random.chance(settings.faultiness)) return undefined;
    faults++;
    return choose();
  };
  cloud.faults.s3 = (call) =>
    call.accessKeyId === aggregator.accessKeyId ? strike(() => s3Fault(call, random, settings)) : undefined;
  cloud.faults.dynamodb = (call) =>
    call.roleName === aggregator.name ? strike(() => serviceFault(call, random, settings)) : undefined;
  cloud.faults.sqs = (call) =>
    call.roleName === aggregator.name ? strike(() => serviceFault(call, random, settings)) : undefined;
  return {
    get faults() {
      return faults;
    },
    end() {
      cloud.faults.s3 = undefined;
      cloud.faults.dynamodb = undefined;
      cloud.faults.sqs = undefined;
    },
  };
}

/** A write may also take effect, at once or late, although its response is lost. */
function s3Fault({ operation }: S3FaultCall, random: Random, settings: StormSettings): S3Fault {
  const common: S3Fault[] = [
    { delayMs: random.below(1_000) },
    { status: 500, code: 'InternalError' },
    { status: 503, code: 'SlowDown' },
    { cutBeforeEffect: true },
  ];
  const writing: S3Fault[] = [
    { cutAfterEffect: true },
    { lateEffectMs: random.below(settings.latestEffectMs) },
  ];
  const reading: S3Fault[] = [
    { cutBodyAfterBytes: random.below(2_000) },
    { flipBodyBit: random.below(16_000) },
  ];
  return random.pick([...common, ...(operation === 'PutObject' ? writing : reading)]);
}

function serviceFault({ operation }: ServiceCall, random: Random, settings: StormSettings): ServiceFault {
  const common: ServiceFault[] = [
    { delayMs: random.below(1_000) },
    { status: 500, code: 'InternalServerError' },
    { status: 503, code: 'ServiceUnavailable' },
    { status: 400, code: 'ThrottlingException' },
    { cutBeforeEffect: true },
    { cutBodyAfterBytes: random.below(50) },
  ];
  const writing: ServiceFault[] = [
    { cutAfterEffect: true },
    { lateEffectMs: random.below(settings.latestEffectMs) },
  ];
  return random.pick(operation === 'GetItem' ? common : [...common, ...writing]);
}

function roleOf(cloud: Cloud, functionName: string) {
  const role = Object.entries(cloud.credentials.perRole).find(([name]) => name.endsWith(`-${functionName}`));
  if (!role) throw new Error(`the templates have no role of the function ${functionName}`);
  const [name, { accessKeyId }] = role;
  return { name, accessKeyId };
}
