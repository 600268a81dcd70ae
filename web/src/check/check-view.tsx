// The view "Check": the article on the left, its prediction on the right; below them questions about the prediction,
// examples, and facts about the model.
import { useRef } from 'preact/hooks';
import type { Article, Example } from '../api.ts';
import type { ViewProps } from '../app.tsx';
import { ModelSection } from '../model/model-section.tsx';
import { SyntheticNotice } from '../page-frame.tsx';
import { strings } from '../strings.ts';
import { ArticleForm } from './article-form.tsx';
import { isSame } from './checking.ts';
import { ExampleList } from './example-list.tsx';
import { Inquiry } from './inquiry.tsx';
import { announceOutcome, PredictionCard } from './prediction-card.tsx';

/** Characters of an article on paper, so that its prediction stays on the first page. */
const PAPER_CHARS = 1500;

export function CheckView({ facts, examples, checking, onRetry }: ViewProps) {
  const card = useRef<HTMLElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const { draft, outcome } = checking;
  const model = facts.state === 'loaded' ? facts.value : null;
  const language = model?.language ?? '';
  const known = examples.state === 'loaded' ? examples.value : [];

  const check = async (article: typeof draft, moveFocus: boolean): Promise<void> => {
    if (!(await checking.check(article))) return;
    if (moveFocus) card.current?.focus({ preventScroll: true });
    revealCard(card.current);
  };
  const chooseExample = (chosen: Example): void => {
    const article = { title: chosen.title, text: chosen.text };
    checking.change(article);
    form.current?.scrollIntoView({ block: 'start' });
    void check(article, true);
  };

  return (
    <>
      <div class="intro">
        <h1>{strings.heading}</h1>
        <p class="lead">
          {strings.lead} {model !== null && strings.sorts(model.classNames)}
        </p>
      </div>
      {model?.dataset.synthetic && <SyntheticNotice />}
      <div class="desk">
        <ArticleForm
          formRef={form}
          draft={draft}
          checking={checking.checking}
          parts={{ title: model?.columns?.title !== null, text: model?.columns?.text !== null }}
          slow={checking.slow}
          language={language}
          onChange={checking.change}
          onCheck={() => void check(draft, false)}
          onCancel={checking.cancel}
          onClear={checking.clear}
        />
        {outcome.kind === 'prediction' && <PaperArticle article={outcome.article} language={language} />}
        <PredictionCard
          cardRef={card}
          outcome={outcome}
          checking={checking.checking}
          hasExamples={known.length > 0}
          stale={outcome.kind === 'prediction' && !isSame(outcome.article, draft)}
          example={outcome.kind === 'prediction' ? findExample(known, outcome.article) : undefined}
          model={model}
          onRetry={() => void check(draft, true)}
        />
      </div>
      <p class="spoken" role="status">
        {checking.checking ? strings.checking : announceOutcome(outcome, model)}
      </p>
      {outcome.kind === 'prediction' && (
        <Inquiry
          key={outcome.prediction.requestId}
          article={outcome.article}
          prediction={outcome.prediction}
          model={model}
        />
      )}
      <ExampleList
        examples={examples}
        classNames={model?.classNames ?? []}
        synthetic={model?.dataset.synthetic ?? false}
        chosen={findExample(known, draft)?.id}
        onChoose={chooseExample}
        onRetry={onRetry}
      />
      <ModelSection facts={facts} onRetry={onRetry} />
    </>
  );
}

/** The article as the paper version of the page shows it. */
function PaperArticle({ article, language }: { readonly article: Article; readonly language: string }) {
  const { title, text } = article;
  return (
    <div class="paper-article" lang={language} dir="auto">
      {title !== '' && <strong>{title}</strong>}
      {'\n'}
      {text.length > PAPER_CHARS ? `${text.slice(0, PAPER_CHARS).trimEnd()}…` : text}
    </div>
  );
}

function findExample(
  examples: readonly Example[],
  article: { title: string; text: string },
): Example | undefined {
  return examples.find((example) => isSame(example, article));
}

/** Scrolls to the prediction, which is below the form on narrow screens, unless it is already visible. */
function revealCard(card: HTMLElement | null): void {
  if (card === null || card.getBoundingClientRect().top < window.innerHeight * 0.7) return;
  card.scrollIntoView({ block: 'start' });
}
