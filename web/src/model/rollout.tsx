// The served versions: the live version, the canary (running or withdrawn), the shadow, and the last change of the live
// version.
import type { ModelFacts, Rollout } from '../api.ts';
import { strings } from '../strings.ts';

export function RolloutState({ facts }: { readonly facts: ModelFacts }) {
  const rows = listRows(facts.modelVersion, facts.rollout);
  return (
    <section class="card-part" aria-labelledby="rollout-heading">
      <h2 id="rollout-heading">{strings.rolloutHeading}</h2>
      <p class="section-lead">{strings.rolloutLead}</p>
      <dl class="details rollout">
        {rows.map(({ name, version, state, told }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <span class="rollout-version">{version}</span>{' '}
              <span class={state.isTrouble ? 'tag trouble' : 'tag'}>{state.word}</span>
              <span class="note">{told}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

interface Row {
  readonly name: string;
  readonly version: string;
  readonly state: { readonly word: string; readonly isTrouble: boolean };
  readonly told: string;
}

function listRows(live: string, rollout: Rollout | undefined): Row[] {
  const { canary = null, shadow = null, change = null } = rollout ?? {};
  const share = canary?.state === 'running' ? canary.share : 0;
  const words = strings.rolloutStates;
  const calm = (word: string): Row['state'] => ({ word, isTrouble: false });
  const rows: Row[] = [
    { name: strings.rolloutLive, version: live, state: calm(words.answers), told: strings.liveTold(share) },
  ];
  if (canary !== null)
    rows.push({
      name: strings.rolloutCanary,
      version: canary.version,
      state: {
        word: words[canary.state],
        isTrouble: canary.state === 'returned' || canary.state === 'failed',
      },
      told: strings.canaryTold(canary),
    });
  if (shadow !== null)
    rows.push({
      name: strings.rolloutShadow,
      version: shadow.version,
      state: { word: words[shadow.state], isTrouble: shadow.state === 'failed' },
      told: strings.shadowTold(shadow),
    });
  if (change !== null)
    rows.push({
      name: strings.rolloutChange,
      version: change.version,
      state: { word: words[change.outcome], isTrouble: change.outcome === 'failed' },
      told: strings.changeTold(change),
    });
  return rows;
}
