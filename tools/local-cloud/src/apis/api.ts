import * as v from 'valibot';

/* Operations of AWS APIs, independent of the protocol. `gateway/` translates calls and results. */

/** A permission that a call needs. */
export interface Permission {
  /** `events:DisableRule` */
  readonly action: string;
  /** ARN, or `*` if the action has no resource. */
  readonly resource: string;
}

/** One operation of an API. */
export interface Operation {
  /** Never throws. If the input is invalid, it names only the permission that the action itself needs. */
  readonly permissions: (input: unknown) => readonly Permission[];
  /** @param input members as named by the API @throws ApiError */
  readonly perform: (input: unknown) => object | Promise<object>;
}

/** The operations of an API by name. Use `findOperation` to look up a name from a request. */
export type Api = Readonly<Record<string, Operation>>;

/** Looks up a name sent by a caller. Ignores inherited properties such as `constructor`. */
export function findOperation(api: Api, name: string): Operation | undefined {
  return Object.hasOwn(api, name) ? api[name] : undefined;
}

/** The service refuses a call. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/**
 * Defines an operation by the schema of its input. A member that the schema does not know results in `NotImplemented`;
 * an invalid value results in the given code.
 *
 * @param resources ARNs that the action applies to
 */
export function operation<const S extends v.GenericSchema>(
  schema: S,
  {
    action,
    invalid = 'ValidationException',
    resources,
  }: {
    readonly action: string;
    readonly invalid?: string;
    readonly resources?: (input: v.InferOutput<S>) => readonly string[];
  },
  perform: (input: v.InferOutput<S>) => object | Promise<object>,
): Operation {
  return {
    permissions: (input) => {
      const parsed = v.safeParse(schema, input);
      const on = parsed.success && resources ? resources(parsed.output) : ['*'];
      return on.map((resource) => ({ action, resource }));
    },
    perform: (input) => {
      const parsed = v.safeParse(schema, input);
      if (parsed.success) return perform(parsed.output);
      const [issue] = parsed.issues;
      const member = v.getDotPath(issue) ?? 'the input';
      if (issue.type === 'strict_object' && issue.expected === 'never') {
        throw new ApiError('NotImplemented', `${member} is not supported by the local cloud.`, 501);
      }
      throw new ApiError(invalid, `${member}: ${issue.message}`);
    },
  };
}

/** A number, or its text, because the query protocol has no numbers. */
export const wholeNumber = (from: number, to: number) =>
  v.pipe(
    v.union([v.number(), v.string()]),
    v.transform(Number),
    v.integer(),
    v.minValue(from, `must be at least ${from}`),
    v.maxValue(to, `must be at most ${to}`),
  );

/** One page of a list. The token is the index of the next page's first item. @throws ApiError */
export function pageOf<T>(
  items: readonly T[],
  limit: number,
  token: string | undefined,
  invalidToken = 'InvalidNextToken',
): { page: readonly T[]; NextToken?: string } {
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isSafeInteger(start) || start < 0) throw new ApiError(invalidToken, 'The token is invalid.');
  const end = start + limit;
  return { page: items.slice(start, end), ...(end < items.length && { NextToken: String(end) }) };
}
