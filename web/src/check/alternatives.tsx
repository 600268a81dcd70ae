// Predictions for the article without one of its parts, beside the first prediction. They show whether the model relies on
// that part.
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Article, type FailureFacts, type PredictResponse, predictArticle } from '../api.ts';
import { ClassBar, ClassMark } from '../class-look.tsx';
import { asFailure } from '../loading.ts';
import { formatPredicted, formatProbability } from '../numbers.ts';
import { formatFailure, strings } from '../strings.ts';
import { measureDateline } from './dateline.ts';
import type { InquiryProps } from './inquiry.tsx';

type Kind = 'dateline' | 'title' | 'text';
type Result =
  | { readonly state: 'checking' }
  | { readonly state: 'done'; readonly prediction: PredictResponse }
  | { readonly state: 'failed'; readonly failure: FailureFacts };

interface Alternative {
  readonly kind: Kind;
  /** null if the article does not have the part, or has nothing else. */
  readonly article: Article | null;
  /** The removed text, to show. */
  readonly removed?: string;
}

export function listAlternatives({ title, text }: Article): readonly Alternative[] {
  const length = measureDateline(text);
  const hasBoth = title.trim() !== '' && text.trim() !== '';
  return [
    length === 0
      ? { kind: 'dateline', article: null }
      : {
          kind: 'dateline',
          article: { title, text: text.slice(length) },
          removed: text.slice(0, length).trim(),
        },
    { kind: 'title', article: hasBoth ? { title, text: '' } : null },
    { kind: 'text', article: hasBoth ? { title: '', text } : null },
  ];
}

export function Alternatives({ article, prediction, model }: InquiryProps) {
  const [results, setResults] = useState<Partial<Record<Kind, Result>>>({});
  const controllers = useRef(new Map<Kind, AbortController>());
  useEffect(() => stopAll(controllers.current), []);
  const classNames = model?.classNames ?? Object.keys(prediction.probabilities);
  const threshold = model?.calibration.abstainBelow ?? 0;
  const shown = listAlternatives(article).filter((one) => isOffered(one, model));
  if (shown.length === 0) return null;

  const toggle = async ({ kind, article: changed }: Alternative): Promise<void> => {
    if (changed === null) return;
    const settle = (result: Result | undefined): void =>
      setResults((before) => {
        const { [kind]: _old, ...others } = before;
        return result === undefined ? others : { ...others, [kind]: result };
      });
    controllers.current.get(kind)?.abort();
    if (results[kind] !== undefined && results[kind].state !== 'failed') return settle(undefined);
    const controller = new AbortController();
    controllers.current.set(kind, controller);
    settle({ state: 'checking' });
    try {
      settle({ state: 'done', prediction: await predictArticle(changed, controller.signal) });
    } catch (error) {
      if (!controller.signal.aborted) settle({ state: 'failed', failure: asFailure(error) });
    }
  };

  return (
    <section class="alternatives" aria-labelledby="alternatives-heading">
      <h3 id="alternatives-heading">{strings.alternativesHeading}</h3>
      <p class="fine">{strings.alternativesLead}</p>
      <div class="alternative first">
        <p class="alternative-name">{strings.alternativeFirst}</p>
        <Answer prediction={prediction} first={prediction} classNames={classNames} threshold={threshold} />
      </div>
      {shown.map((alternative) => {
        const { kind, removed } = alternative;
        const result = results[kind];
        const possible = alternative.article !== null;
        return (
          <div key={kind} class="alternative" aria-busy={result?.state === 'checking'}>
            <button
              type="button"
              class="switch"
              aria-pressed={result !== undefined}
              aria-disabled={!possible}
              aria-describedby={`${kind}-note`}
              onClick={() => void toggle(alternative)}
            >
              <span class="knob" aria-hidden="true" />
              {strings.alternatives[kind]}
            </button>
            <span id={`${kind}-note`} class="fine">
              {!possible
                ? strings.alternativeMissing[kind]
                : removed !== undefined && strings.quoted(removed)}
            </span>
            <div aria-live="polite">
              {result?.state === 'checking' && <p class="fine">{strings.checking}</p>}
              {result?.state === 'failed' && <p class="stale">{formatAlternativeFailure(result.failure)}</p>}
              {result?.state === 'done' && (
                <Answer
                  prediction={result.prediction}
                  first={prediction}
                  classNames={classNames}
                  threshold={threshold}
                />
              )}
            </div>
          </div>
        );
      })}
    </section>
  );
}

/** A dateline is offered where there is one; one part alone if the model was trained with both, or the article has both. */
function isOffered({ kind, article }: Alternative, model: InquiryProps['model']): boolean {
  if (article !== null) return true;
  return kind !== 'dateline' && model?.columns?.title !== null && model?.columns?.text !== null;
}

function formatAlternativeFailure(failure: FailureFacts): string {
  return failure.code === 'ARTICLE_TEXT_MISSING' ? strings.alternativeTooShort : formatFailure(failure).title;
}

function stopAll(controllers: ReadonlyMap<Kind, AbortController>): () => void {
  return () => {
    for (const controller of controllers.values()) controller.abort();
  };
}

/** Shows a prediction with the probability of the class of the first prediction, so that all can be compared. */
function Answer(props: {
  readonly prediction: PredictResponse;
  readonly first: PredictResponse;
  readonly classNames: readonly string[];
  /** Below it the model says "not sure". */
  readonly threshold: number;
}) {
  const { prediction, first, classNames, threshold } = props;
  const index = classNames.indexOf(prediction.label);
  const share = prediction.probabilities[first.label] ?? 0;
  return (
    <div class="alternative-answer">
      <p>
        <span class="alternative-label">
          <ClassMark index={prediction.abstained ? -1 : index} />{' '}
          {prediction.abstained ? strings.notSure : prediction.label}
        </span>
        <span class="fine">
          {strings.chanceOf(
            first.label,
            prediction.label === first.label
              ? formatPredicted(prediction, threshold)
              : formatProbability(share),
          )}
          {prediction !== first && `, ${strings.pointsChange(first.probability, share)}`}
        </span>
      </p>
      <ClassBar
        index={classNames.indexOf(first.label)}
        share={share}
        threshold={prediction === first ? 0 : first.probability}
      />
    </div>
  );
}
