// The card of a prediction. At the top: the class and how sure the model is. Below: the probability of each class, what
// the number means, and which model made the prediction.
import type { RefObject } from 'preact';
import { formatAddress, linkTo } from '../address.ts';
import type { Article, Example, FailureFacts, ModelFacts, PredictResponse } from '../api.ts';
import { ClassBar, ClassMark, classHue } from '../class-look.tsx';
import { CopyButton } from '../copy-button.tsx';
import { BothFigures } from '../model/figures.tsx';
import { formatBeside, formatPredicted, formatProbability } from '../numbers.ts';
import { FailureNote } from '../page-frame.tsx';
import { assessTrust, chooseStrength } from '../reading.ts';
import { strings } from '../strings.ts';
import { FeedbackForm } from './feedback-form.tsx';

export type Outcome =
  | { readonly kind: 'none' }
  | { readonly kind: 'prediction'; readonly prediction: PredictResponse; readonly article: Article }
  | { readonly kind: 'failure'; readonly failure: FailureFacts };

export interface PredictionCardProps {
  readonly cardRef: RefObject<HTMLElement | null>;
  readonly outcome: Outcome;
  readonly checking: boolean;
  readonly hasExamples: boolean;
  /** The article was edited after it was checked. */
  readonly stale: boolean;
  /** The example whose prediction is shown, if the article is an example. */
  readonly example: Example | undefined;
  /** null until the server has responded. */
  readonly model: ModelFacts | null;
  readonly onRetry: () => void;
}

export function PredictionCard(props: PredictionCardProps) {
  const { cardRef, outcome, checking, stale } = props;
  const dimmed = checking || stale;
  return (
    <section
      ref={cardRef}
      class={`prediction${outcome.kind === 'none' ? ' none' : ''}${dimmed ? ' dimmed' : ''}`}
      aria-labelledby="prediction-heading"
      aria-busy={checking}
      tabIndex={-1}
    >
      <h2 id="prediction-heading" class="kicker">
        {strings.predictionHeading}
      </h2>
      {stale && !checking && <p class="stale">{strings.stale}</p>}
      <CardBody {...props} />
    </section>
  );
}

function CardBody({ outcome, checking, hasExamples, example, model, onRetry }: PredictionCardProps) {
  if (outcome.kind === 'failure')
    return (
      <div role="alert">
        <FailureNote failure={outcome.failure} onRetry={onRetry} />
      </div>
    );
  if (outcome.kind === 'prediction')
    return (
      <Answer
        key={outcome.prediction.requestId}
        prediction={outcome.prediction}
        example={example}
        model={model}
      />
    );
  return (
    <>
      <p class="empty-title">{checking ? strings.checking : strings.emptyTitle}</p>
      <p class="empty-text">{strings.emptyText(hasExamples)}</p>
    </>
  );
}

interface AnswerProps {
  readonly prediction: PredictResponse;
  readonly example: Example | undefined;
  readonly model: ModelFacts | null;
}

