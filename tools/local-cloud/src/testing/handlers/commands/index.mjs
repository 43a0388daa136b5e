let invocations = 0;
const held = [];
const thrownFor = new Set();

/** Executes the command in the event. */
export async function handler(event, context) {
  invocations++;
  switch (event.do) {
    case 'environment':
      return {
        pid: process.pid,
        invocations,
        variables: process.env,
        cwd: process.cwd(),
        argv: process.execArgv,
      };
    case 'context':
      return {
        ...context,
        remaining: context.getRemainingTimeInMillis(),
        trace: process.env._X_AMZN_TRACE_ID,
      };
    case 'log':
      console.log(event.text);
      return null;
    case 'throw':
      throw new TypeError(event.text);
    case 'throw-once':
      if (thrownFor.has(event.text)) return null;
      thrownFor.add(event.text);
      throw new TypeError(event.text);
    case 'exit':
      process.exit(7);
      break;
    case 'hang':
      await new Promise((resolve) => setTimeout(resolve, event.ms));
      return 'woke';
    case 'spin':
      for (;;);
    case 'eat':
      for (;;) {
        held.push(Buffer.alloc(8 * 1024 * 1024, 1));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    default:
      if (event.detail?.log) console.log(JSON.stringify(event));
      return event;
  }
}
