// The examples, grouped by the class that their author intended. Choosing one fills the form and checks it.
import type { Example } from '../api.ts';
import { ClassMark } from '../class-look.tsx';
import type { Loadable } from '../loading.ts';
import { shorten } from '../numbers.ts';
import { FailureNote } from '../page-frame.tsx';
import { strings } from '../strings.ts';

export interface ExampleListProps {
  readonly examples: Loadable<readonly Example[]>;
  /** In the order of the model; empty until they are known. */
  readonly classNames: readonly string[];
  /** Whether the examples are invented. */
  readonly synthetic: boolean;
  readonly chosen: string | undefined;
  readonly onChoose: (example: Example) => void;
  readonly onRetry: () => void;
}

export function ExampleList(props: ExampleListProps) {
  const { examples } = props;
  if (examples.state === 'loaded' && examples.value.length === 0) return null;
  return (
    <section class="examples" aria-labelledby="examples-heading" aria-busy={examples.state === 'loading'}>
      <h2 id="examples-heading">{strings.examplesHeading}</h2>
      <Body {...props} />
    </section>
  );
}

function Body({ examples, classNames, synthetic, chosen, onChoose, onRetry }: ExampleListProps) {
  if (examples.state === 'loading') return <p class="fine">{strings.examplesLoading}</p>;
  if (examples.state === 'failed') return <FailureNote failure={examples.failure} onRetry={onRetry} />;
  const labels = [...new Set([...classNames, ...examples.value.map((example) => example.label)])];
  const groups = labels
    .map((label) => ({ label, members: examples.value.filter((example) => example.label === label) }))
    .filter(({ members }) => members.length > 0);
  return (
    <>
      <p class="section-lead">{strings.examplesLead(synthetic)}</p>
      <div class="groups">
        {groups.map(({ label, members }) => (
          <div key={label}>
            <h3>
              <ClassMark index={classNames.indexOf(label)} />
              {strings.examplesOf(label)}
            </h3>
            <ul>
              {members.map((example) => (
                <li key={example.id}>
                  <button
                    type="button"
                    aria-pressed={example.id === chosen}
                    onClick={() => onChoose(example)}
                  >
                    <span class="example-title">{example.title.trim() || shorten(example.text)}</span>
                    {example.source !== '' && <span class="example-source">{example.source}</span>}
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </>
  );
}
