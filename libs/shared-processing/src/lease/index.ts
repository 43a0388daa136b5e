export { type Leased, type LeaseDependencies, withLease } from './lease.ts';
