// The room's door: what other rooms may use.
export { loadArticles } from './load-articles.ts';
