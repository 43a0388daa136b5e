import { setTimeout as sleep } from 'node:timers/promises';
import { S3Error } from './errors.ts';

/** A request as the fault hook sees it. */
export interface FaultCall {
  /** Name of the operation, such as `PutObject`. */
  operation: string;
  bucket: string | undefined;
  key: string | undefined;
  versionId: string | undefined;
  accessKeyId: string | undefined;
}

/** What goes wrong with one request. */
export type Fault =
  /** It is served, that many milliseconds late. */
  | { delayMs: number }
  /** S3 refuses it, and does nothing. */
  | { status: 500; code: 'InternalError' }
  | { status: 503; code: 'SlowDown' }
  /** The connection breaks after so many bytes of the answer's body; an answer without a body is lost. */
  | { cutBodyAfterBytes: number }
  /** The response's body stops after so many bytes, and the connection stays open. */
  | { stallBodyAfterBytes: number }
  /** One bit of the answer's body is flipped on its way: this one, or the last where the body is shorter. */
  | { flipBodyBit: number }
  /** It is done, and the answer lost. */
  | { cutAfterEffect: true }
  /** The connection breaks before anything is done. */
  | { cutBeforeEffect: true }
  /** The connection breaks once the body is received; the effect comes that many milliseconds later. */
  | { lateEffectMs: number };

export interface Faults {
  /** Asked once for each request, before anything else is done. */
  before(call: FaultCall): Fault | undefined | Promise<Fault | undefined>;
}

/**
 * What a fault does before the request is looked at.
 *
 * @returns whether the connection is to be broken instead of serving it
 * @throws S3Error InternalError, SlowDown
 */
export async function strikeFirst(fault: Fault | undefined): Promise<'serve' | 'cut'> {
  if (fault === undefined) return 'serve';
  if ('delayMs' in fault) await sleep(fault.delayMs);
  if ('code' in fault) throw new S3Error(fault.code);
  return 'cutBeforeEffect' in fault ? 'cut' : 'serve';
}

/** What a fault does between receiving a request and its taking effect. */
export async function strikeBeforeEffect(fault: Fault | undefined, cut: () => void): Promise<void> {
  if (fault === undefined || !('lateEffectMs' in fault)) return;
  cut();
  await sleep(fault.lateEffectMs);
}

/** A body that stops early: the connection breaks, or stays open in silence. */
export interface BrokenBody {
  then: 'cut' | 'stall';
  afterBytes: number;
}

/** What a fault does to the answer. */
export function strikeAnswer(fault: Fault | undefined): 'send' | 'lose' | BrokenBody | { flipBit: number } {
  if (fault === undefined) return 'send';
  if ('cutBodyAfterBytes' in fault) return { then: 'cut', afterBytes: fault.cutBodyAfterBytes };
  if ('stallBodyAfterBytes' in fault) return { then: 'stall', afterBytes: fault.stallBodyAfterBytes };
  if ('flipBodyBit' in fault) return { flipBit: fault.flipBodyBit };
  return 'cutAfterEffect' in fault || 'lateEffectMs' in fault ? 'lose' : 'send';
}
