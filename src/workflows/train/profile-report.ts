// The result of a profile as text: a table of phases, and one sentence that says where the time went and what to try.
import { formatDuration } from '../../foundation/core/index.ts';
import type { ProfileSummary } from '../../foundation/records/index.ts';

const MAX_ROWS = 12;

export function formatProfile(summary: ProfileSummary): string {
  const rows = summary.phases.map(({ name, count, seconds, share }) => [
    name,
    formatDuration(seconds),
    formatShare(share),
    count > 1 ? `${count.toLocaleString('en')} times, ${((seconds / count) * 1000).toFixed(1)} ms each` : '',
  ]);
  const sections = [`profile of ${formatDuration(summary.seconds)}:\n${alignRows(rows)}`];
  if (summary.operators !== null) {
    const { kinds, top } = summary.operators;
    const shares = kinds.map(({ kind, share }) => `${kind} ${formatShare(share)}`).join(', ');
    const slowest = top.map(({ operator, count, seconds, share }) => [
      operator,
      formatDuration(seconds),
      formatShare(share),
      `${count.toLocaleString('en')} times`,
    ]);
    sections.push(`operators of ${summary.operators.runs} batches: ${shares}\n${alignRows(slowest)}`);
  }
  if (summary.functions.length > 0) {
    const functions = summary.functions
      .slice(0, MAX_ROWS)
      .map(({ name, place, seconds, thread }) => [name, formatDuration(seconds), thread, place]);
    sections.push(`functions by their own time:\n${alignRows(functions)}`);
  }
  sections.push(formatConclusion(summary));
  return sections.join('\n');
}

/** Where the time went, and what to try. */
export function formatConclusion({ phases, padding, operators, advice }: ProfileSummary): string {
  const [first, second] = [...phases].sort((a, b) => b.share - a.share);
  const shareOf = (name: string): number => phases.find((phase) => phase.name === name)?.share ?? 0;
  const facts = [`waiting for data ${formatShare(shareOf('wait for data'))}`];
  if (padding !== null) facts.push(`padding ${formatShare(padding)} of the tokens`);
  const elementWise = operators?.kinds.find(({ kind }) => kind === 'element-wise')?.share;
  if (elementWise !== undefined)
    facts.push(`element-wise operators ${formatShare(elementWise)} of their time`);
  const most =
    first === undefined
      ? 'Nothing was measured'
      : `Most of the time went to: ${first.name} (${formatShare(first.share)})${
          second === undefined || second.share < 0.05 ? '' : `, ${second.name} (${formatShare(second.share)})`
        }`;
  return `${most}; ${facts.join(', ')}. To try: ${ADVICE[advice]}`;
}

const ADVICE: Readonly<Record<ProfileSummary['advice'], string>> = {
  data: 'another program may use the processor, or memory is short; batches are put together from memory.',
  padding: 'train.max_tokens instead of train.batch_size, or a lower model.max_length.',
  evaluation: 'a larger train.eval_every, so that it is evaluated less often.',
  checkpoint: 'a larger train.checkpoint_every, or a faster disk.',
  preparation: 'the same data again: data and tokens are kept, so the next run starts at once.',
  ending: 'nothing in the steps: exporting and evaluating the model took longer than they did.',
  update: 'a larger train.batch_size (fewer updates), or train only a part of the model.',
  'element-wise': 'a lower model.max_length; this time is bound by memory, so more threads help little.',
  compute: 'more threads, device=auto where there is a graphics processor, a smaller model, or fewer tokens.',
};

function formatShare(share: number): string {
  return share > 0 && share < 0.001 ? '<0.1%' : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)}%`;
}

function alignRows(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, i) => Math.max(cell.length, known[i] ?? 0)),
    [],
  );
  return rows
    .map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd())
    .join('\n');
}
