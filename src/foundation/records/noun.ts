// What the texts of a model are called in sentences for people: "article" unless the configuration says otherwise
// (data.noun), in its English forms.

/** Letters, with spaces or hyphens between them: "support ticket". */
export const nounPattern = /^\p{L}[\p{L} -]{0,38}\p{L}$/u;

export interface Nouns {
  /** "complaint" */
  readonly one: string;
  /** "complaints" */
  readonly many: string;
  /** "a complaint" */
  readonly any: string;
}

/** The forms of a noun by the regular rules of English. */
export function formNouns(one: string): Nouns {
  return { one, many: formPlural(one), any: `${/^[aeiou]/i.test(one) ? 'an' : 'a'} ${one}` };
}

function formPlural(one: string): string {
  if (/[^aeiou]y$/i.test(one)) return `${one.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh)$/i.test(one) ? `${one}es` : `${one}s`;
}

const ARTICLE = 'article';
export const articleNouns: Nouns = formNouns(ARTICLE);

/** What the texts of a model are called; models of earlier versions have articles. */
export function nameNouns({ noun = ARTICLE }: { readonly noun?: string | undefined }): Nouns {
  return formNouns(noun);
}

/** The word with a capital, for the start of a sentence. */
export function capitalise(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
