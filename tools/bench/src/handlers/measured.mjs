/*
 * The handler of every measured process: it runs that of BENCH_TARGET, and answers with what the invocation took
 * beside what it answered. Processor time is that of the whole process, with the threads of zlib, of the file system
 * and of the garbage collector.
 */
const { handler: target, prepare } = await import(process.env.BENCH_TARGET);

// The end of a process that is profiled: by itself, so that the profile is written.
process.on('SIGUSR2', () => process.exit());

export async function handler(event, context) {
  await prepare?.(event);
  const before = process.cpuUsage();
  const began = performance.now();
  const answer = await target(event, context);
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  return { answer, cpuMs: (user + system) / 1000, wallMs, peakBytes };
}
