import { useState } from 'preact/hooks';
import type { BundleDetail, BundleMember, BundleVerdict, DownloadTicket } from '../../api.ts';
import { apiPath, href } from '../state/address.ts';
import { asError, get, post, useLoaded, usePages, useSettled } from '../state/request.ts';
import { hrefHere, param, setParams } from '../state/route.ts';
import { bytes, count, counted, duration } from '../text/format.ts';
import { Copy, Fact, Facts, FocusedHeading, Loading, LoadMore, Problem, Sum, When } from './common.tsx';
import { Foreign } from './foreign.tsx';
import { Note, State, type Tone } from './state.tsx';
import { VirtualList } from './virtual-list.tsx';

const MEMBERS = 5_000;

const STATES: Record<BundleDetail['state'], { word: string; tone: Tone }> = {
  waiting: { word: 'Waiting for the consumer', tone: 'accent' },
  taken: { word: 'Taken by the consumer', tone: 'good' },
  'taken-or-expired': { word: 'Taken by the consumer, or expired', tone: 'warn' },
  gone: { word: 'In neither bucket', tone: 'bad' },
};

/** One bundle: its manifest, its members, verification. */
export function BundlePanel({ bundleKey }: { bundleKey: string }) {
  const bundle = useLoaded<BundleDetail>(apiPath('/api/bundle', { key: bundleKey, limit: 1 }));
  return (
    <section class="split-detail" aria-label="Bundle">
      <p class="back">
        <a href={hrefHere({ key: undefined, member: undefined, part: undefined })}>All bundles</a>
      </p>
      <FocusedHeading subject={bundleKey}>
        <Foreign text={bundleKey} /> <Copy text={bundleKey} what="the bundle’s key" />
      </FocusedHeading>
      {bundle.error && <Problem error={bundle.error} retry={bundle.reload} />}
      {!bundle.data && !bundle.error && <Loading what="the manifest" />}
      {bundle.data && (
        <>
          <Manifest detail={bundle.data} />
          <Verify bundleKey={bundleKey} />
          <Members detail={bundle.data} />
        </>
      )}
    </section>
  );
}

function Manifest({ detail }: { detail: BundleDetail }) {
  const { word, tone } = STATES[detail.state];
  const { group, sha256, crc64nvme, receipt, publishedAt, isReplicated, takenAt, receiptProblem } = detail;
  return (
    <div class="panel">
      <p>
        <State tone={tone}>{word}</State>
      </p>
      <Facts>
        <Fact name="Members">
          {count(detail.total)} <span class="quiet">({bytes(detail.memberBytes)})</span>
        </Fact>
        <Fact name="Size">
          {bytes(detail.size)}{' '}
          {detail.size > 0 && (
            <span class="quiet">
              ({detail.format}, {(detail.memberBytes / detail.size).toFixed(1)} : 1)
            </span>
          )}
        </Fact>
        {group !== undefined && (
          <Fact name="Group">
            <Foreign text={group} />
          </Fact>
        )}
        <Fact name="Manifest written">
          <When at={detail.createdAt} />
        </Fact>
        {publishedAt !== undefined && (
          <Fact name="Published">
            <When at={publishedAt} />
          </Fact>
        )}
        <Fact name="Replica in the archive">{isReplicated ? 'yes' : 'not yet'}</Fact>
        {takenAt !== undefined && (
          <Fact name={detail.state === 'taken' ? 'Taken' : 'Taken or expired'}>
            <When at={takenAt} />
          </Fact>
        )}
        {receipt && (
          <Fact name="Receipt">
            on the disk of <Foreign text={receipt.consumer} /> <When at={receipt.onDiskAt} />,{' '}
            {counted(receipt.members, 'member')}
          </Fact>
        )}
        {receiptProblem !== undefined && (
          <Fact name="Receipt">
            <State tone="warn">
              <Foreign text={receiptProblem} prose />
            </State>
          </Fact>
        )}
        {sha256 !== undefined && <Sum name="SHA-256" value={sha256} />}
        {crc64nvme !== undefined && <Sum name="CRC-64/NVME" value={crc64nvme} />}
        <Fact name="Manifest">
          <Foreign text={detail.manifestKey} />
        </Fact>
      </Facts>
    </div>
  );
}

type Verification =
  | { kind: 'none' }
  | { kind: 'running' }
  | { kind: 'done'; verdict: BundleVerdict }
  | { kind: 'failed'; error: Error };

/** Reads the whole bundle and compares it with its manifest, on request. */
function Verify({ bundleKey }: { bundleKey: string }) {
  const [state, setState] = useState<Verification>({ kind: 'none' });
  const verify = async () => {
    setState({ kind: 'running' });
    try {
      setState({
        kind: 'done',
        verdict: await post<BundleVerdict>('/api/bundle/verify', { key: bundleKey }),
      });
    } catch (error) {
      setState({ kind: 'failed', error: asError(error) });
    }
  };
  return (
    <div class="verify">
      <button type="button" disabled={state.kind === 'running'} onClick={() => void verify()}>
        {state.kind === 'running' ? 'Verifying …' : 'Verify'}
      </button>
      <div role="status">
        {state.kind === 'none' && (
          <span class="quiet">Reads the bundle and compares every byte with the manifest.</span>
        )}
        {state.kind === 'failed' && <Problem error={state.error} />}
        {state.kind === 'done' && <Verdict verdict={state.verdict} />}
      </div>
    </div>
  );
}

