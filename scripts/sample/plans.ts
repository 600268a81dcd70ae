// Sentence plans. A plan is a list of banks in reading order; `!` marks required banks, the others depend on the length;
// a/b means one of the two. The classes differ in sourcing, hedging, fit of figures and conclusions. Sober FAKE plans and
// thin or lively REAL plans exist so that these signs overlap, as they do in reality.
import type { ProseKey } from './frames.ts';

export type Label = 'FAKE' | 'REAL';
/** `lively` is a sober title in a loud style. */
export type TitleKind = Extract<ProseKey, 'title' | 'loud' | 'check'> | 'lively';

export interface Plan {
  readonly name: string;
  readonly label: Label;
  /** Share among the plans of its label. */
  readonly weight: number;
  readonly titles: Partial<Readonly<Record<TitleKind, number>>>;
  readonly steps: string;
  /** Probability that the figures contradict each other. */
  readonly wrongFigures: number;
}

export const plans: readonly Plan[] = [
  {
    name: 'brief',
    label: 'REAL',
    weight: 24,
    titles: { title: 9, check: 1 },
    steps:
      'lead! figure! document/limits/quote-hedged! fact quote-hedged! fact counter/reply limits plain-assert next',
    wrongFigures: 0,
  },
  {
    name: 'feature',
    label: 'REAL',
    weight: 20,
    titles: { title: 7, lively: 3 },
    steps:
      'hook-both/hook/neutral lead! people quote-neutral/quote-hedged plain-assert! fact anecdote/quote-absolute fact counter/reply/anonymous-legit! figure limits/next/close-column',
    wrongFigures: 0,
  },
  {
    name: 'check',
    label: 'REAL',
    weight: 17,
    titles: { title: 3, check: 7 },
    steps:
      'hook-both/lead/hook rumour-intro! rumour-odd/quote-absolute rumour-verdict! plain-assert figure quote-hedged/document rumour-origin fact/anecdote',
    wrongFigures: 0,
  },
  {
    name: 'column',
    label: 'REAL',
    weight: 17,
    titles: { title: 4, lively: 4, check: 2 },
    steps:
      'opener-column!/hook lead! rumour-intro address/quote-absolute anecdote/people fact figure! plain-assert! limits/reply/people close-fact/close-column',
    wrongFigures: 0,
  },
  {
    name: 'thin',
    label: 'REAL',
    weight: 22,
    titles: { title: 8, lively: 1, check: 1 },
    steps:
      'lead! fact! anecdote/people quote-neutral! figure fact document/limits/reply/anonymous-legit! neutral/quote-hedged soft-source next',
    wrongFigures: 0,
  },
  {
    name: 'alarm',
    label: 'FAKE',
    weight: 20,
    titles: { title: 2, loud: 8 },
    steps:
      'hook! claim-assert! anonymous/concealment! odd-assert lead fact quote-absolute/quote-neutral address concealment/vague figure share!',
    wrongFigures: 0.5,
  },
  {
    name: 'insider',
    label: 'FAKE',
    weight: 20,
    titles: { title: 4, loud: 6 },
    steps:
      'hook-both/hook lead anecdote! claim-assert! odd-assert figure fact vague/anonymous! quote-absolute/quote-hedged absolute/share!',
    wrongFigures: 0.6,
  },
  {
    name: 'counter-check',
    label: 'FAKE',
    weight: 14,
    titles: { title: 3, loud: 5, check: 2 },
    steps:
      'lead/hook-both claim-assert/rumour-intro! fake-check! plain-dismissed/document fact figure concealment/vague! address odd-assert share/next',
    wrongFigures: 0.5,
  },
  {
    name: 'column',
    label: 'FAKE',
    weight: 16,
    titles: { title: 5, loud: 4, check: 1 },
    steps:
      'opener-column! lead claim-assert/claim-sober! address! anecdote/people fact figure odd-sober/odd-assert leap/vague! close-fake/close-column',
    wrongFigures: 0.7,
  },
  {
    name: 'sober',
    label: 'FAKE',
    weight: 21,
    titles: { title: 8, loud: 1, check: 1 },
    steps:
      'lead! figure! claim-sober/odd-sober quote-neutral/people soft-source! fact document/limits/quote-hedged plain-assert/odd-sober leap! reply/neutral next',
    wrongFigures: 0.85,
  },
  {
    name: 'mimic',
    label: 'FAKE',
    weight: 4,
    titles: { title: 9, check: 1 },
    // A careful report whose figures do not fit each other.
    steps:
      'lead! figure! fact document/limits/quote-hedged fact quote-hedged/quote-neutral counter/reply plain-assert next',
    wrongFigures: 1,
  },
];