function Answer({ prediction, example, model }: AnswerProps) {
  const { label, probability, abstained } = prediction;
  const classNames = model?.classNames ?? Object.keys(prediction.probabilities);
  const threshold = model?.calibration.abstainBelow ?? 0;
  const index = classNames.indexOf(label);
  const { predictionId } = prediction;
  const receipt = predictionId === null ? null : ({ view: 'receipt', id: predictionId } as const);
  return (
    <>
      <p class={`headline ${abstained ? 'hue-none' : classHue(index)}`}>
        {abstained ? (
          <span class="label">{strings.notSure}</span>
        ) : (
          <>
            <span class="strength">{strings.strengthWord[chooseStrength(probability)]}</span>{' '}
            <span class={`label ${chooseSize(label)}`}>
              <ClassMark index={index} />
              <span>{label}</span>
            </span>{' '}
            <span class="probability">{formatProbability(probability)}</span>
          </>
        )}
      </p>
      {abstained && <p>{explainAbstention(prediction, threshold)}</p>}
      <ProbabilityBars prediction={prediction} classNames={classNames} threshold={threshold} />
      {example !== undefined && <Agreement prediction={prediction} example={example} />}
      {prediction.warnings.length > 0 && (
        <ul class="warnings" aria-label={strings.warnings}>
          {prediction.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      {model !== null && (
        <>
          <h3 class="kicker">{strings.meaningHeading}</h3>
          <p class="meaning">{strings.meaning(assessTrust(model, prediction))}</p>
          <BothFigures facts={model} compact />
        </>
      )}
      {predictionId === null ? (
        <p class="fine feedback-missing">{strings.feedbackNotKept}</p>
      ) : (
        <FeedbackForm prediction={prediction} predictionId={predictionId} classNames={classNames} />
      )}
      <dl class="origin">
        <div>
          <dt>{strings.factModel}</dt>
          <dd>{prediction.modelVersion}</dd>
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
            {strings.factTime(prediction.latencyMs)}, <code>{prediction.requestId}</code>
          </dd>
        </div>
        {receipt !== null && (
          <div>
            <dt>{strings.factAnswer}</dt>
            <dd>
              <a href={formatAddress(receipt)}>
                <code>{receipt.id}</code>
              </a>{' '}
              <CopyButton text={linkTo(receipt)} label={strings.copyLink} />
            </dd>
          </div>
        )}
      </dl>
      <p class="onward">
        <a href={formatAddress({ view: 'model' })}>{strings.limitsLink}</a>
      </p>
    </>
  );
}

/** A long word gets a smaller size, so that it fits beside its mark and its probability. */
function chooseSize(label: string): '' | 'long' | 'longer' {
  const longest = Math.max(...label.split(/[\s-]/).map((word) => word.length));
  return longest > 13 ? 'longer' : longest > 8 ? 'long' : '';
}

function ProbabilityBars(props: {
  readonly prediction: PredictResponse;
  readonly classNames: readonly string[];
  readonly threshold: number;
}) {
  const { prediction, classNames, threshold } = props;
  return (
    <>
      <dl class="bars" aria-label={strings.probabilities}>
        {classNames.map((name, index) => {
          const share = prediction.probabilities[name] ?? 0;
          return (
            <div key={name} class={name === prediction.label ? 'winner' : ''}>
              <dt>
                <ClassMark index={index} />
                {name}
              </dt>
              <dd>
                <ClassBar index={index} share={share} threshold={name === prediction.label ? threshold : 0} />
                <span class="share">
                  {name === prediction.label
                    ? formatPredicted(prediction, threshold)
                    : formatProbability(share)}
                </span>
              </dd>
            </div>
          );
        })}
      </dl>
      {threshold > 0 && (
        <p class="fine threshold">
          <span class="notch-sample" aria-hidden="true" />{' '}
          {strings.threshold(formatBeside(threshold, prediction.abstained ? prediction.probability : 0)[0])}
        </p>
      )}
    </>
  );
}

function Agreement({
  prediction,
  example,
}: {
  readonly prediction: PredictResponse;
  readonly example: Example;
}) {
  const ending = prediction.abstained
    ? strings.writtenAsUnsure
    : prediction.label === example.label
      ? strings.writtenAsRight
      : strings.writtenAsWrong;
  return (
    <p class="agreement">
      {strings.writtenAs(example.label)}: {ending}
    </p>
  );
}

function explainAbstention({ label, probability }: PredictResponse, threshold: number): string {
  return threshold > 0
    ? strings.notSureBecause(label, probability, threshold)
    : strings.notSurePlain(label, probability);
}

/** The outcome as one sentence for screen readers; a failure has its own role="alert". */
export function announceOutcome(outcome: Outcome, model: ModelFacts | null): string {
  if (outcome.kind !== 'prediction') return '';
  const { prediction } = outcome;
  if (prediction.abstained)
    return strings.announceNotSure(explainAbstention(prediction, model?.calibration.abstainBelow ?? 0));
  const words = `${strings.strengthWord[chooseStrength(prediction.probability)]} ${prediction.label}`;
  return strings.announcePrediction(words, prediction.probability);
}
