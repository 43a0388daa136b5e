export {
  BUNDLE_PREFIX,
  bundleKey,
  bundleKeyOf,
  bundleTime,
  hourPrefix,
  isBundleFile,
  isConsumedKey,
  namedPrefix,
  REPLAY_PREFIX,
  replayKey,
} from './bundle-key.ts';
