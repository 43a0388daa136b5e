/** The smallest possible function: the floor of a cold start. */
export const handler = async () => undefined;
