// An article on the left, its verdict on the right; then what can be asked about it; examples and the model's record below.
import { useRef } from 'preact/hooks';
import type { Example } from '../api.ts';
import type { ViewProps } from '../app.tsx';
import { ModelSection } from '../model/model-section.tsx';
import { SyntheticNotice } from '../page-frame.tsx';
import { strings } from '../strings.ts';
import { ArticleForm } from './article-form.tsx';
import { ExampleList } from './example-list.tsx';
import { Inquiry } from './inquiry.tsx';
import { isSame } from './judging.ts';
import { announceOutcome, VerdictCard } from './verdict-card.tsx';

export function JudgeView({ facts, examples, judging, onRetry }: ViewProps) {
  const card = useRef<HTMLElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const { draft, outcome } = judging;
  const model = facts.state === 'loaded' ? facts.value : null;
  const known = examples.state === 'loaded' ? examples.value : [];

  const judge = async (article: typeof draft, moveFocus: boolean): Promise<void> => {
    if (!(await judging.judge(article))) return;
    if (moveFocus) card.current?.focus({ preventScroll: true });
    revealCard(card.current);
  };
  const chooseExample = (chosen: Example): void => {
    const article = { title: chosen.title, text: chosen.text };
    judging.change(article);
    form.current?.scrollIntoView({ block: 'start' });
    void judge(article, true);
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
          judging={judging.judging}
          slow={judging.slow}
          onChange={judging.change}
          onJudge={() => void judge(draft, false)}
          onCancel={judging.cancel}
          onClear={judging.clear}
        />
        <VerdictCard
          cardRef={card}
          outcome={outcome}
          judging={judging.judging}
          stale={outcome.kind === 'verdict' && !isSame(outcome.article, draft)}
          example={outcome.kind === 'verdict' ? findExample(known, outcome.article) : undefined}
          model={model}
          onRetry={() => void judge(draft, true)}
        />
      </div>
      <p class="spoken" role="status">
        {judging.judging ? strings.judging : announceOutcome(outcome, model)}
      </p>
      {outcome.kind === 'verdict' && (
        <Inquiry
          key={outcome.verdict.requestId}
          article={outcome.article}
          verdict={outcome.verdict}
          model={model}
        />
      )}
      <ExampleList
        examples={examples}
        classNames={model?.classNames ?? []}
        chosen={findExample(known, draft)?.id}
        onChoose={chooseExample}
        onRetry={onRetry}
      />
      <ModelSection facts={facts} onRetry={onRetry} />
    </>
  );
}

function findExample(
  examples: readonly Example[],
  article: { title: string; text: string },
): Example | undefined {
  return examples.find((example) => isSame(example, article));
}

/** On narrow screens the verdict lies below the form: bring it into view, but never move what is already seen. */
function revealCard(card: HTMLElement | null): void {
  if (card === null || card.getBoundingClientRect().top < window.innerHeight * 0.7) return;
  card.scrollIntoView({ block: 'start' });
}
