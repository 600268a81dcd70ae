// The form for feedback: one button says that the prediction is right, another that it is wrong. A press is sent at once;
// a class and a comment can be added.
import { useState } from 'preact/hooks';
import { type FailureFacts, type Feedback, type PredictResponse, sendFeedback } from '../api.ts';
import { asFailure } from '../loading.ts';
import { formatFailure, strings } from '../strings.ts';

type Sending =
  | { readonly state: 'open' | 'sending' | 'sent' }
  | { readonly state: 'failed'; readonly failure: FailureFacts };

export interface FeedbackFormProps {
  readonly prediction: PredictResponse;
  readonly predictionId: string;
  readonly classNames: readonly string[];
}

export function FeedbackForm({ prediction, predictionId, classNames }: FeedbackFormProps) {
  const [agrees, setAgrees] = useState<boolean | null>(null);
  const [label, setLabel] = useState('');
  const [comment, setComment] = useState('');
  const [sending, setSending] = useState<Sending>({ state: 'open' });

  const send = async (feedback: Omit<Feedback, 'id'>): Promise<void> => {
    setSending({ state: 'sending' });
    try {
      await sendFeedback({ id: predictionId, ...feedback });
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
  const others = classNames.filter((name) => name !== prediction.label);

  return (
    <form class="feedback" onSubmit={add} aria-labelledby="feedback-heading">
      <h3 id="feedback-heading" class="kicker">
        {strings.feedbackHeading}
      </h3>
      <p class="feedback-buttons">
        {[true, false].map((value) => (
          <button
            key={String(value)}
            type="button"
            class="quiet"
            aria-pressed={agrees === value}
            onClick={() => press(value)}
          >
            <span aria-hidden="true">{value ? '✓' : '✗'}</span>{' '}
            {value ? strings.feedbackRight : strings.feedbackWrong}
          </button>
        ))}
      </p>
      {agrees !== null && sending.state !== 'failed' && (
        <div class="feedback-more">
          {!agrees && (
            <div class="field">
              <label for="feedback-class">{strings.feedbackClass}</label>
              <select
                id="feedback-class"
                value={label}
                onChange={(event) => setLabel(event.currentTarget.value)}
              >
                <option value="">{strings.feedbackClassOpen}</option>
                {others.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </div>
          )}
          <div class="field">
            <label for="feedback-comment">{strings.feedbackComment}</label>
            <textarea
              id="feedback-comment"
              rows={2}
              maxLength={4000}
              value={comment}
              onInput={(event) => setComment(event.currentTarget.value)}
            />
          </div>
          <button type="submit" class="quiet" aria-disabled={sending.state === 'sending'}>
            {strings.feedbackAdd}
          </button>
        </div>
      )}
      <p class={sending.state === 'failed' ? 'stale' : 'fine'} aria-live="polite">
        {sending.state === 'sent' && strings.feedbackSent}
        {sending.state === 'failed' && formatFeedbackFailure(sending.failure)}
      </p>
    </form>
  );
}

function formatFeedbackFailure(failure: FailureFacts): string {
  if (failure.code === 'PREDICTION_NOT_FOUND') return strings.feedbackNotKept;
  const { title, advice } = formatFailure(failure);
  return `${title}. ${advice}`;
}
