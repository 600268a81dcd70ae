// The article at hand and its verdict. They outlive the view, so that one can look elsewhere and come back.
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Article, judgeArticle, type Verdict } from '../api.ts';
import { remember } from '../history/history-store.ts';
import { asFailure } from '../loading.ts';
import type { Outcome } from './verdict-card.tsx';

export const EMPTY: Article = { title: '', text: '' };
/** After this the page says that it is still waiting. */
const SLOW_MS = 3000;

export interface Judging {
  readonly draft: Article;
  readonly outcome: Outcome;
  readonly judging: boolean;
  readonly slow: boolean;
  change(article: Article): void;
  /** @returns whether an answer or a failure is now shown */
  judge(article: Article): Promise<boolean>;
  /** Stops waiting; the article stays. */
  cancel(): void;
  clear(): void;
}

export function useJudging(onVerdict: (verdict: Verdict) => void): Judging {
  const [draft, setDraft] = useState<Article>(EMPTY);
  const [outcome, setOutcome] = useState<Outcome>({ kind: 'none' });
  const [judging, setJudging] = useState(false);
  const [slow, setSlow] = useState(false);
  const underWay = useRef<{ controller: AbortController; article: Article } | null>(null);

  useEffect(() => {
    setSlow(false);
    if (!judging) return;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, [judging]);

  const judge = async (article: Article): Promise<boolean> => {
    if (underWay.current !== null && isSame(underWay.current.article, article)) return false;
    underWay.current?.controller.abort();
    const controller = new AbortController();
    underWay.current = { controller, article };
    setJudging(true);
    try {
      const verdict = await judgeArticle(article, controller.signal);
      if (controller.signal.aborted) return false;
      setOutcome({ kind: 'verdict', verdict, article });
      remember(article, verdict);
      onVerdict(verdict);
    } catch (error) {
      if (controller.signal.aborted) return false;
      setOutcome({ kind: 'failure', failure: asFailure(error) });
    } finally {
      if (underWay.current?.controller === controller) {
        underWay.current = null;
        setJudging(false);
      }
    }
    return true;
  };

  const cancel = (): void => {
    underWay.current?.controller.abort();
    underWay.current = null;
    setJudging(false);
  };
  const clear = (): void => {
    cancel();
    setDraft(EMPTY);
    setOutcome({ kind: 'none' });
  };
  return { draft, outcome, judging, slow, change: setDraft, judge, cancel, clear };
}

export function isSame(a: Article, b: Article): boolean {
  return a.title === b.title && a.text === b.text;
}
