// Checks of `evaluate.collections` before the work that they follow: a training, or an evaluation of the own test split.
import {
  type CollectionSurvey,
  checkCollectionLabels,
  formatDatasetWarning,
  resolveDataPath,
  resolveReading,
  surveyCollection,
} from '../../learning/data/index.ts';
import type { TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';

/** Looks through each collection: file, columns, rows. @throws FILE_NOT_FOUND, COLLECTION_UNUSABLE, DATA_FILE_INVALID */
export async function surveyCollections(
  { collections }: Pick<TrainConfig['evaluate'], 'collections'>,
  { workingDirectory, signal }: Pick<WorkflowContext, 'workingDirectory' | 'signal'>,
): Promise<CollectionSurvey[]> {
  const surveys: CollectionSurvey[] = [];
  for (const other of collections)
    surveys.push(
      await surveyCollection(
        { ...other, path: resolveDataPath(other.path, workingDirectory), reading: resolveReading(other) },
        signal,
      ),
    );
  return surveys;
}

/** Warns of what the readers noticed, and compares the labels of the collections with the classes of the model. @throws COLLECTION_UNUSABLE */
export function checkLabels(
  surveys: readonly CollectionSurvey[],
  classNames: readonly string[],
  { say, warn }: Pick<WorkflowContext, 'say' | 'warn'>,
): void {
  for (const survey of surveys) {
    for (const note of survey.notes) warn(formatDatasetWarning(note), note);
    const { otherClasses, notInMap } = checkCollectionLabels(survey, classNames);
    if (otherClasses.length > 0)
      say(`${survey.name}: articles of other classes are left out: ${otherClasses.join(', ')}`);
    if (notInMap.length > 0)
      say(`${survey.name}: labels missing from its map are left out: ${notInMap.join(', ')}`);
  }
}
