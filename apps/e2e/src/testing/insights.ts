/** A query of Logs Insights that runbooks have: fields, and a filter of equalities joined by `or`. */
export interface InsightsQuery {
  fields: readonly string[];
  /** Names with the words that stand for values. */
  filter: readonly { field: string; value: string }[];
}

/**
 * Reads the queries in a page, such as
 *
 *     fields @timestamp, message
 *     | filter object = "ID" or bundle = "BUNDLE"
 *     | sort @timestamp
 *
 * @throws Error for a query that is more than that
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

/** The log lines that a query finds, with values in place of its words. */
export function found(
  { filter }: InsightsQuery,
  values: Readonly<Record<string, string>>,
  lines: readonly LogDocument[],
): LogDocument[] {
  return lines.filter((line) => filter.some(({ field, value }) => line[field] === values[value]));
}
