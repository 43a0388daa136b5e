export {
  BUNDLE_PREFIX,
  bundleKey,
  bundleKeyOf,
  bundleTime,
  hourPrefix,
  isBundleFile,
  isConsumedKey,
  hourFilePrefix,
  REPLAY_PREFIX,
  replayKey,
} from './bundle-key.ts';
