// What can be asked about a verdict: what moved it, what it would be of a part of the article, which articles are like it.
import type { Article, ModelFacts, Verdict } from '../api.ts';
import { strings } from '../strings.ts';
import { Alternatives } from './alternatives.tsx';
import { Evidence } from './evidence.tsx';

export interface InquiryProps {
  readonly article: Article;
  readonly verdict: Verdict;
  readonly model: ModelFacts | null;
}

export function Inquiry(props: InquiryProps) {
  return (
    <section class="inquiry" aria-labelledby="inquiry-heading">
      <h2 id="inquiry-heading">{strings.inquiryHeading}</h2>
      <div class="inquiry-parts">
        <Evidence {...props} />
        <Alternatives {...props} />
      </div>
    </section>
  );
}
