// The answer: read in two seconds (what, how sure), questioned in ten (each class, what the number means, where from).
import type { RefObject } from 'preact';
import { formatAddress, linkTo } from '../address.ts';
import type { Article, Example, FailureFacts, ModelFacts, Verdict } from '../api.ts';
import { ClassBar, ClassMark, classHue } from '../class-look.tsx';
import { CopyButton } from '../copy-button.tsx';
import { BothFigures } from '../model/figures.tsx';
import { formatProbability } from '../numbers.ts';
import { FailureNote } from '../page-frame.tsx';
import { assessTrust, describeStrength } from '../reading.ts';
import { strings } from '../strings.ts';
import { OpinionForm } from './opinion-form.tsx';

export type Outcome =
  | { readonly kind: 'none' }
  | { readonly kind: 'verdict'; readonly verdict: Verdict; readonly article: Article }
  | { readonly kind: 'failure'; readonly failure: FailureFacts };

export interface VerdictCardProps {
  readonly cardRef: RefObject<HTMLElement | null>;
  readonly outcome: Outcome;
  readonly judging: boolean;
  /** The article was edited after it was judged. */
  readonly stale: boolean;
  /** The example that was judged, when it was one. */
  readonly example: Example | undefined;
  /** null until the server has told. */
  readonly model: ModelFacts | null;
  readonly onRetry: () => void;
}

export function VerdictCard(props: VerdictCardProps) {
  const { cardRef, outcome, judging, stale } = props;
  const dimmed = judging || stale;
  return (
    <section
      ref={cardRef}
      class={`verdict ${outcome.kind}${dimmed ? ' dimmed' : ''}`}
      aria-labelledby="verdict-heading"
      aria-busy={judging}
      tabIndex={-1}
    >
      <h2 id="verdict-heading" class="kicker">
        {strings.verdictHeading}
      </h2>
      {stale && !judging && <p class="stale">{strings.stale}</p>}
      <CardBody {...props} />
    </section>
  );
}

function CardBody({ outcome, judging, example, model, onRetry }: VerdictCardProps) {
  if (outcome.kind === 'failure')
    return (
      <div role="alert">
        <FailureNote failure={outcome.failure} onRetry={onRetry} />
      </div>
    );
  if (outcome.kind === 'verdict')
    return (
      <Answer key={outcome.verdict.requestId} verdict={outcome.verdict} example={example} model={model} />
    );
  return (
    <>
      <p class="empty-title">{judging ? strings.judging : strings.emptyTitle}</p>
      <p class="empty-text">{strings.emptyText}</p>
    </>
  );
}

interface AnswerProps {
  readonly verdict: Verdict;
  readonly example: Example | undefined;
  readonly model: ModelFacts | null;
}

function Answer({ verdict, example, model }: AnswerProps) {
  const { label, probability, abstained } = verdict;
  const classNames = model?.classNames ?? Object.keys(verdict.probabilities);
  const threshold = model?.calibration.abstainBelow ?? 0;
  const index = classNames.indexOf(label);
  const receipt = { view: 'receipt', id: verdict.predictionId } as const;
  return (
    <>
      <p class={`headline ${abstained ? 'hue-none' : classHue(index)}`}>
        {abstained ? (
          <span class="label">{strings.notSure}</span>
        ) : (
          <>
            <span class="strength">{strings.verdictWord[describeStrength(probability)]}</span>{' '}
            <span class="label">
              <ClassMark index={index} />
              {label}
            </span>{' '}
            <span class="probability">{formatProbability(probability)}</span>
          </>
        )}
      </p>
      {abstained && <p>{explainAbstention(verdict, threshold)}</p>}
      <ProbabilityBars verdict={verdict} classNames={classNames} threshold={threshold} />
      {example !== undefined && <Agreement verdict={verdict} example={example} />}
      {verdict.warnings.length > 0 && (
        <ul class="warnings" aria-label={strings.mind}>
          {verdict.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      {model !== null && (
        <>
          <h3 class="kicker">{strings.meaningHeading}</h3>
          <p class="meaning">{strings.meaning(assessTrust(model), label, probability)}</p>
          <BothFigures facts={model} compact />
        </>
      )}
      <OpinionForm verdict={verdict} classNames={classNames} />
      <dl class="origin">
        <div>
          <dt>{strings.factModel}</dt>
          <dd>{verdict.modelVersion}</dd>
        </div>
        {model !== null && (
          <div>
            <dt>{strings.factData}</dt>
            <dd>
              {model.dataset.name} <code>{model.dataset.version}</code>
              {model.dataset.synthetic && ` (${strings.invented})`}
            </dd>
          </div>
        )}
        <div>
          <dt>{strings.factRequest}</dt>
          <dd>
            {strings.factTime(verdict.latencyMs)}, <code>{verdict.requestId}</code>
          </dd>
        </div>
        <div>
          <dt>{strings.factAnswer}</dt>
          <dd>
            <a href={formatAddress(receipt)}>
              <code>{verdict.predictionId}</code>
            </a>{' '}
            <CopyButton text={linkTo(receipt)} label={strings.copyLink} />
          </dd>
        </div>
      </dl>
      <p class="onward">
        <a href={formatAddress({ view: 'model' })}>{strings.limitsLink}</a>
      </p>
    </>
  );
}

function ProbabilityBars(props: {
  readonly verdict: Verdict;
  readonly classNames: readonly string[];
  readonly threshold: number;
}) {
  const { verdict, classNames, threshold } = props;
  return (
    <>
      <dl class="bars" aria-label={strings.probabilities}>
        {classNames.map((name, index) => {
          const share = verdict.probabilities[name] ?? 0;
          return (
            <div key={name} class={name === verdict.label ? 'winner' : ''}>
              <dt>
                <ClassMark index={index} />
                {name}
              </dt>
              <dd>
                <ClassBar index={index} share={share} threshold={name === verdict.label ? threshold : 0} />
                <span class="share">{formatProbability(share)}</span>
              </dd>
            </div>
          );
        })}
      </dl>
      {threshold > 0 && (
        <p class="fine threshold">
          <span class="notch-sample" aria-hidden="true" /> {strings.threshold(threshold)}
        </p>
      )}
    </>
  );
}

function Agreement({ verdict, example }: { readonly verdict: Verdict; readonly example: Example }) {
  const ending = verdict.abstained
    ? strings.writtenAsUnsure
    : verdict.label === example.label
      ? strings.writtenAsRight
      : strings.writtenAsWrong;
  return (
    <p class="agreement">
      {strings.writtenAs(example.label)}: {ending}
    </p>
  );
}

function explainAbstention({ label, probability }: Verdict, threshold: number): string {
  return threshold > 0
    ? strings.notSureBecause(label, probability, threshold)
    : strings.notSurePlain(label, probability);
}

/** The outcome in one sentence, for screen readers; failures announce themselves. */
export function announceOutcome(outcome: Outcome, model: ModelFacts | null): string {
  if (outcome.kind !== 'verdict') return '';
  const { verdict } = outcome;
  if (verdict.abstained)
    return strings.announceNotSure(explainAbstention(verdict, model?.calibration.abstainBelow ?? 0));
  const words = `${strings.verdictWord[describeStrength(verdict.probability)]} ${verdict.label}`;
  return strings.announceVerdict(words, verdict.probability);
}
