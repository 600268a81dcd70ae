// The plans of four kinds of article, each in a true and a false form: figures, experts, a photo, a product. Steps are
// banks in reading order; `!` marks required steps, the others depend on the length; a/b means one of the two.
import type { Label } from '../plans.ts';

export type Kind = 'figures' | 'expert' | 'photo' | 'product';
export type TitleKind = 'title' | 'question' | 'bold';

export interface Plan {
  readonly kind: Kind;
  readonly label: Label;
  readonly titles: Partial<Readonly<Record<TitleKind, number>>>;
  readonly steps: string;
}

const trueTitles = { title: 6, question: 4 };
const falseTitles = { title: 4, question: 2, bold: 4 };

export const plans: readonly Plan[] = [
  {
    kind: 'figures',
    label: 'REAL',
    titles: trueTitles,
    steps: 'counted! absolute! talk missing-answers! cause-true quote-careful talk',
  },
  {
    kind: 'figures',
    label: 'FAKE',
    titles: falseTitles,
    steps: 'self-selected! talk curve! cause-false! absolute/counted talk sure',
  },
  {
    kind: 'expert',
    label: 'REAL',
    titles: trueTitles,
    steps: 'plain-expert! cause-true! talk expert-limits! quote-careful counted',
  },
  {
    kind: 'expert',
    label: 'FAKE',
    titles: falseTitles,
    steps: 'grand-expert! cause-false! talk credential! talk/counted sure',
  },
  {
    kind: 'photo',
    label: 'REAL',
    titles: { title: 3, question: 7 },
    steps: 'photo-shown! photo-traced! talk how-we-know! own-error/how-we-know cause-true',
  },
  {
    kind: 'photo',
    label: 'FAKE',
    titles: falseTitles,
    steps: 'photo-shown! photo-says! talk photo-outrage! cause-false/photo-outrage sure/talk',
  },
  {
    kind: 'product',
    label: 'REAL',
    titles: { title: 4, question: 6 },
    steps: 'product-new! product-tested! testimonial/talk test-limits! quote-careful test-limits',
  },
  {
    kind: 'product',
    label: 'FAKE',
    titles: falseTitles,
    steps: 'product-new! product-works! testimonial! product-science! talk order',
  },
];
