import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/*
 * What `aws`, `npx` and `node` are to the commands of a page: passes the words on to the process that rehearses, which
 * has all clients loaded, and ends as that says.
 */
const call = request(process.env['REHEARSAL'] ?? '', { method: 'POST' });
call.end(JSON.stringify({ words: process.argv.slice(2), cwd: process.cwd() }));
call.on('response', (response) => {
  void text(response).then((body) => {
    const { stdout, stderr, status } = JSON.parse(body) as { stdout: string; stderr: string; status: number };
    // To the page's shell, byte for byte, and not to a terminal.
    /* eslint-disable no-restricted-properties */
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    /* eslint-enable no-restricted-properties */
    process.exitCode = status;
  });
});
