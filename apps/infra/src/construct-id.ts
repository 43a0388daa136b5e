/** `access-logs` → `AccessLogs`. Construct ids come from names, never from an order. */
export function constructId(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