function Verdict({ verdict: { problems, files, place, seconds } }: { verdict: BundleVerdict }) {
  const time = duration(seconds * 1_000);
  if (problems.length === 0) {
    return (
      <State tone="good">
        Intact: {counted(files, 'file')} in <Foreign text={place} />, {time}
      </State>
    );
  }
  return (
    <Note tone="bad">
      <p>
        <b>{counted(problems.length, 'problem')}</b> in <Foreign text={place} />:
      </p>
      <ul class="advice">
        {problems.map((problem) => (
          <li key={problem}>
            <Foreign text={problem} />
          </li>
        ))}
      </ul>
    </Note>
  );
}

function Members({ detail }: { detail: BundleDetail }) {
  const part = useSettled(param('part'));
  const member = param('member');
  const pages = usePages<BundleMember>(
    `${detail.key}\n${part}`,
    async (after, signal) => {
      const offset = Number(after ?? 0);
      const query = { key: detail.key, part: part || undefined, offset, limit: MEMBERS };
      const { members, matching } = await get<BundleDetail>(apiPath('/api/bundle', query), signal);
      const end = offset + members.length;
      return { items: members, next: end < matching && members.length > 0 ? String(end) : undefined };
    },
    MEMBERS,
  );
  const chosen = pages.items.find(({ index }) => String(index) === member);
  return (
    <section class="members" aria-labelledby="members-title">
      <div class="tools">
        <h3 id="members-title">Members</h3>
        <label class="grow">
          <span class="visually-hidden">Part of a member’s key or name</span>
          <input
            type="search"
            placeholder="Part of a key or name"
            value={param('part')}
            spellcheck={false}
            onInput={(event) => setParams({ part: event.currentTarget.value, member: undefined })}
          />
        </label>
        <span class="quiet" role="status">
          {pages.isLoading
            ? 'Loading …'
            : `${count(pages.items.length)}${pages.hasMore ? ' read' : ''} of ${count(detail.total)}`}
        </span>
      </div>
      {pages.error && <Problem error={pages.error} retry={pages.reload} />}
      {chosen && <MemberPanel bundle={detail.key} member={chosen} />}
      {pages.items.length > 0 && (
        <VirtualList
          label="Members"
          items={pages.items}
          idOf={({ index }) => String(index)}
          hrefOf={({ index }) => hrefHere({ member: String(index) })}
          selected={member}
          row={({ key, size, index }) => (
            <>
              <span class="row-index quiet">{count(index + 1)}</span>
              <span class="row-main">
                <Foreign text={key} whole={false} />
              </span>
              <span class="row-side">{bytes(size)}</span>
            </>
          )}
        />
      )}
      {!pages.isLoading && pages.items.length === 0 && !pages.error && (
        <p class="quiet">No member matches.</p>
      )}
      <LoadMore pages={pages} />
    </section>
  );
}

function MemberPanel({ bundle, member }: { bundle: string; member: BundleMember }) {
  const { key, name, versionId, size, sha256, crc64nvme, etag, verifiedBy, landedAt, index } = member;
  return (
    <div class="panel">
      <div class="panel-head">
        <h4>
          <Foreign text={key} />
        </h4>
        <Download bundle={bundle} index={index} />
      </div>
      <Facts>
        {name !== key && (
          <Fact name="Name in the bundle">
            <Foreign text={name} />
          </Fact>
        )}
        <Fact name="Size">
          {bytes(size)} <span class="quiet">({count(size)} bytes)</span>
        </Fact>
        <Fact name="Landed">
          <When at={landedAt} />
        </Fact>
        <Fact name="Version">
          <Foreign text={versionId} />
        </Fact>
        {sha256 !== undefined && <Sum name="SHA-256" value={sha256} />}
        {crc64nvme !== undefined && <Sum name="CRC-64/NVME" value={crc64nvme} />}
        <Sum name="ETag" value={etag} />
        {verifiedBy !== undefined && <Fact name="Compared with">{verifiedBy}</Fact>}
      </Facts>
      <p>
        <a href={href('file', { key })}>Timeline of this file</a>
      </p>
    </div>
  );
}

/** Downloads one member. The browser opens the ticket's address, because a link cannot carry the token. */
function Download({ bundle, index }: { bundle: string; index: number }) {
  const [error, setError] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const { url, fileName } = await post<DownloadTicket>('/api/downloads', { bundle, index });
      Object.assign(document.createElement('a'), { href: url, download: fileName }).click();
    } catch (caught) {
      setError(asError(caught));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" disabled={isBusy} onClick={() => void download()}>
        Download
      </button>
      {error && <Problem error={error} />}
    </>
  );
}
