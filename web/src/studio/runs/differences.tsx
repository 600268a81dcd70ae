// What differs between the configurations of the selected runs.
import { useCallback } from 'preact/hooks';
import type { RunFacts } from '../../../../src/client/studio-types.ts';
import { useLoaded } from '../../loading.ts';
import { LookMark } from '../charts/chart-legend.tsx';
import type { Look } from '../charts/series-looks.ts';
import { compareRuns } from '../studio-api.ts';
import { studioStrings } from '../studio-strings.ts';
import { StudioFailure } from '../studio-view.tsx';
import { formatSetting, nameRun } from './columns.ts';

export function Differences(props: {
  readonly runs: readonly RunFacts[];
  readonly looks: ReadonlyMap<string, Look>;
}) {
  const { runs, looks } = props;
  const key = runs.map(({ id }) => id).join(',');
  const load = useCallback((signal: AbortSignal) => compareRuns(key.split(','), signal), [key]);
  const [found, retry] = useLoaded(load);
  return (
    <div class="card-part" aria-busy={found.state === 'loading'}>
      <h2 id="differences-heading">{studioStrings.differencesHeading}</h2>
      {found.state === 'loading' && <p class="fine">{studioStrings.loading}</p>}
      {found.state === 'failed' && <StudioFailure failure={found.failure} onRetry={retry} />}
      {found.state === 'loaded' &&
        (found.value.differences.length === 0 ? (
          <p>{studioStrings.differencesNone(found.value.same)}</p>
        ) : (
          <>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to reach what scrolls */}
            <section class="table-frame" aria-labelledby="differences-heading" tabIndex={0}>
              <table class="differences">
                <thead>
                  <tr>
                    <th scope="col">{studioStrings.differencesSetting}</th>
                    {runs.map((run) => (
                      <th key={run.id} scope="col">
                        <LookMark look={looks.get(run.id) ?? 0} /> {nameRun(run)}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {found.value.differences.map(({ path, values, absent }) => (
                    <tr key={path}>
                      <th scope="row">
                        <code>{path}</code>
                      </th>
                      {values.map((value, index) => (
                        <td key={index}>
                          {absent.includes(index) ? (
                            <span class="fine">{studioStrings.absent}</span>
                          ) : (
                            formatSetting(value)
                          )}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
            <p class="fine">{studioStrings.differencesSame(found.value.same)}</p>
          </>
        ))}
    </div>
  );
}
