// Lets a person say which columns of a file hold the articles, with a value of each chosen column.
import { useEffect, useRef, useState } from 'preact/hooks';
import { strings } from '../strings.ts';
import { type ColumnChoice, type ModelColumns, ROLES, type Role } from './columns.ts';
import type { FilePlan } from './file-plan.ts';

export interface ColumnPickerProps {
  readonly fileName: string;
  readonly plan: FilePlan;
  readonly choice: ColumnChoice;
  readonly model: ModelColumns | null;
  readonly onStart: (choice: ColumnChoice) => void;
  readonly onCancel: () => void;
}

export function ColumnPicker({ fileName, plan, choice, model, onStart, onCancel }: ColumnPickerProps) {
  const [chosen, setChosen] = useState(choice);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const hasNone = chosen.title === null && chosen.text === null;
  const isTwice = chosen.title !== null && chosen.title === chosen.text;
  // A part that the model was trained without is offered only if it is chosen already.
  const roles = ROLES.filter((role) => role === 'id' || model?.[role] !== null || choice[role] !== null);
  const problem = hasNone ? strings.pickNone(roles) : isTwice ? strings.pickTwice : '';
  return (
    <form
      class="panel picker"
      aria-labelledby="picker-heading"
      onSubmit={(event) => {
        event.preventDefault();
        if (problem === '') onStart(chosen);
      }}
    >
      <h2 id="picker-heading" ref={heading} tabIndex={-1}>
        {strings.pickHeading}
      </h2>
      <p class="batch-name">{fileName}</p>
      <p>
        {plan.hasNoHeader
          ? strings.pickNoHeader
          : strings.pickExpected(model?.title ?? null, model?.text ?? null)}
      </p>
      {!plan.hasNoHeader && <p class="fine">{strings.pickGot(plan.names)}</p>}
      <div class="picks">
        {roles.map((role) => (
          <Pick
            key={role}
            role={role}
            plan={plan}
            column={chosen[role]}
            onPick={(column) => setChosen({ ...chosen, [role]: column })}
          />
        ))}
      </div>
      <p class="missing" role="alert">
        {problem}
      </p>
      <div class="actions">
        <button type="submit" class="primary" disabled={problem !== ''}>
          {strings.pickStart}
        </button>
        <button type="button" class="quiet" onClick={onCancel}>
          {strings.pickCancel}
        </button>
      </div>
      <p class="fine">{strings.pickOthers}</p>
    </form>
  );
}

function Pick(props: {
  readonly role: Role;
  readonly plan: FilePlan;
  readonly column: string | null;
  readonly onPick: (column: string | null) => void;
}) {
  const { role, plan, column, onPick } = props;
  const position = column === null ? -1 : plan.names.indexOf(column);
  const sample = column === null ? '' : (plan.samples[column] ?? '');
  return (
    <div class="field">
      <label for={`pick-${role}`}>{strings.pickRoles[role]}</label>
      <select
        id={`pick-${role}`}
        value={String(position)}
        aria-describedby={`pick-${role}-sample`}
        onChange={(event) => onPick(plan.names[Number(event.currentTarget.value)] ?? null)}
      >
        <option value="-1">{strings.pickNoColumn}</option>
        {plan.names.map((name, index) => (
          <option key={name} value={String(index)}>
            {name === '' ? strings.pickUnnamed(index + 1) : name.slice(0, 80)}
          </option>
        ))}
      </select>
      <p id={`pick-${role}-sample`} class="pick-sample">
        {sample === '' ? (column === null ? '' : strings.pickEmpty) : sample}
      </p>
    </div>
  );
}
