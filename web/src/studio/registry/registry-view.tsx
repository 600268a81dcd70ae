// The view "Registry": versions by name, their stages and figures, promotion and rollback with the reason asked for.
import { useCallback, useEffect, useState } from 'preact/hooks';
import type {
  RegistryFound,
  RegistryVersion,
  StageChanged,
  StageChangeFacts,
} from '../../../../src/client/studio-types.ts';
import { useLoaded } from '../../loading.ts';
import { formatDate, formatShare, formatTime } from '../../numbers.ts';
import { computeWilsonInterval } from '../../reading.ts';
import { linkToPlace } from '../place.ts';
import { formatBytes, shortenId } from '../runs/columns.ts';
import { loadName, loadRegistry } from '../studio-api.ts';
import { studioStrings } from '../studio-strings.ts';
import { StudioFailure, type StudioViewProps } from '../studio-view.tsx';
import { PromoteDialog, RollbackDialog } from './stage-dialogs.tsx';

export function RegistryView({ onKeyNeeded }: StudioViewProps) {
  const [registry, reload] = useLoaded(loadRegistry);
  useEffect(() => {
    if (registry.state === 'failed') onKeyNeeded(registry.failure);
  }, [registry]);
  return (
    <>
      <div class="intro studio-intro">
        <div>
          <h1>{studioStrings.registryHeading}</h1>
          <p class="fine">
            {registry.state === 'loaded' && registry.value.served !== null
              ? studioStrings.registryServed(registry.value.served)
              : studioStrings.registryLead}
          </p>
        </div>
      </div>
      {registry.state === 'loading' && <p class="fine view-loading">{studioStrings.loading}</p>}
      {registry.state === 'failed' && <StudioFailure failure={registry.failure} onRetry={reload} />}
      {registry.state === 'loaded' && <Names registry={registry.value} reload={reload} />}
    </>
  );
}

function Names({ registry, reload }: { readonly registry: RegistryFound; readonly reload: () => void }) {
  const names = [...new Set(registry.versions.map(({ name }) => name))];
  return (
    <>
      {registry.undecided.length > 0 && (
        <p class="notice" role="note">
          {studioStrings.registryUndecided(registry.undecided)}
        </p>
      )}
      {registry.damaged.map(({ reference, message }) => (
        <p key={reference} class="notice" role="note">
          <strong>{reference}</strong> {message}
        </p>
      ))}
      {names.length === 0 && (
        <div class="empty">
          <p>{studioStrings.registryNone}</p>
          <p class="fine">{studioStrings.registryNoneAdvice}</p>
        </div>
      )}
      {names.map((name) => (
        <OneName
          key={name}
          name={name}
          versions={registry.versions.filter((version) => version.name === name)}
          registry={registry}
          reload={reload}
        />
      ))}
    </>
  );
}

type Asked =
  | { readonly kind: 'promote'; readonly version: RegistryVersion }
  | { readonly kind: 'rollback' }
  | null;

function OneName(props: {
  readonly name: string;
  readonly versions: readonly RegistryVersion[];
  readonly registry: RegistryFound;
  readonly reload: () => void;
}) {
  const { name, versions, registry, reload } = props;
  const load = useCallback((signal: AbortSignal) => loadName(name, signal), [name]);
  const [details, reloadName] = useLoaded(load);
  const [asked, setAsked] = useState<Asked>(null);
  const [said, setSaid] = useState('');
  const rollbackTo = details.state === 'loaded' ? details.value.rollbackTo : null;
  const inProduction = versions.find(({ stages }) => stages.includes('production'));
  const done = ({ change, needsRestart }: StageChanged): void => {
    setSaid(
      [
        studioStrings.stageDone(
          `${name}@${change.version ?? ''}`,
          studioStrings.stages[change.stage] ?? change.stage,
        ),
        ...(needsRestart ? [studioStrings.needsRestart] : []),
      ].join(' '),
    );
    reload();
    reloadName();
  };
  const heading = `name-${name}`;
  return (
    <div class="card-part">
      <div class="name-head">
        <h2 id={heading}>{name}</h2>
        {rollbackTo !== null && (
          <button type="button" class="quiet" onClick={() => setAsked({ kind: 'rollback' })}>
            {studioStrings.rollback}
          </button>
        )}
      </div>
      <p role="status" class="stage-said">
        {said}
      </p>
      <VersionTable
        versions={versions}
        labelledBy={heading}
        onPromote={(version) => setAsked({ kind: 'promote', version })}
      />
      {details.state === 'loaded' && <StageHistory history={details.value.history} />}
      {asked?.kind === 'promote' && (
        <PromoteDialog
          version={asked.version}
          versions={versions}
          served={registry.served}
          onDone={done}
          onClose={() => setAsked(null)}
        />
      )}
      {asked?.kind === 'rollback' && rollbackTo !== null && (
        <RollbackDialog
          name={name}
          from={inProduction?.reference ?? null}
          to={rollbackTo}
          onDone={done}
          onClose={() => setAsked(null)}
        />
      )}
    </div>
  );
}

