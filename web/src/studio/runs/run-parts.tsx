// The parts of one run that are read: configuration, log, artifacts, histograms, texts and environment.
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type {
  ConfigurationValue,
  RunArtifact,
  RunFacts,
  RunHistogram,
  RunText,
} from '../../../../src/client/studio-types.ts';
import { CopyButton } from '../../copy-button.tsx';
import { useLoaded } from '../../loading.ts';
import { formatTime } from '../../numbers.ts';
import { strings } from '../../strings.ts';
import { Histogram } from '../charts/histogram.tsx';
import { loadRunLog } from '../studio-api.ts';
import { studioStrings } from '../studio-strings.ts';
import { StudioFailure } from '../studio-view.tsx';
import { formatBytes, formatSetting } from './columns.ts';

export function ConfigurationPart(props: { readonly configuration: readonly ConfigurationValue[] }) {
  const [text, setText] = useState('');
  const found = props.configuration.filter(({ path }) =>
    path.toLowerCase().includes(text.trim().toLowerCase()),
  );
  return (
    <div class="part">
      <input
        type="search"
        class="part-search"
        aria-label={studioStrings.configurationFilter}
        placeholder={studioStrings.configurationFilter}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {found.length === 0 ? (
        <p class="fine">{studioStrings.configurationNone}</p>
      ) : (
        <Frame label={studioStrings.runParts.configuration}>
          <thead>
            <tr>
              <th scope="col">{studioStrings.differencesSetting}</th>
              <th scope="col">{studioStrings.configurationValue}</th>
              <th scope="col">{studioStrings.configurationOrigin}</th>
            </tr>
          </thead>
          <tbody>
            {found.map(({ path, value, origin }) => (
              <tr key={path}>
                <th scope="row">
                  <code>{path}</code>
                </th>
                <td>{formatSetting(value)}</td>
                <td class="fine">{origin ?? strings.unknown}</td>
              </tr>
            ))}
          </tbody>
        </Frame>
      )}
    </div>
  );
}

/** While the run goes on, its log is fetched this often. */
const LOG_EVERY_MS = 3000;

