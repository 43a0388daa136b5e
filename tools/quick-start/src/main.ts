import { join, resolve } from 'node:path';
import { stderr, stdout } from '@data-aggregator/terminal';
import { runProgram, showProgress } from '@data-aggregator/pipeline-client';
import { parseArguments, type Request } from './arguments.ts';
import { collect, installedPackages, workspaceRoot } from './collect.ts';
import { checkOutside, makeOutFolder } from './out-folder.ts';
import { isGood, jsonReport, textReport } from './report.ts';

/* node tools/quick-start/src/main.ts [folder] [--out folder] [--json]: what `npm start` runs; see --help. */

/** The templates of `dev`, as `nx run infra:synth` writes them. */
const DEV_ASSEMBLY = join(workspaceRoot, 'apps/infra/cdk.out/dev');

async function main(request: Request, signal: AbortSignal): Promise<number> {
  const { folder, out, json, assembly = DEV_ASSEMBLY } = request;
  const text = json ? stderr : stdout;
  const input =
    folder === undefined ? await installedPackages(signal) : await collect(resolve(folder), { signal });
  if (folder !== undefined) await checkOutside(out, folder);
  const outFolder = await makeOutFolder(out);
  if (request.check) return 0;
  // Loads the embedded cloud, which takes a second: wrong input is refused before.
  const { sendFolder } = await import('./send-folder.ts');
  text.write(`${input.files.length.toLocaleString('en-US')} files to send\n`);
  const progress = showProgress(input.files.length, text);
  const run = { input, out: outFolder, assembly: resolve(assembly), signal, progress };
  const outcome = await sendFolder(run).finally(progress.stop);
  text.write(textReport(outcome, text.hasColour));
  if (json) stdout.write(`${jsonReport(outcome)}\n`);
  return isGood(outcome) ? 0 : 1;
}

await runProgram(async (signal) => {
  const parsed = parseArguments(process.argv.slice(2), stdout.write);
  return parsed.kind === 'done' ? parsed.exitCode : main(parsed.request, signal);
});
