import { checkOwnNode } from './node.mjs';

const pinned = { version: '24.21.0' };

it.each([
  ['20.0.0', pinned],
  ['26.10.0', pinned],
  ['24.12.0', null],
  ['24.99.1', null],
])('Node %s is accepted if the pinned one is %j', (version, pin) => {
  expect(() => checkOwnNode({ version, pinned: pin })).not.toThrow();
});

it.each([
  ['18.20.1', pinned, 'Node 20 or newer is required; this is 18.20.1.'],
  ['20.20.2', null, /install Node 24, 24\.12 or newer\. This is 20\.20\.2\.$/],
  ['24.11.9', null, /install Node 24/],
  ['26.10.0', null, /install Node 24/],
])('Node %s is refused if the pinned one is %j', (version, pin, message) => {
  expect(() => checkOwnNode({ version, pinned: pin })).toThrow(message);
});
