// The same article without one of its parts, judged again beside the first answer: does the model lean on that part?
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Article, type FailureFacts, judgeArticle, type Verdict } from '../api.ts';
import { ClassBar, ClassMark } from '../class-look.tsx';
import { asFailure } from '../loading.ts';
import { formatProbability } from '../numbers.ts';
import { describeFailure, strings } from '../strings.ts';
import { measureDateline } from './dateline.ts';
import type { InquiryProps } from './inquiry.tsx';

type Kind = 'dateline' | 'title' | 'text';
type Result =
  | { readonly state: 'judging' }
  | { readonly state: 'judged'; readonly verdict: Verdict }
  | { readonly state: 'failed'; readonly failure: FailureFacts };

interface Alternative {
  readonly kind: Kind;
  /** null: the article has no such part, or nothing else. */
  readonly article: Article | null;
  /** What was taken out, to show. */
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

export function Alternatives({ article, verdict, model }: InquiryProps) {
  const [results, setResults] = useState<Partial<Record<Kind, Result>>>({});
  const controllers = useRef(new Map<Kind, AbortController>());
  useEffect(() => stopAll(controllers.current), []);
  const classNames = model?.classNames ?? Object.keys(verdict.probabilities);

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
    settle({ state: 'judging' });
    try {
      settle({ state: 'judged', verdict: await judgeArticle(changed, controller.signal) });
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
        <Answer verdict={verdict} first={verdict} classNames={classNames} />
      </div>
      {listAlternatives(article).map((alternative) => {
        const { kind, removed } = alternative;
        const result = results[kind];
        const possible = alternative.article !== null;
        return (
          <div key={kind} class="alternative" aria-busy={result?.state === 'judging'}>
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
              {result?.state === 'judging' && <p class="fine">{strings.judging}</p>}
              {result?.state === 'failed' && <p class="stale">{describeFailure(result.failure).title}</p>}
              {result?.state === 'judged' && (
                <Answer verdict={result.verdict} first={verdict} classNames={classNames} />
              )}
            </div>
          </div>
        );
      })}
    </section>
  );
}

function stopAll(controllers: ReadonlyMap<Kind, AbortController>): () => void {
  return () => {
    for (const controller of controllers.values()) controller.abort();
  };
}

/** The probability of the class that was named first, so that all of them compare. */
function Answer(props: {
  readonly verdict: Verdict;
  readonly first: Verdict;
  readonly classNames: readonly string[];
}) {
  const { verdict, first, classNames } = props;
  const index = classNames.indexOf(verdict.label);
  const share = verdict.probabilities[first.label] ?? 0;
  const change = share - first.probability;
  return (
    <div class="alternative-answer">
      <p>
        <span class="alternative-label">
          <ClassMark index={verdict.abstained ? -1 : index} />{' '}
          {verdict.abstained ? strings.notSure : verdict.label}
        </span>
        <span class="fine">
          {strings.chanceOf(first.label, formatProbability(share))}
          {verdict !== first && `, ${strings.pointsChange(change)}`}
        </span>
      </p>
      <ClassBar
        index={classNames.indexOf(first.label)}
        share={share}
        threshold={verdict === first ? 0 : first.probability}
      />
    </div>
  );
}
