import { setTimeout as sleep } from 'node:timers/promises';
import { S3Error } from './errors.ts';

/** A request, as passed to the fault hook. */
export interface FaultCall {
  /** Name of the operation: `PutObject` */
  operation: string;
  bucket: string | undefined;
  key: string | undefined;
  versionId: string | undefined;
  accessKeyId: string | undefined;
}

/** A fault of one request. */
export type Fault =
  /** Served with this delay, in milliseconds. */
  | { delayMs: number }
  /** Refused without an effect. */
  | { status: 500; code: 'InternalError' }
  | { status: 503; code: 'SlowDown' }
  | { status: 409; code: 'ConditionalRequestConflict' }
  /** Refused without an effect, but with status 200, as CompleteMultipartUpload and copies can be. */
  | { status: 200; code: 'InternalError' | 'SlowDown' }
  /** The connection breaks after this many bytes of the response body; a response without a body is lost. */
  | { cutBodyAfterBytes: number }
  /** The response body stops after this many bytes, and the connection stays open. */
  | { stallBodyAfterBytes: number }
  /** This bit of the response body is flipped, or the last bit of a shorter body. */
  | { flipBodyBit: number }
  /** Takes effect, but the response is lost. */
  | { cutAfterEffect: true }
  /** The connection breaks before the request takes effect. */
  | { cutBeforeEffect: true }
  /** The connection breaks after the body was received; the request takes effect after this many milliseconds. */
  | { lateEffectMs: number };

export interface Faults {
  /** Called once for each request, before anything else. */
  before(call: FaultCall): Fault | undefined | Promise<Fault | undefined>;
}

/**
 * The part of a fault that happens before the request is processed.
 *
 * @returns whether to break the connection instead of serving the request
 * @throws S3Error with the fault's code
 */
export async function strikeFirst(fault: Fault | undefined): Promise<'serve' | 'cut'> {
  if (fault === undefined) return 'serve';
  if ('delayMs' in fault) await sleep(fault.delayMs);
  if ('code' in fault) throw new S3Error(fault.code, { status: fault.status });
  return 'cutBeforeEffect' in fault ? 'cut' : 'serve';
}

/** The part of a fault that happens between receiving a request and its effect. */
export async function strikeBeforeEffect(fault: Fault | undefined, cut: () => void): Promise<void> {
  if (fault === undefined || !('lateEffectMs' in fault)) return;
  cut();
  await sleep(fault.lateEffectMs);
}

/** A body that stops early: the connection breaks, or stays open without data. */
export interface BrokenBody {
  then: 'cut' | 'stall';
  afterBytes: number;
}

/** The part of a fault that changes the response. */
export function strikeAnswer(fault: Fault | undefined): 'send' | 'lose' | BrokenBody | { flipBit: number } {
  if (fault === undefined) return 'send';
  if ('cutBodyAfterBytes' in fault) return { then: 'cut', afterBytes: fault.cutBodyAfterBytes };
  if ('stallBodyAfterBytes' in fault) return { then: 'stall', afterBytes: fault.stallBodyAfterBytes };
  if ('flipBodyBit' in fault) return { flipBit: fault.flipBodyBit };
  return 'cutAfterEffect' in fault || 'lateEffectMs' in fault ? 'lose' : 'send';
}
