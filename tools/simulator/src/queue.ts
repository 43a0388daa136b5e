import type { OutgoingMessage } from '@data-aggregator/shared-processing/sqs';

export interface SimulatedMessage {
  id: string;
  body: string;
  attributes: Record<string, string>;
  visibleAt: number;
  receives: number;
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
    this.messages.set(id, { id, ...message, visibleAt: now, receives: 0 });
  }

  async sendAll(messages: readonly OutgoingMessage[], now: number): Promise<boolean[]> {
    for (const message of messages) this.send(message, now);
    return messages.map(() => true);
  }

  visible(now: number): SimulatedMessage[] {
    return [...this.messages.values()].filter(({ visibleAt }) => visibleAt <= now);
  }

  /** Receives messages: hides them, and moves those received too often to the dead-letter queue. */
  receive(messages: readonly SimulatedMessage[], now: number): SimulatedMessage[] {
    const { visibilityMs, maxReceives, deadLetters } = this.#settings;
    return messages.filter((message) => {
      if (message.receives >= maxReceives) {
        this.messages.delete(message.id);
        deadLetters?.send({ body: message.body, attributes: { reason: 'received too often' } }, now);
        return false;
      }
      message.receives++;
      message.visibleAt = now + visibilityMs;
      return true;
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
