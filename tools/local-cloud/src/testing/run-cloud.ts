import { startCloud } from '../index.ts';

/*
 * node run-cloud.ts <assembly>
 *
 * Boots a cloud, starts a spinning and a hanging function, prints their process ids as JSON, and keeps running: for the
 * test that kills it.
 */
const cloud = await startCloud({ assembly: process.argv[2] ?? '' });
void cloud.invoke('commands', { do: 'spin' });
void cloud.invoke('commands', { do: 'hang', ms: 60_000 });
await cloud.invoke('reader', { call: 'none' });
console.log(JSON.stringify(cloud.processes().map(({ pid }) => pid)));
