import { batchResponse, deadLetter, fitsMessage } from './message.ts';
import { sendBatchInput } from './send-batch.ts';

const MAX_MESSAGE_BYTES = 1024 ** 2;

/** Size as SQS counts it: the body, and the name, type and value of each attribute. */
function messageBytes(message: ReturnType<typeof deadLetter>): number {
  const [entry] =
    sendBatchInput('https://queue', [message as { body: string; attributes: Record<string, string> }])
      .Entries ?? [];
  const attributes = Object.entries(entry?.MessageAttributes ?? {});
  return (
    Buffer.byteLength(entry?.MessageBody ?? '') +
    attributes.reduce(
      (sum, [name, { DataType = '', StringValue = '' }]) =>
        sum + Buffer.byteLength(name + DataType + StringValue),
      0,
    )
  );
}

describe('deadLetter', () => {
  const content = { messageId: 'm-1', reason: 'malformed-notification', detail: 'd' };

  it('keeps a body that fits', () => {
    expect(deadLetter({ ...content, body: 'not json' })).toEqual({
      body: 'not json',
      attributes: { messageId: 'm-1', reason: 'malformed-notification', detail: 'd' },
    });
  });

  it.each(['x', 'ü', '😀'])('cuts a body of the maximum size so that the attributes fit: %s', (character) => {
    const body = character.repeat(MAX_MESSAGE_BYTES / Buffer.byteLength(character));
    const letter = deadLetter({ ...content, detail: '\u{10ffff}'.repeat(2_000), body });
    expect(messageBytes(letter)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    expect(body.startsWith(letter.body)).toBe(true);
    expect(letter.body.length).toBeGreaterThan(body.length * 0.98);
    expect(letter.attributes).toMatchObject({ bodyBytes: '1048576, cut to fit next to the attributes' });
  });

  it('does not cut inside a character', () => {
    const letter = deadLetter({ ...content, body: `x${'😀'.repeat(MAX_MESSAGE_BYTES / 4)}` });
    expect(letter.body).not.toContain('\ufffd');
    expect(letter.body.isWellFormed()).toBe(true);
  });
});

describe('fitsMessage', () => {
  it('counts bytes, not characters', () => {
    expect(fitsMessage('x'.repeat(1_000_000))).toBe(true);
    expect(fitsMessage('ü'.repeat(1_000_000))).toBe(false);
  });
});

describe('batchResponse', () => {
  it('names each failed message once', () => {
    expect(batchResponse(['a', 'b', 'a'])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'b' }],
    });
  });
});
