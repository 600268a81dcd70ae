// Measures each rule of data.strip: how many articles it changes, and how well a quick model tells the classes before it and
// after it. A rule after which the model is clearly worse removed something that gave the label away.
import type { ArticleText } from '../../../foundation/records/index.ts';
import { cleanArticle, cleanArticleWith, cleaningRules } from '../../../text/clean/index.ts';
import { type Measure, measureGuesses } from './measure.ts';
import { crossValidatedGuesses } from './quick-model.ts';
import { createArticleTokens, createFeatureCollector, emitWords } from './views.ts';

export interface StripRuleEffect {
  readonly rule: string;
  readonly summary: string;
  /** Share of each class's articles that the rule changes. */
  readonly changed: readonly number[];
  /** With this rule alone; null: it changes no article. */
  readonly after: Measure | null;
}

export interface StripEffect {
  /** How many articles were measured. */
  readonly rows: number;
  /** Without rules of data.strip. */
  readonly before: Measure;
  /** With all of them. */
  readonly after: Measure;
  readonly rules: readonly StripRuleEffect[];
}

const FOLDS = 3;

export interface LabelledArticles {
  readonly articles: readonly { readonly article: ArticleText; readonly label: number }[];
  readonly classes: number;
}

/** @param onRule  called after each rule */
export async function measureStripEffect(
  { articles, classes }: LabelledArticles,
  onRule: () => Promise<void>,
): Promise<StripEffect> {
  const tokens = createArticleTokens();
  const labels = Uint16Array.from(articles, ({ label }) => label);
  const measure = (clean: (article: ArticleText) => ArticleText): Measure => {
    const words = createFeatureCollector();
    for (const { article } of articles) {
      tokens.fill(clean(article));
      words.add((emit) => emitWords(tokens, emit));
    }
    return measureGuesses(crossValidatedGuesses({ rows: words.rows(), labels, classes }, FOLDS));
  };
  const before = measure((article) => cleanArticle(article, { strip: false }).article);
  const rules: StripRuleEffect[] = [];
  for (const { name, summary } of cleaningRules.filter(({ when }) => when === 'strip')) {
    const changed = Array.from({ length: classes }, () => 0);
    const totals = Array.from({ length: classes }, () => 0);
    const cleaned = articles.map(({ article, label }) => {
      const { article: after, applied } = cleanArticleWith(article, [name]);
      totals[label] = (totals[label] as number) + 1;
      if (applied.includes(name)) changed[label] = (changed[label] as number) + 1;
      return after;
    });
    let next = 0;
    const isUsed = changed.some((count) => count > 0);
    rules.push({
      rule: name,
      summary,
      changed: changed.map((count, i) => count / Math.max(1, totals[i] as number)),
      after: isUsed ? measure(() => cleaned[next++] as ArticleText) : null,
    });
    await onRule();
  }
  return {
    rows: articles.length,
    before,
    after: measure((article) => cleanArticle(article, { strip: true }).article),
    rules,
  };
}
