// The view "Lineage": where something comes from and what became of it, drawn from raw files to deployments.
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LineageGraph, LineageNode } from '../../../../src/client/studio-types.ts';
import { useLoaded } from '../../loading.ts';
import { formatTime } from '../../numbers.ts';
import { formatValue } from '../charts/values.ts';
import { goTo, linkToPlace } from '../place.ts';
import { formatBytes } from '../runs/columns.ts';
import { listRuns, loadLineage, loadRegistry } from '../studio-api.ts';
import { studioStrings } from '../studio-strings.ts';
import { StudioFailure, type StudioViewProps } from '../studio-view.tsx';
import { BOX, findNeighbour, type PlacedNode, placeLineage, thinLineage } from './layout.ts';

/** Of one kind; more would not be readable at a glance. */
const MOST_OF_A_KIND = 10;

export function LineageView(props: StudioViewProps) {
  const { id } = props.place;
  return (
    <>
      <div class="intro studio-intro">
        <div>
          <h1>{studioStrings.lineageHeading}</h1>
          <p class="fine">{studioStrings.lineageLead}</p>
        </div>
      </div>
      <TraceForm />
      {id === undefined ? <FirstLineage {...props} /> : <LineageOf id={id} {...props} />}
    </>
  );
}

/** Any id leads to its lineage: a prediction is in no list of the studio. */
function TraceForm() {
  const submit = (event: Event): void => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem('id') as HTMLInputElement;
    const id = field.value.trim();
    if (id !== '') goTo({ section: 'lineage', id, query: {} });
  };
  return (
    <form class="trace-form" onSubmit={submit}>
      <label for="trace-id">{studioStrings.lineageTrace}</label>
      <input
        class="trace-field"
        id="trace-id"
        name="id"
        type="search"
        autocomplete="off"
        spellcheck={false}
        placeholder={studioStrings.lineageTraceExample}
      />
      <button type="submit" class="small">
        {studioStrings.lineageTraceGo}
      </button>
    </form>
  );
}

