import { messageOf } from './announcements.ts';

describe('messageOf', () => {
  it('announces one record', () => {
    expect(messageOf({ a: 1 })).toBe('{"Records":[{"a":1}]}');
  });

  it('is a text that SQS takes, whatever the record holds', () => {
    const record = { key: 'a\uffff\ufffe\ud800\u0000' };
    const body = messageOf(record);
    for (const refused of ['\uffff', '\ufffe', '\ud800', '\u0000']) expect(body).not.toContain(refused);
    expect(JSON.parse(body)).toEqual({ Records: [record] });
  });
});
