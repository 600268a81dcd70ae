// Articles that the model learned from and takes for the nearest: title, source and label, for their text is not kept.
import type { SimilarArticle } from '../api.ts';
import { strings } from '../strings.ts';

/** null: this version of the model keeps no index. */
export function SimilarArticles({ similar }: { readonly similar: readonly SimilarArticle[] | null }) {
  return (
    <>
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
    </>
  );
}