/** Where to begin: the version that is used where none is named, else the newest version, else the newest run. */
async function findStart(signal: AbortSignal): Promise<string | null> {
  const { served, versions } = await loadRegistry(signal);
  if (served !== null) return served;
  const newest = [...versions].sort((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
  if (newest !== undefined) return newest.reference;
  const { runs } = await listRuns({ limit: 1 }, signal);
  return runs[0]?.id ?? null;
}

function FirstLineage({ onKeyNeeded }: StudioViewProps) {
  const [start, reload] = useLoaded(findStart);
  useEffect(() => {
    if (start.state === 'failed') onKeyNeeded(start.failure);
    if (start.state === 'loaded' && start.value !== null)
      goTo({ section: 'lineage', id: start.value, query: {} }, true);
  }, [start]);
  if (start.state === 'failed') return <StudioFailure failure={start.failure} onRetry={reload} />;
  if (start.state === 'loaded' && start.value === null)
    return (
      <div class="empty">
        <p>{studioStrings.lineageNone}</p>
        <p class="fine">{studioStrings.lineageNoneAdvice}</p>
      </div>
    );
  return <p class="fine view-loading">{studioStrings.loading}</p>;
}

function LineageOf({ id, onKeyNeeded }: StudioViewProps & { readonly id: string }) {
  const load = useCallback((signal: AbortSignal) => loadLineage(id, signal), [id]);
  const [graph, reload] = useLoaded(load);
  const [shown, setShown] = useState<LineageGraph | null>(null);
  useEffect(() => {
    if (graph.state === 'failed') onKeyNeeded(graph.failure);
    // the drawing stays until the next one is there, so that nothing jumps
    if (graph.state === 'loaded') setShown(graph.value);
  }, [graph]);
  if (graph.state === 'failed') return <StudioFailure failure={graph.failure} onRetry={reload} />;
  if (shown === null) return <p class="fine view-loading">{studioStrings.loading}</p>;
  return <Drawing graph={shown} isLoading={graph.state === 'loading'} />;
}

function Drawing({ graph, isLoading }: { readonly graph: LineageGraph; readonly isLoading: boolean }) {
  const [drawsAll, setDrawsAll] = useState(false);
  const { layout, leftOut } = useMemo(() => {
    const thin = thinLineage(graph, drawsAll ? Number.POSITIVE_INFINITY : MOST_OF_A_KIND);
    return { layout: placeLineage(thin.graph), leftOut: thin.leftOut };
  }, [graph, drawsAll]);
  const frame = useRef<HTMLElement>(null);
  const chosen = graph.nodes.find(({ id }) => id === graph.id);
  useEffect(() => {
    // on a narrow screen the chosen part may be out of sight
    const node = layout.nodes.find(({ id }) => id === graph.id);
    const { current } = frame;
    if (node !== undefined && current !== null)
      current.scrollLeft = node.x + BOX.width / 2 - current.clientWidth / 2;
  }, [graph.id, layout]);
  const follow = (event: KeyboardEvent): void => {
    const id = (event.target as Element).closest('[data-node]')?.getAttribute('data-node');
    const next = id == null ? undefined : findNeighbour(layout, id, event.key);
    if (next === undefined) return;
    event.preventDefault();
    frame.current?.querySelector<SVGAElement>(`[data-node="${CSS.escape(next)}"]`)?.focus();
  };
  return (
    <div aria-busy={isLoading}>
      <section
        ref={frame}
        class="lineage-frame"
        aria-label={studioStrings.lineageLabel(layout.nodes.length)}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to reach what scrolls
        tabIndex={0}
        onKeyDown={follow}
      >
        {/* biome-ignore lint/a11y/noSvgWithoutTitle: the frame has a name, and each box its own */}
        <svg
          class="lineage"
          width={layout.width}
          height={layout.height}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
        >
          <g>
            {layout.edges.map(({ from, to }) => (
              <path
                key={`${from.id} ${to.id}`}
                class={from.id === graph.id || to.id === graph.id ? 'edge near' : 'edge'}
                d={drawEdge(from, to)}
              />
            ))}
          </g>
          {layout.nodes.map((node) => (
            <NodeBox key={node.id} node={node} isChosen={node.id === graph.id} />
          ))}
        </svg>
      </section>
      {leftOut.size > 0 && (
        <p class="fine lineage-more">
          {studioStrings.lineageMore(
            [...leftOut].map(([kind, count]) => [studioStrings.lineageKinds[kind] ?? kind, count]),
          )}{' '}
          <button type="button" class="small" onClick={() => setDrawsAll(true)}>
            {studioStrings.lineageAll}
          </button>
        </p>
      )}
      {chosen !== undefined && <NodeFacts node={chosen} graph={graph} />}
    </div>
  );
}

function drawEdge(from: PlacedNode, to: PlacedNode): string {
  const [x1, y1] = [from.x + BOX.width, from.y + BOX.height / 2];
  const [x2, y2] = [to.x, to.y + BOX.height / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

/** Characters that fit into a box. */
const LABEL = 19;

function NodeBox({ node, isChosen }: { readonly node: PlacedNode; readonly isChosen: boolean }) {
  const { id, kind, label, x, y, missing } = node;
  const kindName = studioStrings.lineageKinds[kind] ?? kind;
  const note = missing ? studioStrings.lineageMissing : describe(node);
  return (
    <a
      href={linkToPlace('lineage', id)}
      data-node={id}
      class={`node node-${kind}${isChosen ? ' chosen' : ''}${missing ? ' missing' : ''}`}
      aria-label={`${kindName}: ${label}${note === '' ? '' : `, ${note}`}`}
      aria-current={isChosen ? 'true' : undefined}
    >
      <title>{`${kindName}: ${label}`}</title>
      <rect x={x} y={y} width={BOX.width} height={BOX.height} rx="8" />
      <text class="node-kind" x={x + 12} y={y + 17}>
        {kindName}
      </text>
      <text class="node-label" x={x + 12} y={y + 35}>
        {cut(label, LABEL)}
      </text>
      <text class="node-note" x={x + 12} y={y + 52}>
        {cut(note, LABEL + 4)}
      </text>
    </a>
  );
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** The first fact that says most about a part. */
function describe({ facts, createdAt }: LineageNode): string {
  for (const name of ['status', 'stage', 'accuracy', 'rows', 'trials'])
    if (facts[name] !== undefined && facts[name] !== null) return formatFact(name, facts[name]);
  return createdAt === null ? '' : formatTime(createdAt);
}

function formatFact(name: string, value: string | number | boolean | null): string {
  if (typeof value !== 'number') return String(value);
  return name.endsWith('Bytes') ? formatBytes(value) : `${name} ${formatValue(value)}`;
}

/** The place of the studio that shows more about a part; undefined: there is none. */
function placeOf({ id, kind }: LineageNode): string | undefined {
  switch (kind) {
    case 'run':
      return linkToPlace('runs', id);
    case 'sweep':
      return linkToPlace('sweeps', id);
    case 'model':
    case 'deployment':
      return linkToPlace('registry');
    default:
      return undefined;
  }
}

function NodeFacts({ node, graph }: { readonly node: LineageNode; readonly graph: LineageGraph }) {
  const byId = new Map(graph.nodes.map((one) => [one.id, one]));
  const linked = (ids: readonly string[]) =>
    ids.length === 0 ? (
      <span class="fine">{studioStrings.lineageNothing}</span>
    ) : (
      <ul class="lineage-links">
        {ids.map((id) => (
          <li key={id}>
            <a href={linkToPlace('lineage', id)}>{byId.get(id)?.label ?? id}</a>{' '}
            <span class="fine">{studioStrings.lineageKinds[byId.get(id)?.kind ?? ''] ?? ''}</span>
          </li>
        ))}
      </ul>
    );
  const place = placeOf(node);
  return (
    <section class="card-part" aria-labelledby="node-heading">
      <div class="node-head">
        <h2 id="node-heading">{node.label}</h2>
        {place !== undefined && !node.missing && <a href={place}>{studioStrings.lineageOpen}</a>}
      </div>
      <p class="fine">
        {studioStrings.lineageKinds[node.kind] ?? node.kind}, <code>{node.id}</code>
        {node.missing && `, ${studioStrings.lineageMissing}`}
      </p>
      <dl class="details">
        {node.createdAt !== null && (
          <div>
            <dt>{studioStrings.created}</dt>
            <dd>{formatTime(node.createdAt)}</dd>
          </div>
        )}
        {Object.entries(node.facts).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {typeof value === 'number'
                ? name.endsWith('Bytes')
                  ? formatBytes(value)
                  : formatValue(value)
                : String(value ?? '–')}
            </dd>
          </div>
        ))}
        <div>
          <dt>{studioStrings.lineageFrom}</dt>
          <dd>{linked(graph.edges.filter(({ to }) => to === node.id).map(({ from }) => from))}</dd>
        </div>
        <div>
          <dt>{studioStrings.lineageTo}</dt>
          <dd>{linked(graph.edges.filter(({ from }) => from === node.id).map(({ to }) => to))}</dd>
        </div>
      </dl>
    </section>
  );
}
