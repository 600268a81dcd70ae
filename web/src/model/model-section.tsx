// A summary of the model: both figures, its limits in plain words, and its origin.
import { formatAddress } from '../address.ts';
import type { ModelFacts } from '../api.ts';
import type { Loadable } from '../loading.ts';
import { formatDate, formatSize } from '../numbers.ts';
import { FailureNote } from '../page-frame.tsx';
import { strings } from '../strings.ts';
import { BothFigures } from './figures.tsx';

export function ModelSection(props: { readonly facts: Loadable<ModelFacts>; readonly onRetry: () => void }) {
  const { facts, onRetry } = props;
  return (
    <section
      class="model"
      id="model"
      aria-labelledby="model-heading"
      aria-busy={facts.state === 'loading'}
      tabIndex={-1}
    >
      <h2 id="model-heading">{strings.modelHeading}</h2>
      {facts.state === 'loading' && <p class="fine">{strings.modelLoading}</p>}
      {facts.state === 'failed' && <FailureNote failure={facts.failure} onRetry={onRetry} />}
      {facts.state === 'loaded' && <Record facts={facts.value} />}
    </section>
  );
}

function Record({ facts }: { readonly facts: ModelFacts }) {
  return (
    <>
      <BothFigures facts={facts} />
      <div class="record">
        <div>
          <h3>{strings.limitsHeading}</h3>
          <ul class="limits">
            {facts.limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </div>
        <div>
          <h3>{strings.detailsHeading}</h3>
          <ModelDetails facts={facts} />
        </div>
      </div>
      <p class="onward">
        <a href={formatAddress({ view: 'model' })}>{strings.modelMore}</a>
      </p>
    </>
  );
}

/** Version, data, run and calibration, name by name. */
export function ModelDetails({ facts }: { readonly facts: ModelFacts }) {
  const { temperature } = facts.calibration;
  const details: readonly (readonly [string, string])[] = [
    [strings.detailVersion, facts.modelVersion],
    [strings.detailKind, strings.detailKindValue(facts.model, formatSize(facts.parameterCount))],
    [
      strings.detailData,
      facts.dataset.synthetic ? `${facts.dataset.name} (${strings.invented})` : facts.dataset.name,
    ],
    [strings.detailDataVersion, facts.dataset.version],
    [strings.detailRun, facts.runId],
    [strings.detailMade, formatDate(facts.createdAt)],
    [
      strings.detailCalibration,
      [
        temperature === 1 ? strings.notCalibrated : strings.calibrated(temperature),
        ...(facts.inSource === null ? [] : [strings.calibrationError(facts.inSource.metrics.ece)]),
      ].join('; '),
    ],
  ];
  return (
    <dl class="details">
      {details.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
