// Two buttons: the verdict is right, or it is wrong. The press alone counts; a class and a comment can be added to it.
import { useState } from 'preact/hooks';
import { type FailureFacts, type Opinion, sendOpinion, type Verdict } from '../api.ts';
import { asFailure } from '../loading.ts';
import { describeFailure, strings } from '../strings.ts';

type Sending =
  | { readonly state: 'open' | 'sending' | 'sent' }
  | { readonly state: 'failed'; readonly failure: FailureFacts };

export interface OpinionFormProps {
  readonly verdict: Verdict;
  readonly classNames: readonly string[];
}

export function OpinionForm({ verdict, classNames }: OpinionFormProps) {
  const [agrees, setAgrees] = useState<boolean | null>(null);
  const [label, setLabel] = useState('');
  const [comment, setComment] = useState('');
  const [sending, setSending] = useState<Sending>({ state: 'open' });

  const send = async (opinion: Omit<Opinion, 'id'>): Promise<void> => {
    setSending({ state: 'sending' });
    try {
      await sendOpinion({ id: verdict.predictionId, ...opinion });
      setSending({ state: 'sent' });
    } catch (error) {
      setSending({ state: 'failed', failure: asFailure(error) });
    }
  };
  const press = (value: boolean): void => {
    setAgrees(value);
    setLabel('');
    void send({ agrees: value });
  };
  const add = (event: Event): void => {
    event.preventDefault();
    if (agrees === null) return;
    const remark = comment.trim();
    void send({
      agrees,
      ...(agrees || label === '' ? {} : { label }),
      ...(remark === '' ? {} : { comment: remark }),
    });
  };
  const others = classNames.filter((name) => name !== verdict.label);

  return (
    <form class="opinion" onSubmit={add} aria-labelledby="opinion-heading">
      <h3 id="opinion-heading" class="kicker">
        {strings.opinionHeading}
      </h3>
      <p class="opinion-buttons">
        {[true, false].map((value) => (
          <button
            key={String(value)}
            type="button"
            class="quiet"
            aria-pressed={agrees === value}
            onClick={() => press(value)}
          >
            <span aria-hidden="true">{value ? '✓' : '✗'}</span>{' '}
            {value ? strings.opinionRight : strings.opinionWrong}
          </button>
        ))}
      </p>
      {agrees !== null && sending.state !== 'failed' && (
        <div class="opinion-more">
          {!agrees && (
            <div class="field">
              <label for="opinion-class">{strings.opinionClass}</label>
              <select
                id="opinion-class"
                value={label}
                onChange={(event) => setLabel(event.currentTarget.value)}
              >
                <option value="">{strings.opinionClassOpen}</option>
                {others.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </div>
          )}
          <div class="field">
            <label for="opinion-comment">{strings.opinionComment}</label>
            <textarea
              id="opinion-comment"
              rows={2}
              maxLength={4000}
              value={comment}
              onInput={(event) => setComment(event.currentTarget.value)}
            />
          </div>
          <button type="submit" class="quiet" aria-disabled={sending.state === 'sending'}>
            {strings.opinionAdd}
          </button>
        </div>
      )}
      <p class={sending.state === 'failed' ? 'stale' : 'fine'} aria-live="polite">
        {sending.state === 'sent' && strings.opinionSent}
        {sending.state === 'failed' && describeOpinionFailure(sending.failure)}
      </p>
    </form>
  );
}

function describeOpinionFailure(failure: FailureFacts): string {
  if (failure.code === 'PREDICTION_NOT_FOUND') return strings.opinionNotKept;
  const { title, advice } = describeFailure(failure);
  return `${title}. ${advice}`;
}
