import { Command } from 'commander';
export function costCommand(): Command {
  return new Command('cost');
}
