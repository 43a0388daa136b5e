export { type Config, ConfigError, readConfig, type Variable, type Variables } from './read-config.ts';
export {
  accountId,
  type Bounds,
  bucketName,
  bytes,
  int,
  oneOf,
  optional,
  seconds,
  text,
  url,
  withDefault,
} from './variables.ts';
