// Finds the language that most of some texts are written in, by the trigrams of their letters (franc).
import { francAll } from 'franc';

/** Characters that franc looks at; a few hundred are enough for most languages, relatives need more. */
const CHUNK_CHARS = 2000;
const MAX_CHUNKS = 12;
/** Texts in several languages have no single one. */
const MIN_SHARE = 0.7;

/**
 * The language of the texts as a BCP 47 tag ("de", "pt"); null if they are too short or in several languages.
 * Texts are joined, so short ones can be told too.
 */
export function detectLanguage(texts: Iterable<string>): string | null {
  const counts = new Map<string, number>();
  let chunks = 0;
  for (const chunk of joinIntoChunks(texts)) {
    const language = findLanguage(chunk);
    chunks++;
    if (language !== null) counts.set(language, (counts.get(language) ?? 0) + 1);
    if (chunks === MAX_CHUNKS) break;
  }
  const [best] = [...counts].sort(([, a], [, b]) => b - a);
  return best !== undefined && best[1] >= chunks * MIN_SHARE ? best[0] : null;
}

function* joinIntoChunks(texts: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const text of texts) {
    chunk += `${text.slice(0, CHUNK_CHARS / 2)}\n`;
    if (chunk.length < CHUNK_CHARS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk.length > 0) yield chunk;
}

/**
 * The likeliest language with a two-letter tag: of relatives that franc hardly tells apart in short texts, such as English
 * and Scots, nearly all texts are in the one that has it.
 */
function findLanguage(text: string): string | null {
  for (const [code] of francAll(text)) {
    const tag = code === 'und' ? undefined : Intl.getCanonicalLocales(code)[0]; // deu is de, cmn is zh
    if (tag?.length === 2) return tag;
  }
  return null;
}
