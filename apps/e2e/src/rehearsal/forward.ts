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
    // Unchanged, because the shell of a test reads it and no terminal shows it.
    // eslint-disable-next-line no-restricted-properties -- see above
    process.stdout.write(stdout);
    // eslint-disable-next-line no-restricted-properties -- see above
    process.stderr.write(stderr);
    process.exitCode = status;
  });
});
