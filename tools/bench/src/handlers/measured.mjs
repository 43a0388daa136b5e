/*
 * The handler of every measured process: runs the handler of BENCH_TARGET, and returns its response with the cost of the
 * invocation. CPU time covers the whole process, including the threads of zlib, the file system and garbage collection.
 */
const { handler: target, prepare } = await import(process.env.BENCH_TARGET);

// Ends a profiled process. Node writes the profile only on a normal exit.
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
