import { describe, expect, it } from 'vitest';
import { createArticleBodies } from './article-bodies.ts';

const articles = [
  { title: 'A "quoted"\nline \\', text: 'Tab\there, ünïcode “and” 🙂.' },
  { title: '', text: '' },
];

describe('request bodies', () => {
  it('are JSON with the article, whatever it holds, in turn', () => {
    const bodies = createArticleBodies(articles, null);
    const read = () => JSON.parse(bodies.next().toString());
    expect([read(), read(), read()]).toEqual([articles[0], articles[1], articles[0]]);
  });

  it('differ from each other by a number behind the title', () => {
    const bodies = createArticleBodies(articles, 40);
    const titles = Array.from({ length: 4 }, () => JSON.parse(bodies.next().toString()).title);
    expect(titles).toEqual(['A "quoted"\nline \\ 40', ' 41', 'A "quoted"\nline \\ 42', ' 43']);
  });
});
