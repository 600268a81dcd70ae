// Writes a lineage as text: the tree of what a record comes from, each record once, and what was made of it by kind.
import type { Lineage, LineageKind, TracedRecord } from '../../workflows/lineage/index.ts';
import { formatSize } from './removal-output.ts';

const KIND_NAMES: Readonly<Record<LineageKind, readonly [one: string, many: string]>> = {
  file: ['raw file', 'raw files'],
  dataset: ['dataset version', 'dataset versions'],
  pretrained: ['pretrained weights', 'pretrained weights'],
  commit: ['commit', 'commits'],
  run: ['run', 'runs'],
  sweep: ['sweep', 'sweeps'],
  model: ['model version', 'model versions'],
  deployment: ['deployment', 'deployments'],
  prediction: ['prediction', 'predictions'],
  evaluation: ['evaluation', 'evaluations'],
  feedback: ['feedback export', 'feedback exports'],
};

/** Characters of a digest that tell it from others. */
const SHORT_DIGEST = 12;

export function formatLineage(lineage: Lineage): string {
  const made = formatMade(lineage);
  return [...formatTree(lineage), ...(made === '' ? [] : ['', made])].join('\n');
}

function formatTree({ id, nodes, edges }: Lineage): string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map<string, string[]>();
  for (const { from, to } of edges) parents.set(to, [...(parents.get(to) ?? []), from]);
  const lines: string[] = [];
  const shown = new Set<string>();
  const add = (at: string, lead: string, below: string): void => {
    const node = byId.get(at);
    if (node === undefined) return;
    const isRepeated = shown.has(at);
    shown.add(at);
    const further = isRepeated ? [] : sortParents(parents.get(at) ?? [], byId);
    lines.push(`${lead}${formatNode(node)}${isRepeated ? ' (see above)' : ''}`);
    if (!isRepeated)
      for (const detail of formatDetails(node))
        lines.push(`${below}${further.length > 0 ? '│' : ' '}    ${detail}`);
    further.forEach((parent, i) => {
      const isLast = i === further.length - 1;
      add(parent, `${below}${isLast ? '└─ ' : '├─ '}`, `${below}${isLast ? '   ' : '│  '}`);
    });
  };
  add(id, '', '');
  return lines;
}

const ORDER: readonly LineageKind[] = ['commit', 'pretrained', 'model', 'run', 'sweep', 'dataset'];

/** What is told in a line comes before what has a tree of its own. */
function sortParents(ids: readonly string[], byId: ReadonlyMap<string, TracedRecord>): string[] {
  const rank = (id: string): number => {
    const at = ORDER.indexOf(byId.get(id)?.kind ?? 'file');
    return at === -1 ? ORDER.length : at;
  };
  return [...ids].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function formatNode(node: TracedRecord): string {
  const [kind] = KIND_NAMES[node.kind];
  const name = node.kind === 'commit' || node.kind === 'file' ? node.label : node.id;
  const more = describeNode(node);
  const gone = node.missing ? 'not in this home any more' : '';
  return [`${kind} ${name}`, ...[...more, gone].filter((part) => part !== '')].join('  ');
}

/** What a line says of a record behind its name. */
function describeNode({ kind, label, facts, createdAt }: TracedRecord): string[] {
  const text = (name: string): string => (facts[name] == null ? '' : String(facts[name]));
  const count = (name: string, noun: string): string =>
    typeof facts[name] === 'number' ? `${facts[name].toLocaleString('en')} ${noun}` : '';
  const share = (name: string): string =>
    typeof facts[name] === 'number' ? `${name} ${facts[name].toFixed(4)}` : '';
  const list = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ');
  const when = createdAt === null ? '' : createdAt.slice(0, 16).replace('T', ' ');
  switch (kind) {
    case 'file':
      return [
        list(typeof facts.sizeBytes === 'number' ? formatSize(facts.sizeBytes) : '', text('edition')),
        describeState(facts.now),
      ];
    case 'dataset':
      return [
        label,
        `${count('rows', 'rows')}${facts.train === undefined ? '' : ` (${list(count('train', 'train'), count('validation', 'validation'), count('test', 'test'))})`}`,
      ];
    case 'commit':
      return [describeChanges(facts)];
    case 'run':
      return [
        list(text('model'), text('status'), share('accuracy')),
        facts.reproduces === undefined ? '' : `repeats ${text('reproduces')}`,
      ];
    case 'model':
      return [
        list(
          text('precision') === '' ? '' : `compressed to ${text('precision')}`,
          facts.prunedHeads === undefined ? '' : count('prunedHeads', 'heads cut out'),
          share('accuracy'),
        ),
        facts.digest === undefined ? '' : `sha256 ${text('digest').slice(0, SHORT_DIGEST)}`,
      ];
    case 'prediction':
      return [
        `${text('label')} ${typeof facts.probability === 'number' ? `${(100 * facts.probability).toFixed(1)}%` : ''}`,
        when,
      ];
    case 'sweep':
      return [list(label, text('method'), text('metric'))];
    case 'evaluation':
      return [label, list(count('articles', 'articles'), share('accuracy'))];
    case 'feedback':
      return [list(count('rows', 'rows'), when)];
    default:
      return [];
  }
}

function describeState(now: unknown): string {
  if (now === 'unchanged') return 'unchanged on this disk';
  if (now === 'changed') return 'CHANGED since: the file that lies there now has other content';
  return now === 'gone' ? 'not at that path now' : '';
}

function describeChanges({ uncommitted, changesSha256, untrackedFiles }: TracedRecord['facts']): string {
  if (uncommitted === false) return 'no uncommitted changes';
  if (uncommitted !== true) return 'uncommitted changes not recorded';
  const untracked =
    typeof untrackedFiles === 'number' && untrackedFiles > 0 ? `, ${untrackedFiles} untracked` : '';
  return `with uncommitted changes, sha256 ${String(changesSha256).slice(0, SHORT_DIGEST)}${untracked}`;
}

/** Whole digests and places, each on a line of its own, to copy. */
function formatDetails({ kind, facts }: TracedRecord): string[] {
  const names = kind === 'file' ? ['path', 'md5', 'sha256', 'pointer', 'object'] : [];
  const width = Math.max(0, ...names.filter((name) => facts[name] != null).map(({ length }) => length));
  return names.flatMap((name) =>
    facts[name] == null ? [] : [`${name.padEnd(width)}  ${String(facts[name])}`],
  );
}

/** How many records were made of it, by kind. */
function formatMade({ id, nodes, edges }: Lineage): string {
  const behind = new Set([id]);
  for (const at of behind) for (const { from, to } of edges) if (from === at) behind.add(to);
  behind.delete(id);
  if (behind.size === 0) return '';
  const counts = new Map<LineageKind, number>();
  for (const { id: one, kind } of nodes) if (behind.has(one)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = Object.keys(KIND_NAMES) as LineageKind[];
  const parts = kinds.flatMap((kind) => {
    const n = counts.get(kind) ?? 0;
    return n === 0 ? [] : [`${n} ${KIND_NAMES[kind][n === 1 ? 0 : 1]}`];
  });
  return `made of it: ${parts.join(', ')}; list them with: veracity lineage --impact ${id}`;
}
