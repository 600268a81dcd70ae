// The request bodies, made beforehand so that sending costs little. Each gets a number behind its title: a server that
// remembers answers would otherwise be measured on its memory once the articles come round again.

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
 * @param firstNumber  behind the first title, one more behind each further one; null: articles are sent as they are
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
