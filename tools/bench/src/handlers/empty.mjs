/** The least that a function can be: what it costs to start one at all. */
export const handler = async () => undefined;
