// Creates the errors of a defaults list: a wrong list, a missing choice, a choice without a file.
import { appError } from '../core/index.ts';
import { findClosest } from './closest-name.ts';
import { formatOrigin, type Origin } from './config-node.ts';
import type { ConfigRepository } from './config-repository.ts';
import { type ChosenPlace, groupOf, nameOf, overrideKeyOf } from './default-place.ts';

export function wrongDefaults(origin: Origin, expected: string, got: string): Error {
  return appError('CONFIG_DEFAULTS', { where: formatOrigin(origin), expected, got });
}

export function choiceMissing(place: ChosenPlace, repository: ConfigRepository): Error {
  const key = overrideKeyOf(place);
  const choices = repository.listChoices(groupOf(place)).join(', ');
  return appError('CONFIG_VALUE_MISSING', {
    where: formatOrigin(place.origin),
    key,
    hint: `Choose one: ${key}=… (${choices})`,
  });
}

export function choiceUnknown(place: ChosenPlace, repository: ConfigRepository): Error {
  const group = groupOf(place);
  const choices = place.entry.kind === 'group' || group !== '' ? repository.listChoices(group) : [];
  const closest = findClosest(String(place.choice), choices);
  return appError('CONFIG_CHOICE_UNKNOWN', {
    where: formatOrigin(place.origin),
    group: group === '' ? 'configs' : group,
    choices: choices.join(', ') || 'nothing (there is no such group)',
    choice: String(place.choice),
    hint: adviseChoice(place, closest, repository),
  });
}

/** Groups whose choices are formats of files: what reads a file with this ending. */
const FORMATS: Readonly<Record<string, string>> = {
  ...{ csv: 'csv', tsv: 'csv', txt: 'csv' },
  ...{ jsonl: 'jsonl', ndjson: 'jsonl', json: 'jsonl' },
};

/** For somebody who names a file of data in place of a choice. */
function adviseDataFile(choice: string, group: string, repository: ConfigRepository): string | undefined {
  const format = FORMATS[/\.(\w+)$/.exec(choice)?.[1]?.toLowerCase() ?? ''];
  if (format === undefined || !repository.listChoices(group).includes(format)) return undefined;
  return `A file of data is the path of a choice: ${group}=${format} ${group}.path=${choice}`;
}

function adviseChoice(place: ChosenPlace, closest: string | undefined, repository: ConfigRepository): string {
  const name = nameOf(place);
  const misnamed = repository.findYml(name);
  if (misnamed !== undefined) return `Rename ${misnamed}: the names of configuration files end in .yaml`;
  const file = adviseDataFile(String(place.choice), groupOf(place), repository);
  if (file !== undefined) return file;
  if (closest !== undefined) return `Did you mean ${groupOf(place)}=${closest}?`;
  const searched = repository.searchPath.map(({ shownAs }) => shownAs).join(', ');
  const own = repository.searchPath.find(({ isOwn }) => isOwn)?.shownAs ?? 'configs';
  return `A choice is a file, such as your own ${own}/${name}.yaml. Searched: ${searched}`;
}