export function LogPart({ run }: { readonly run: RunFacts }) {
  const load = useCallback((signal: AbortSignal) => loadRunLog(run.id, signal), [run.id]);
  const [log, reload] = useLoaded(load);
  const list = useRef<HTMLOListElement>(null);
  const isAtEnd = useRef(true);
  const isRunning = run.status === 'running';
  useEffect(() => {
    // once more after its end, for the last lines
    reload();
    if (!isRunning) return;
    const timer = setInterval(reload, LOG_EVERY_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  useLayoutEffect(() => {
    // the end stays in sight unless somebody has scrolled up
    if (isRunning && isAtEnd.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [log]);
  if (log.state === 'loading') return <p class="fine">{studioStrings.loading}</p>;
  if (log.state === 'failed') return <StudioFailure failure={log.failure} onRetry={reload} />;
  if (log.value.lines.length === 0) return <p class="fine">{studioStrings.logNone}</p>;
  return (
    <section class="part" aria-label={studioStrings.runParts.log}>
      <ol
        ref={list}
        class="log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to reach what scrolls
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
          isAtEnd.current = scrollTop + clientHeight > scrollHeight - 20;
        }}
      >
        {log.value.lines.map(({ createdAt, level, text }, index) => (
          <li key={`${index} ${text}`} class={`log-${level}`}>
            <time>{createdAt === null ? '' : formatTime(createdAt)}</time>
            <code>{text}</code>
          </li>
        ))}
      </ol>
    </section>
  );
}

export function ArtifactsPart(props: {
  readonly artifacts: readonly RunArtifact[];
  readonly paths: Readonly<Record<string, string>>;
}) {
  const { artifacts, paths } = props;
  return (
    <div class="part">
      {artifacts.length === 0 ? (
        <p class="fine">{studioStrings.artifactsNone}</p>
      ) : (
        <Frame label={studioStrings.runParts.artifacts}>
          <thead>
            <tr>
              <th scope="col">{studioStrings.artifactName}</th>
              <th scope="col">{studioStrings.artifactKind}</th>
              <th scope="col">{studioStrings.artifactSize}</th>
              <th scope="col">{studioStrings.artifactDigest}</th>
              <th scope="col">{studioStrings.artifactPath}</th>
            </tr>
          </thead>
          <tbody>
            {artifacts.map(({ name, kind, sizeBytes, digest, path }) => (
              <tr key={`${name} ${digest}`}>
                <th scope="row">{name}</th>
                <td>{kind}</td>
                <td>{formatBytes(sizeBytes)}</td>
                <td>
                  <code title={digest}>{`${digest.slice(0, 19)}…`}</code>{' '}
                  <CopyButton text={digest} label={strings.copy} />
                </td>
                <td>
                  <code>{path}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </Frame>
      )}
      <dl class="details">
        {Object.entries(paths).map(([name, path]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{path}</code>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

export function HistogramsPart({ histograms }: { readonly histograms: readonly RunHistogram[] }) {
  if (histograms.length === 0) return <p class="fine">{studioStrings.histogramsNone}</p>;
  const names = [...new Set(histograms.map(({ name }) => name))];
  return (
    <section class="part chart-grid" aria-label={studioStrings.runParts.histograms}>
      {names.map((name) => (
        <HistogramOverSteps key={name} histograms={histograms.filter((one) => one.name === name)} />
      ))}
    </section>
  );
}

function HistogramOverSteps({ histograms }: { readonly histograms: readonly RunHistogram[] }) {
  const [at, setAt] = useState(histograms.length - 1);
  const shown = histograms[Math.min(at, histograms.length - 1)]!;
  return (
    <figure class="chart">
      <figcaption>{shown.name}</figcaption>
      <Histogram {...shown} />
      {histograms.length > 1 && (
        <label class="slider">
          {studioStrings.histogramStep}
          <input
            type="range"
            min="0"
            max={histograms.length - 1}
            value={at}
            aria-valuetext={studioStrings.histogramAt(shown.step)}
            onInput={(event) => setAt(Number(event.currentTarget.value))}
          />
          <output>{shown.step}</output>
        </label>
      )}
    </figure>
  );
}

export function TextsPart({ texts }: { readonly texts: readonly RunText[] }) {
  if (texts.length === 0) return <p class="fine">{studioStrings.textsNone}</p>;
  return (
    <section class="part" aria-label={studioStrings.runParts.texts}>
      {texts.map(({ name, step, text }) => (
        <article key={`${name} ${step}`}>
          <h3>
            {name} <span class="note">{studioStrings.histogramAt(step)}</span>
          </h3>
          <pre class="code">
            <code>{text}</code>
          </pre>
        </article>
      ))}
    </section>
  );
}

/** What was recorded when the run began, flat: `machine.cores`. */
export function EnvironmentPart({ head }: { readonly head: Readonly<Record<string, unknown>> }) {
  // where each setting comes from stands beside the setting
  const { origins: _, ...rest } = head;
  const rows = flattenRecord(rest);
  if (rows.length === 0) return <p class="fine">{studioStrings.environmentNone}</p>;
  return (
    <section class="part" aria-label={studioStrings.runParts.environment}>
      <dl class="details">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value.includes('\n') ? <pre class="code">{value}</pre> : value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Nested objects as dotted names; a list becomes one text. */
export function flattenRecord(value: unknown, prefix = ''): readonly (readonly [string, string])[] {
  if (value === null || value === undefined) return [];
  if (typeof value === 'object' && !Array.isArray(value))
    return Object.entries(value).flatMap(([name, inner]) =>
      flattenRecord(inner, prefix === '' ? name : `${prefix}.${name}`),
    );
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object'))
    return value.length === 0 ? [] : [[prefix, value.join(' ')]];
  return [[prefix, formatSetting(value)]];
}

function Frame(props: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to reach what scrolls
    <section class="table-frame" aria-label={props.label} tabIndex={0}>
      <table>{props.children}</table>
    </section>
  );
}
