import { eventSplitter } from './sse.ts';

const STREAM =
  'event: flow\ndata: {"at":1}\n\n: \n\nevent: alarms\r\ndata: {"a":\r\ndata: 1}\r\n\r\ndata: x\n\n';
const EVENTS = [
  { name: 'flow', data: '{"at":1}' },
  { name: 'alarms', data: '{"a":\n1}' },
  { name: 'message', data: 'x' },
];

describe('eventSplitter', () => {
  it('returns events, and no comments', () => {
    expect(eventSplitter()(STREAM)).toEqual(EVENTS);
  });

  it('returns the same events wherever the stream is cut', () => {
    for (let cut = 1; cut < STREAM.length; cut++) {
      const split = eventSplitter();
      expect([...split(STREAM.slice(0, cut)), ...split(STREAM.slice(cut))]).toEqual(EVENTS);
    }
  });

  it('keeps an event that is not complete', () => {
    const split = eventSplitter();
    expect(split('event: flow\ndata: 1\n')).toEqual([]);
    expect(split('\n')).toEqual([{ name: 'flow', data: '1' }]);
  });
});
