// Questions about a prediction: what influenced it, what the prediction would be without a part of the article, and which
// training articles are similar.
import type { Article, ModelFacts, PredictResponse } from '../api.ts';
import { strings } from '../strings.ts';
import { Alternatives } from './alternatives.tsx';
import { Evidence } from './evidence.tsx';

export interface InquiryProps {
  readonly article: Article;
  readonly prediction: PredictResponse;
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
