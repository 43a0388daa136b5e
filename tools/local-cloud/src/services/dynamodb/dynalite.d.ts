declare module 'dynalite' {
  import type { Server } from 'node:http';
  /** Delays in milliseconds that a table stays in a transitional state. Everything is kept in memory. */
  export default function dynalite(options: {
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
}
