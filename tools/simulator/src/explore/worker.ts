import { parentPort } from 'node:worker_threads';
import { exploreWorld, type Task } from './explore-world.ts';

// Simulated faults create many errors, whose stacks are never used.
Error.stackTraceLimit = 0;

parentPort?.on('message', (task: Task) => {
  void exploreWorld(task).then((result) => parentPort?.postMessage(result));
});
