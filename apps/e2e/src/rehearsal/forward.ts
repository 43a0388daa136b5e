import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/*
 * Stands in for `aws`, `npx` and `node` in the commands of a page: sends the words to the rehearsing process, which has all clients
 * loaded, and exits with its result.
 */
const call = request(process.env['REHEARSAL'] ?? '', { method: 'POST' });
call.end(JSON.stringify({ words: process.argv.slice(2), cwd: process.cwd() }));
call.on('response', (response) => {
  void text(response).then((body) => {
    const { stdout, stderr, status } = JSON.parse(body) as { stdout: string; stderr: string; status: number };
    // Unescaped, because the page's shell reads it, not a terminal.
    /* eslint-disable no-restricted-properties */
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    /* eslint-enable no-restricted-properties */
    process.exitCode = status;
  });
});
