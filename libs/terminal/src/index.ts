export { visible } from './visible.ts';
export { createTerminal, reportUncaught, stderr, stdout, type Terminal } from './terminal.ts';
