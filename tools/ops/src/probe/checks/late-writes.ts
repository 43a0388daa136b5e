import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type Assumption, observe, type Probe, range, tally } from '../assumption.ts';

const PUT = 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html';
const CONSISTENCY = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel';
const CONDITIONAL = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html';

const bytes = Buffer.alloc(4_096, 'late');
/** How often an abandoned PUT is looked for. */
const LOOKS = 10;
const IF_ABSENT = { 'if-none-match': '*' };

const kindOf = async ({ store, names }: Probe, key: string) => (await store.head(names.bucket, key)).kind;

export const lateWriteAssumptions: readonly Assumption[] = [
  {
    name: 'stalled-put',
    assumption: 'A PUT whose body stalls takes effect when its last byte arrives, and not before.',
    source: PUT,
    requests: { s3Put: 1, s3Get: 2 },
    async check(probe) {
      const key = 'late/stalled';
      const held = await probe.holdPut({
        ...{ bucket: probe.names.bucket, key, bytes, sent: 1_000 },
        headers: IF_ABSENT,
      });
      await probe.sleep(probe.pace.stallMs);
      const during = await kindOf(probe, key);
      const finished = await held.finish();
      const after = await kindOf(probe, key);
      return observe(
        during === 'absent' && finished === 'ok' && after === 'present',
        `${during} while it stalls; then ${finished}, and ${after}`,
      );
    },
  },
  {
    name: 'stalled-put-condition',
    assumption:
      'If-None-Match: * of a PUT whose body stalls is decided when it takes effect, not when it begins.',
    source: CONDITIONAL,
    requests: { s3Put: 2 },
    async check(probe) {
      const key = 'late/overtaken';
      const Bucket = probe.names.bucket;
      const held = await probe.holdPut({ bucket: Bucket, key, bytes, sent: 1_000, headers: IF_ABSENT });
      await probe.s3.send(new PutObjectCommand({ Bucket, Key: key, Body: 'first', IfNoneMatch: '*' }));
      const finished = await held.finish();
      const held412 = finished === 'PreconditionFailed' || finished === 'ConditionalRequestConflict';
      return observe(held412, `another PUT came first: ${finished}`);
    },
  },
  {
    name: 'cut-put',
    assumption: 'A PUT whose connection is cut in the middle of its body never takes effect.',
    source: PUT,
    requests: { s3Get: 1 },
    async check(probe) {
      const key = 'late/cut';
      const held = await probe.holdPut({
        ...{ bucket: probe.names.bucket, key, bytes, sent: bytes.length - 1 },
        headers: IF_ABSENT,
      });
      held.vanish();
      await probe.sleep(probe.pace.settleMs);
      const kind = await kindOf(probe, key);
      return observe(kind === 'absent', `the key is ${kind} ${probe.pace.settleMs} ms later`);
    },
  },
  {
    name: 'abandoned-put',
    assumption:
      'A complete PUT whose sender is gone takes effect within seconds or never: the grace of a claim (50 s) covers it.',
    source: CONSISTENCY,
    requests: { s3Put: 10, s3Get: 10 * (LOOKS + 1) },
    async check(probe) {
      const { pace, names } = probe;
      const rounds = await Promise.all(
        range(pace.rounds).map(async (round) => {
          const key = `late/abandoned-${round}`;
          const request = { bucket: names.bucket, key, bytes, sent: bytes.length, headers: IF_ABSENT };
          const held = await probe.holdPut(request);
          held.vanish();
          let appeared: number | undefined;
          for (const look of range(LOOKS)) {
            await probe.sleep(pace.settleMs / LOOKS);
            if ((await kindOf(probe, key)) === 'absent') continue;
            appeared = look + 1;
            break;
          }
          await probe.sleep(pace.settleMs);
          const last = await kindOf(probe, key);
          const held2 = (appeared === undefined) === (last === 'absent');
          const when = appeared === undefined ? 'never' : `within ${(appeared * pace.settleMs) / LOOKS} ms`;
          return { held: held2, what: `took effect ${when}${held2 ? '' : ', but later'}` };
        }),
      );
      return observe(
        rounds.every(({ held }) => held),
        tally(rounds.map(({ what }) => what)),
      );
    },
  },
];
