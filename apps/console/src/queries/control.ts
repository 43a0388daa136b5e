import * as v from 'valibot';

/** Faults of the embedded cloud: see "Faults of a running cloud" in docs/local-cloud.md. */
export interface Control {
  /** Kills a busy process of a function. @returns whether there was one */
  kill(functionName: string): Promise<boolean>;
  /** Breaks the functions' connections to a service; 0 seconds end it. */
  outage(service: 's3' | 'dynamodb', seconds: number): Promise<void>;
}

const killed = v.object({ killed: v.nullable(v.looseObject({})) });

export function createControl(
  endpoint: string,
  { accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string },
): Control {
  const authorization = `Basic ${Buffer.from(`${accessKeyId}:${secretAccessKey}`).toString('base64')}`;
  const post = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${endpoint}/_control/${path}`, {
      method: 'POST',
      headers: { authorization },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`the embedded cloud answered ${path} with ${response.status}`);
    return response.json();
  };
  return {
    kill: async (functionName) =>
      v.parse(killed, await post('kill', { function: functionName })).killed !== null,
    outage: async (service, seconds) => void (await post('outage', { service, seconds })),
  };
}
