import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { responseText, readEvent } from '../invoke/payload.ts';
import { physicalNameOf } from '../invoke/function-name.ts';
import { functionNamed, WORKSPACE_ROOT, runCommand } from './command.ts';

interface Options {
  event: string;
  target: 'local' | 'aws';
  env: string;
}

reportUncaught();

// node tools/lambda-plugin/src/commands/invoke.ts <function>: sends an event to the function, and writes its response to
// standard output and its logs to standard error.
const command = new Command('invoke')
  .configureOutput({ writeOut: stdout.write, writeErr: stderr.write })
  .argument('<function>', 'name of the function')
  .option(
    '--event <name|path>',
    'name of a file in its folder events, or a path from the workspace',
    'sample',
  )
  .addOption(
    new Option('--target <where>', 'invoke it in the embedded cloud or on AWS')
      .choices(['local', 'aws'])
      .default('local'),
  )
  .option('--env <environment>', 'name of the environment', 'dev')
  .action((name: string, { event, target, env }: Options) =>
    runCommand(async () => {
      const payload = readEvent(event, functionNamed(name).root, WORKSPACE_ROOT);
      const assembly = join(WORKSPACE_ROOT, 'apps/infra/cdk.out', env);
      const physicalName = physicalNameOf(name, assembly, WORKSPACE_ROOT);
      const onLog = (line: string) => stderr.write(`${line}\n`);
      const response =
        target === 'aws'
          ? await (await import('../invoke/invoke-aws.ts')).invokeOnAws(physicalName, payload, { onLog })
          : await (
              await import('../invoke/invoke-local.ts')
            ).invokeLocally(physicalName, payload, { assembly, onLog });
      stdout.write(responseText(response));
      if (response.isError) process.exitCode = 1;
    }),
  );

await command.parseAsync();
