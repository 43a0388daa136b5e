declare module 'dynalite' {
  import type { Server } from 'node:http';
  /** Milliseconds that a table stays in a transitional state. All data is kept in memory. */
  export default function dynalite(options: {
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
}
