// The dialogs that promote a version and roll back, with the reason that is kept with the change.
import { useState } from 'preact/hooks';
import type { RegistryVersion, StageChanged, StageKind } from '../../../../src/client/studio-types.ts';
import { ConfirmDialog } from '../confirm-dialog.tsx';
import { promoteVersion, rollBack } from '../studio-api.ts';
import { studioStrings } from '../studio-strings.ts';

const STAGES: readonly StageKind[] = ['production', 'staging'];

export function PromoteDialog(props: {
  readonly version: RegistryVersion;
  /** All of this name. */
  readonly versions: readonly RegistryVersion[];
  readonly served: string | null;
  readonly onDone: (changed: StageChanged) => void;
  readonly onClose: () => void;
}) {
  const { version, versions, served, onDone, onClose } = props;
  const [stage, setStage] = useState<StageKind>('production');
  const [reason, setReason] = useState('');
  const [force, setForce] = useState(false);
  const [isDefault, setIsDefault] = useState(served === null || served.startsWith(`${version.name}@`));
  const current = versions.find(({ stages }) => stages.includes(stage));
  return (
    <ConfirmDialog
      heading={studioStrings.promoteHeading(version.reference)}
      text={studioStrings.promoteText(
        studioStrings.stages[stage] ?? stage,
        current === undefined || current.version === version.version ? null : current.reference,
      )}
      confirm={studioStrings.promoteConfirm}
      onClose={onClose}
      onConfirm={async () =>
        onDone(
          await promoteVersion(version.name, {
            version: version.version,
            stage,
            reason: reason.trim(),
            ...(force ? { force } : {}),
            ...(stage === 'production' && served !== null && !served.startsWith(`${version.name}@`)
              ? { default: isDefault }
              : {}),
          }),
        )
      }
    >
      <label class="choice">
        {studioStrings.stage}
        <select value={stage} onChange={(event) => setStage(event.currentTarget.value as StageKind)}>
          {STAGES.map((name) => (
            <option key={name} value={name}>
              {studioStrings.stages[name]}
            </option>
          ))}
        </select>
      </label>
      <ReasonField reason={reason} onReason={setReason} />
      {stage === 'production' && served !== null && !served.startsWith(`${version.name}@`) && (
        <label class="check">
          <input
            type="checkbox"
            checked={isDefault}
            onChange={(event) => setIsDefault(event.currentTarget.checked)}
          />
          {studioStrings.promoteDefault}
        </label>
      )}
      <label class="check">
        <input type="checkbox" checked={force} onChange={(event) => setForce(event.currentTarget.checked)} />
        {studioStrings.promoteForce}
      </label>
    </ConfirmDialog>
  );
}

export function RollbackDialog(props: {
  readonly name: string;
  readonly from: string | null;
  readonly to: number;
  readonly onDone: (changed: StageChanged) => void;
  readonly onClose: () => void;
}) {
  const { name, from, to, onDone, onClose } = props;
  const [reason, setReason] = useState('');
  return (
    <ConfirmDialog
      heading={studioStrings.rollbackHeading(name, to)}
      text={studioStrings.rollbackText(from, `${name}@${to}`)}
      confirm={studioStrings.rollbackConfirm}
      onClose={onClose}
      onConfirm={async () => onDone(await rollBack(name, reason.trim()))}
    >
      <ReasonField reason={reason} onReason={setReason} />
    </ConfirmDialog>
  );
}

function ReasonField(props: { readonly reason: string; readonly onReason: (reason: string) => void }) {
  const { reason, onReason } = props;
  return (
    <div class="field">
      <label for="reason">{studioStrings.reason}</label>
      <textarea
        id="reason"
        rows={2}
        required
        placeholder={studioStrings.reasonHint}
        value={reason}
        onInput={(event) => {
          const { currentTarget } = event;
          // spaces alone are no reason
          currentTarget.setCustomValidity(
            currentTarget.value.trim() === '' ? studioStrings.reasonMissing : '',
          );
          onReason(currentTarget.value);
        }}
      />
    </div>
  );
}
