import type { OutgoingMessage, VisibilityChange } from '@data-aggregator/shared-processing/sqs';

export interface SimulatedMessage {
  id: string;
  body: string;
  attributes: Record<string, string>;
  /** When it was first sent. */
  sentAt: number;
  visibleAt: number;
  receives: number;
  /** Who received it last, if it returns when its visibility timeout ends, and not by a change or a disturbance. */
  receiver: string | undefined;
}

/** The receipt handle of a message's last receive. */
export function receiptOf({ id, receives }: SimulatedMessage): string {
  return `${id}#${receives}`;
}

/** An SQS queue: at-least-once delivery, no order, a visibility timeout and a redrive policy. */
export class Queue {
  readonly messages = new Map<string, SimulatedMessage>();
  readonly #settings: { visibilityMs: number; maxReceives: number; deadLetters?: Queue };
  #count = 0;

  constructor(settings: { visibilityMs: number; maxReceives: number; deadLetters?: Queue }) {
    this.#settings = settings;
  }

  send(message: OutgoingMessage, now: number): void {
    const id = `m${++this.#count}`;
    this.messages.set(id, { id, ...message, sentAt: now, visibleAt: now, receives: 0, receiver: undefined });
  }

  async sendAll(messages: readonly OutgoingMessage[], now: number): Promise<boolean[]> {
    for (const message of messages) this.send(message, now);
    return messages.map(() => true);
  }

  visible(now: number): SimulatedMessage[] {
    return [...this.messages.values()].filter(({ visibleAt }) => visibleAt <= now);
  }

  /** Receives messages: hides them, and moves those received too often to the dead-letter queue. */
  receive(
    messages: readonly SimulatedMessage[],
    receiver: string,
    now: number,
    visibilityMs = this.#settings.visibilityMs,
  ): SimulatedMessage[] {
    const { maxReceives, deadLetters } = this.#settings;
    return messages.filter((message) => {
      if (message.receives >= maxReceives) {
        this.messages.delete(message.id);
        deadLetters?.send({ body: message.body, attributes: { reason: 'received too often' } }, now);
        return false;
      }
      message.receives++;
      message.receiver = receiver;
      message.visibleAt = now + visibilityMs;
      return true;
    });
  }

  /** Changes when messages return. Refuses messages that were deleted, received again, or are visible. */
  async changeVisibility(
    changes: readonly VisibilityChange[],
    now: number,
  ): Promise<('ReceiptHandleIsInvalid' | undefined)[]> {
    return changes.map(({ receiptHandle, seconds }) => {
      const [id = ''] = receiptHandle.split('#');
      const message = this.messages.get(id);
      if (!message || receiptOf(message) !== receiptHandle || message.visibleAt <= now)
        return 'ReceiptHandleIsInvalid';
      message.visibleAt = now + seconds * 1000;
      message.receiver = undefined;
      return undefined;
    });
  }

  acknowledge(ids: Iterable<string>): void {
    for (const id of ids) this.messages.delete(id);
  }

  /** When the next hidden message becomes visible. */
  get nextVisible(): number | undefined {
    const moments = [...this.messages.values()].map(({ visibleAt }) => visibleAt);
    return moments.length > 0 ? Math.min(...moments) : undefined;
  }
}
