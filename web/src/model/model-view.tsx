// The view "Model": accuracy on its own and on other sources, calibration, limits, origin, and the served versions. The
// served versions change while the page is open, so they are loaded whenever the view opens.
import { useEffect } from 'preact/hooks';
import type { Figures, ModelFacts } from '../api.ts';
import type { ViewProps } from '../app.tsx';
import { ClassMark } from '../class-look.tsx';
import { formatCount, formatDate, formatShare } from '../numbers.ts';
import { FailureNote, SyntheticNotice, ViewHeading } from '../page-frame.tsx';
import { strings } from '../strings.ts';
import { BothFigures } from './figures.tsx';
import { ModelDetails } from './model-section.tsx';
import { ReliabilityDiagram } from './reliability.tsx';
import { RolloutState } from './rollout.tsx';

export function ModelView({ facts, onRetry }: ViewProps) {
  useEffect(() => {
    if (facts.state === 'loaded') onRetry();
  }, []);
  return (
    <>
      <ViewHeading
        heading={facts.state === 'loaded' ? facts.value.modelVersion : strings.views.model}
        lead={facts.state === 'loaded' ? strings.modelLead(facts.value.classNames) : strings.modelLoading}
      />
      {facts.state === 'failed' && (
        <div class="panel" role="alert">
          <FailureNote failure={facts.failure} onRetry={onRetry} />
        </div>
      )}
      {facts.state === 'loaded' && <Card facts={facts.value} />}
    </>
  );
}

function Card({ facts }: { readonly facts: ModelFacts }) {
  const measured = [...(facts.inSource === null ? [] : [facts.inSource]), ...facts.outOfSource];
  return (
    <>
      {facts.dataset.synthetic && <SyntheticNotice />}
      <section class="card-part" aria-labelledby="figures-heading">
        <h2 id="figures-heading">{strings.figuresHeading}</h2>
        <p class="section-lead">{strings.figuresLead}</p>
        <BothFigures facts={facts} />
      </section>
      <section class="card-part" aria-labelledby="limits-heading">
        <h2 id="limits-heading">{strings.limitsHeading}</h2>
        <ul class="limits">
          {facts.limits.map((limit) => (
            <li key={limit}>{limit}</li>
          ))}
        </ul>
      </section>
      <section class="card-part" aria-labelledby="reliability-heading">
        <h2 id="reliability-heading">{strings.reliabilityHeading}</h2>
        <p class="section-lead">{strings.reliabilityLead}</p>
        <div class="diagrams">
          {measured.map((figures) => (
            <Collection key={figures.collection} figures={figures} classNames={facts.classNames} />
          ))}
        </div>
        {measured.length === 0 && <p class="fine">{strings.ownMissingNote}</p>}
      </section>
      <section class="card-part" aria-labelledby="origin-heading">
        <h2 id="origin-heading">{strings.detailsHeading}</h2>
        <ModelDetails facts={facts} />
      </section>
      <RolloutState facts={facts} />
      <Versions facts={facts} />
    </>
  );
}

function Collection(props: { readonly figures: Figures; readonly classNames: readonly string[] }) {
  const { figures, classNames } = props;
  const { collection, outOfSource, synthetic, metrics, perClass, abstention, n } = figures;
  return (
    <section class="collection">
      <h3>
        {outOfSource ? strings.otherFigure : strings.ownFigure}
        <span class="note">
          {collection}
          {synthetic && `, ${strings.invented}`}; {strings.articleCount(n)}
        </span>
      </h3>
      {figures.reliability.length > 0 && <ReliabilityDiagram figures={figures} />}
      <dl class="details">
        <div>
          <dt>{strings.calibrationErrorName}</dt>
          <dd>{strings.points(metrics.ece)}</dd>
        </div>
        <div>
          <dt>{strings.answeredName}</dt>
          <dd>
            {abstention.threshold > 0
              ? strings.answered(abstention.answered, abstention.accuracyAnswered)
              : strings.neverUnsure}
          </dd>
        </div>
      </dl>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">{strings.className}</th>
            <th scope="col">{strings.precision}</th>
            <th scope="col">{strings.recall}</th>
            <th scope="col">{strings.articles}</th>
          </tr>
        </thead>
        <tbody>
          {perClass.map(({ name, precision, recall, support }) => (
            <tr key={name}>
              <th scope="row">
                <ClassMark index={classNames.indexOf(name)} /> {name}
              </th>
              <td>{formatShare(precision)}</td>
              <td>{formatShare(recall)}</td>
              <td>{formatCount(support)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="fine">{strings.perClassNote(perClass[0]?.name ?? '')}</p>
    </section>
  );
}

function Versions({ facts }: { readonly facts: ModelFacts }) {
  const versions = facts.versions ?? [];
  if (versions.length === 0) return null;
  return (
    <div class="card-part">
      <h2 id="versions-heading">{strings.versionsHeading}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to reach what scrolls */}
      <section class="table-frame" aria-labelledby="versions-heading" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{strings.detailVersion}</th>
              <th scope="col">{strings.stage}</th>
              <th scope="col">{strings.registered}</th>
              <th scope="col">{strings.ownFigure}</th>
              <th scope="col">{strings.otherFigure}</th>
            </tr>
          </thead>
          <tbody>
            {versions.map((version) => (
              <tr
                key={version.modelVersion}
                class={version.modelVersion === facts.modelVersion ? 'current' : ''}
              >
                <th scope="row">
                  {version.modelVersion}
                  {version.modelVersion === facts.modelVersion && (
                    <span class="tag">{strings.answersNow}</span>
                  )}
                </th>
                <td>{version.stages.length === 0 ? strings.noStage : version.stages.join(', ')}</td>
                <td>{formatDate(version.createdAt)}</td>
                <td>{version.inSource === null ? strings.ownMissing : formatShare(version.inSource)}</td>
                <td>
                  {version.outOfSource === null ? strings.otherMissing : formatShare(version.outOfSource)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
