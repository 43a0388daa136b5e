import { useEffect, useState } from 'preact/hooks';
import type { Change, ChangeConfirmation, ChangePreview, ChangeResult } from '../../api.ts';
import { asError, post } from '../state/request.ts';
import { count } from '../text/format.ts';
import { Problem } from './common.tsx';
import { Dialog } from './dialog.tsx';
import { Foreign } from './foreign.tsx';
import { Note } from './state.tsx';

interface ChangeDialogProps {
  /** The change; without the note if it needs one. */
  change: Change;
  onClose: (isDone: boolean) => void;
}

type Step =
  | { kind: 'note' }
  | { kind: 'loading' }
  | { kind: 'preview'; preview: ChangePreview }
  | { kind: 'running'; preview: ChangePreview }
  | { kind: 'done'; result: ChangeResult }
  | { kind: 'failed'; error: Error };

/** Says what a change will do, makes it after confirmation, and says what happened. */
export function ChangeDialog({ change, onClose }: ChangeDialogProps) {
  const [step, setStep] = useState<Step>(change.kind === 'drop' ? { kind: 'note' } : { kind: 'loading' });

  const preview = async (complete: Change) => {
    setStep({ kind: 'loading' });
    try {
      setStep({ kind: 'preview', preview: await post<ChangePreview>('/api/changes/preview', complete) });
    } catch (error) {
      setStep({ kind: 'failed', error: asError(error) });
    }
  };

  const confirm = async (shown: ChangePreview) => {
    setStep({ kind: 'running', preview: shown });
    try {
      const body: ChangeConfirmation = { confirmation: shown.confirmation };
      setStep({ kind: 'done', result: await post<ChangeResult>('/api/changes', body) });
    } catch (error) {
      setStep({ kind: 'failed', error: asError(error) });
    }
  };

  useEffect(() => {
    if (change.kind !== 'drop') void preview(change);
  }, []);

  const isDone = step.kind === 'done';
  const close = () => onClose(isDone);
  const title = 'preview' in step ? step.preview.title : isDone ? 'Done' : TITLES[change.kind];
  return (
    <Dialog title={title} onClose={close}>
      <div aria-live="polite">
        {step.kind === 'loading' && <p class="quiet">Working out what will happen …</p>}
        {'preview' in step && <Preview preview={step.preview} />}
        {step.kind === 'done' && (
          <Note tone={step.result.ok ? 'good' : 'bad'}>
            {step.result.sentences.map((sentence) => (
              <p key={sentence}>
                <Foreign text={sentence} prose />
              </p>
            ))}
          </Note>
        )}
        {step.kind === 'failed' && <Problem error={step.error} />}
      </div>
      {step.kind === 'note' ? (
        <NoteForm onNote={(note) => void preview({ ...change, note } as Change)} onCancel={close} />
      ) : (
        <p class="dialog-buttons">
          {'preview' in step && (
            <button
              type="button"
              class={step.preview.isFinal ? 'danger' : 'primary'}
              disabled={step.kind === 'running'}
              onClick={() => void confirm(step.preview)}
            >
              {step.kind === 'running' ? 'Working …' : step.preview.confirmLabel}
            </button>
          )}
          <button type="button" onClick={close}>
            {isDone || step.kind === 'failed' ? 'Close' : 'Cancel'}
          </button>
        </p>
      )}
    </Dialog>
  );
}

const TITLES: Record<Change['kind'], string> = {
  redrive: 'Redrive',
  drop: 'Drop',
  load: 'Start',
};

function Preview({ preview }: { preview: ChangePreview }) {
  const { consequences, affected, affectedTotal, isFinal } = preview;
  return (
    <>
      <p>This will happen:</p>
      <ul class="consequences">
        {consequences.map((sentence) => (
          <li key={sentence}>
            <Foreign text={sentence} prose />
          </li>
        ))}
      </ul>
      {affected.length > 0 && (
        <details open={affected.length <= 5}>
          <summary>Affected: {count(affectedTotal)}</summary>
          <ul class="affected">
            {affected.map((name) => (
              <li key={name}>
                <Foreign text={name} />
              </li>
            ))}
            {affectedTotal > affected.length && <li>and {count(affectedTotal - affected.length)} more</li>}
          </ul>
        </details>
      )}
      {isFinal && (
        <Note tone="warn">
          <p>This cannot be undone.</p>
        </Note>
      )}
    </>
  );
}

function NoteForm({ onNote, onCancel }: { onNote: (note: string) => void; onCancel: () => void }) {
  const [note, setNote] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (note.trim() !== '') onNote(note.trim());
      }}
    >
      <label for="drop-note">
        Why are they dropped? The note is stored in the archive with the dead letters.
      </label>
      <textarea
        id="drop-note"
        rows={3}
        required
        value={note}
        placeholder="Sent again as invoices/2026/11/0815-b.xml"
        onInput={(event) => setNote(event.currentTarget.value)}
      />
      <p class="dialog-buttons">
        <button type="submit" class="primary">
          Continue
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </p>
    </form>
  );
}
