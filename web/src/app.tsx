// The page: an article on the left, its verdict on the right, examples and the model's record below. All state lives here.
import { useRef, useState } from 'preact/hooks';
import { type Article, type Example, judgeArticle, loadExamples, loadModelFacts } from './api.ts';
import { ArticleForm } from './article-form.tsx';
import { ExampleList } from './example-list.tsx';
import { asFailure, useLoaded } from './loading.ts';
import { ModelSection } from './model-section.tsx';
import { PageFooter, PageHeader, SyntheticNotice } from './page-frame.tsx';
import { strings } from './strings.ts';
import { announceOutcome, type Outcome, VerdictCard } from './verdict-card.tsx';

const EMPTY: Article = { title: '', text: '' };

export function App() {
  const [facts, askFacts] = useLoaded(loadModelFacts);
  const [examples, askExamples] = useLoaded(loadExamples);
  const [draft, setDraft] = useState<Article>(EMPTY);
  const [outcome, setOutcome] = useState<Outcome>({ kind: 'none' });
  const [judging, setJudging] = useState(false);
  const underWay = useRef<{ controller: AbortController; article: Article } | null>(null);
  const card = useRef<HTMLElement>(null);
  const form = useRef<HTMLFormElement>(null);

  const model = facts.state === 'loaded' ? facts.value : null;
  const known = examples.state === 'loaded' ? examples.value : [];

  const judge = async (article: Article, moveFocus: boolean): Promise<void> => {
    if (underWay.current !== null && isSame(underWay.current.article, article)) return;
    underWay.current?.controller.abort();
    const controller = new AbortController();
    underWay.current = { controller, article };
    setJudging(true);
    try {
      const verdict = await judgeArticle(article, controller.signal);
      if (controller.signal.aborted) return;
      setOutcome({ kind: 'verdict', verdict, article });
      // the server may have been down when the page opened, or been started anew with another model
      if (model?.modelVersion !== verdict.modelVersion) askFacts();
      if (examples.state === 'failed') askExamples();
    } catch (error) {
      if (controller.signal.aborted) return;
      setOutcome({ kind: 'failure', failure: asFailure(error) });
    } finally {
      if (underWay.current?.controller === controller) {
        underWay.current = null;
        setJudging(false);
      }
    }
    if (moveFocus) card.current?.focus({ preventScroll: true });
    revealCard(card.current);
  };

  const chooseExample = (chosen: Example): void => {
    const article = { title: chosen.title, text: chosen.text };
    setDraft(article);
    form.current?.scrollIntoView({ block: 'start' });
    void judge(article, true);
  };

  const clear = (): void => {
    underWay.current?.controller.abort();
    underWay.current = null;
    setJudging(false);
    setDraft(EMPTY);
    setOutcome({ kind: 'none' });
  };

  const retryAll = (): void => {
    askFacts();
    askExamples();
  };

  return (
    <>
      <PageHeader />
      <main>
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
            judging={judging}
            onChange={setDraft}
            onJudge={() => void judge(draft, false)}
            onClear={clear}
          />
          <VerdictCard
            cardRef={card}
            outcome={outcome}
            judging={judging}
            stale={outcome.kind === 'verdict' && !isSame(outcome.article, draft)}
            example={outcome.kind === 'verdict' ? findExample(known, outcome.article) : undefined}
            model={model}
            onRetry={() => void judge(draft, true)}
          />
        </div>
        <p class="spoken" role="status">
          {judging ? strings.judging : announceOutcome(outcome, model)}
        </p>
        <ExampleList
          examples={examples}
          classNames={model?.classNames ?? []}
          chosen={findExample(known, draft)?.id}
          onChoose={chooseExample}
          onRetry={askExamples}
        />
        <ModelSection facts={facts} onRetry={retryAll} />
      </main>
      <PageFooter />
    </>
  );
}

function isSame(a: Article, b: Article): boolean {
  return a.title === b.title && a.text === b.text;
}

function findExample(examples: readonly Example[], article: Article): Example | undefined {
  return examples.find((example) => isSame(example, article));
}

/** On narrow screens the verdict lies below the form: bring it into view, but never move what is already seen. */
function revealCard(card: HTMLElement | null): void {
  if (card === null || card.getBoundingClientRect().top < window.innerHeight * 0.7) return;
  card.scrollIntoView({ block: 'start' });
}
