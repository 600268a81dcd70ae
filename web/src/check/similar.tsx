// The most similar training articles: title, source and label, because the index does not store their text.
import type { SimilarArticle } from '../api.ts';
import { strings } from '../strings.ts';

/** `similar` is null if this model version has no index. */
export function SimilarArticles({ similar }: { readonly similar: readonly SimilarArticle[] | null }) {
  return (
    <div class="similar-part">
      <h4>{strings.similarHeading}</h4>
      {similar === null || similar.length === 0 ? (
        <p class="fine">{similar === null ? strings.similarNoIndex : strings.similarNone}</p>
      ) : (
        <ul class="similar">
          {similar.map((one, position) => (
            <li key={position}>
              <span class="similar-title">{one.title || strings.untitled}</span>
              <span class="fine">
                {[one.source, strings.labelled(one.label), strings.similarity(one.similarity)]
                  .filter(Boolean)
                  .join(', ')}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
