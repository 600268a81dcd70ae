// The request bodies, made beforehand so that sending costs little. Each gets a number behind its title: otherwise the
// server's cache would respond as soon as the articles repeat.

export interface LoadArticle {
  readonly title: string;
  readonly text: string;
}

export interface ArticleBodies {
  readonly articles: number;
  next(): Buffer;
}

/**
 * Bodies `{title, text}` as JSON, article after article, again and again.
 * @param firstNumber  stands behind the first title and grows by one with each body; null: articles are sent unchanged
 */
export function createArticleBodies(
  articles: readonly LoadArticle[],
  firstNumber: number | null,
): ArticleBodies {
  const parts = articles.map(({ title, text }) => ({
    head: Buffer.from(JSON.stringify({ title }).slice(0, -2)), // ends within the title's quotes
    tail: Buffer.from(`",${JSON.stringify({ text }).slice(1)}`),
  }));
  let sent = 0;
  return {
    articles: articles.length,
    next: () => {
      const { head, tail } = parts[sent % parts.length]!;
      const number = firstNumber === null ? '' : ` ${firstNumber + sent}`;
      sent++;
      return Buffer.concat([head, Buffer.from(number), tail]);
    },
  };
}