function VersionTable(props: {
  readonly versions: readonly RegistryVersion[];
  readonly labelledBy: string;
  readonly onPromote: (version: RegistryVersion) => void;
}) {
  const { versions, labelledBy, onPromote } = props;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to reach what scrolls
    <section class="table-frame versions" aria-labelledby={labelledBy} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{studioStrings.version}</th>
            <th scope="col">{studioStrings.stage}</th>
            <th scope="col">{studioStrings.ownFigure}</th>
            <th scope="col">{studioStrings.otherFigure}</th>
            <th scope="col">{studioStrings.columnNames.run}</th>
            <th scope="col">{studioStrings.size}</th>
            <th scope="col">{studioStrings.registered}</th>
            <th scope="col">{studioStrings.actions}</th>
          </tr>
        </thead>
        <tbody>
          {[...versions].reverse().map((version) => (
            <tr key={version.version}>
              <th scope="row">
                <a href={linkToPlace('lineage', version.reference)}>{version.reference}</a>
              </th>
              <td>
                {version.stages.length === 0 ? (
                  <span class="fine">{studioStrings.noStage}</span>
                ) : (
                  version.stages.map((stage) => (
                    <span key={stage} class={`tag stage-${stage}`}>
                      {studioStrings.stages[stage] ?? stage}
                    </span>
                  ))
                )}
              </td>
              <td>
                <Figure version={version} outOfSource={false} />
              </td>
              <td>
                <Figure version={version} outOfSource={true} />
              </td>
              <td>
                <a href={linkToPlace('runs', version.runId)} title={version.runId}>
                  {shortenId(version.runId)}
                </a>
              </td>
              <td>{formatBytes(version.sizeBytes)}</td>
              <td>{formatDate(version.createdAt)}</td>
              <td>
                <button
                  type="button"
                  class="small"
                  aria-label={studioStrings.promoteHeading(version.reference)}
                  onClick={() => onPromote(version)}
                >
                  {studioStrings.promote}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Accuracy with its 95% interval, for each collection. */
function Figure({
  version,
  outOfSource,
}: {
  readonly version: RegistryVersion;
  readonly outOfSource: boolean;
}) {
  const figures = version.evaluations.filter((one) => one.outOfSource === outOfSource);
  if (figures.length === 0) return <span class="fine">{studioStrings.notMeasured}</span>;
  return (
    <ul>
      {figures.map(({ collection, metrics, n }) => {
        const [low, high] = computeWilsonInterval(Math.round(metrics.accuracy * n), n);
        return (
          <li key={collection} class="figure-line">
            <strong>{formatShare(metrics.accuracy)}</strong>{' '}
            <span class="fine">
              {studioStrings.likelyBetween(formatShare(low), formatShare(high))}
              {outOfSource && ` ${collection}`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function StageHistory({ history }: { readonly history: readonly StageChangeFacts[] }) {
  if (history.length === 0) return null;
  return (
    <details class="stage-history">
      <summary>{`${studioStrings.stageHistory} (${history.length})`}</summary>
      <ol>
        {[...history].reverse().map((change) => (
          <li key={`${change.createdAt} ${change.version}`}>
            <time class="fine">{formatTime(change.createdAt)}</time>
            <span>
              {studioStrings.changeTo(
                change.version,
                studioStrings.stages[change.stage] ?? change.stage,
                change.action,
              )}
              {change.forced && <span class="tag trouble">{studioStrings.changeForced}</span>}
              <span class="note change-reason">{change.reason ?? studioStrings.noReason}</span>
              {change.note !== '' && <span class="note change-note">{change.note}</span>}
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}
