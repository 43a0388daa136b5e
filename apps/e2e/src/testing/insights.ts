/** A Logs Insights query of the runbook: fields, and a filter of equalities joined by `or`. */
export interface InsightsQuery {
  fields: readonly string[];
  /** Fields with their placeholders. */
  filter: readonly { field: string; value: string }[];
}

/**
 * Parses the queries in a page, such as
 *
 *     fields @timestamp, message
 *     | filter object = "ID" or bundle = "BUNDLE"
 *     | sort @timestamp
 *
 * @throws Error for any other form of query
 */
export function queriesIn(page: string): InsightsQuery[] {
  const blocks = [...page.matchAll(/^```\n(fields .*?)^```$/gms)].map(([, text = '']) => text);
  return blocks.map((text) => {
    const [, fields, filter] = /^fields (.+)\n\| filter (.+)\n\| sort @timestamp\n$/.exec(text) ?? [];
    if (fields === undefined || filter === undefined)
      throw new Error(`this query is not understood:\n${text}`);
    return {
      fields: fields.split(', '),
      filter: filter.split(' or ').map((part) => {
        const [, field, value] = /^([\w.@]+) = "(\w+)"$/.exec(part) ?? [];
        if (field === undefined || value === undefined)
          throw new Error(`this filter is not understood: ${part}`);
        return { field, value };
      }),
    };
  });
}

export type LogDocument = Readonly<Record<string, unknown>>;

/** The log lines that a query matches, with values for its placeholders. */
export function found(
  { filter }: InsightsQuery,
  values: Readonly<Record<string, string>>,
  lines: readonly LogDocument[],
): LogDocument[] {
  return lines.filter((line) => filter.some(({ field, value }) => line[field] === values[value]));
}
