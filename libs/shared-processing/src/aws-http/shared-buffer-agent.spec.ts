import { Agent } from 'node:http';
import type { NetConnectOpts } from 'node:net';
import { shareReadBuffer } from './shared-buffer-agent.ts';

it('reports bytes that arrive for an unknown socket', () => {
  const agent = new Agent();
  let onread: { callback: (bytes: number) => boolean } | undefined;
  agent.createConnection = (options) => {
    onread = (options as NetConnectOpts & { onread: typeof onread }).onread;
    return undefined;
  };
  const onLostBytes = jest.fn();
  shareReadBuffer(Buffer.alloc(10), agent, onLostBytes).createConnection({} as never);
  expect(onLostBytes).not.toHaveBeenCalled();
  onread?.callback(5);
  expect(onLostBytes).toHaveBeenCalledTimes(1);
});
