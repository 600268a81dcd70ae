// The state of the current article and its prediction. It exists outside the view, so that it survives a switch of views.
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Article, type PredictResponse, predictArticle } from '../api.ts';
import { remember } from '../history/history-store.ts';
import { asFailure } from '../loading.ts';
import type { Outcome } from './prediction-card.tsx';

export const EMPTY: Article = { title: '', text: '' };
/** After this time the page says that it is still waiting. */
const SLOW_MS = 3000;

export interface Checking {
  readonly draft: Article;
  readonly outcome: Outcome;
  readonly checking: boolean;
  readonly slow: boolean;
  change(article: Article): void;
  /** @returns whether a prediction or a failure is now shown */
  check(article: Article): Promise<boolean>;
  /** Stops waiting; the article stays. */
  cancel(): void;
  clear(): void;
}

export function useChecking(onPrediction: (prediction: PredictResponse) => void): Checking {
  const [draft, setDraft] = useState<Article>(EMPTY);
  const [outcome, setOutcome] = useState<Outcome>({ kind: 'none' });
  const [checking, setChecking] = useState(false);
  const [slow, setSlow] = useState(false);
  const inProgress = useRef<{ controller: AbortController; article: Article } | null>(null);

  useEffect(() => {
    setSlow(false);
    if (!checking) return;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, [checking]);

  const check = async (article: Article): Promise<boolean> => {
    if (inProgress.current !== null && isSame(inProgress.current.article, article)) return false;
    inProgress.current?.controller.abort();
    const controller = new AbortController();
    inProgress.current = { controller, article };
    setChecking(true);
    try {
      const prediction = await predictArticle(article, controller.signal);
      if (controller.signal.aborted) return false;
      setOutcome({ kind: 'prediction', prediction, article });
      remember(article, prediction);
      onPrediction(prediction);
    } catch (error) {
      if (controller.signal.aborted) return false;
      setOutcome({ kind: 'failure', failure: asFailure(error) });
    } finally {
      if (inProgress.current?.controller === controller) {
        inProgress.current = null;
        setChecking(false);
      }
    }
    return true;
  };

  const cancel = (): void => {
    inProgress.current?.controller.abort();
    inProgress.current = null;
    setChecking(false);
  };
  const clear = (): void => {
    cancel();
    setDraft(EMPTY);
    setOutcome({ kind: 'none' });
  };
  return { draft, outcome, checking, slow, change: setDraft, check, cancel, clear };
}

export function isSame(a: Article, b: Article): boolean {
  return a.title === b.title && a.text === b.text;
}
